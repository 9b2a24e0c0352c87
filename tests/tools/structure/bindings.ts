/**
 * Names that a file declares itself.
 *
 * @module
 */

/** Any node of the syntax tree, seen from its type alone. */
interface AnyNode {
  readonly type: string;
}

/** Collects the names that a pattern binds: `{ a, b: [c = 1], ...d }`. */
export function boundNames(pattern: unknown, names: Set<string>): void {
  if (!isNode(pattern)) return;
  switch (pattern.type) {
    case "Identifier":
      names.add(textOf(pattern, "name"));
      return;
    case "ObjectPattern":
      for (const property of listOf(pattern, "properties")) {
        boundNames(childOf(property, "value") ?? property, names);
      }
      return;
    case "ArrayPattern":
      for (const element of listOf(pattern, "elements")) {
        boundNames(element, names);
      }
      return;
    case "AssignmentPattern":
      return boundNames(childOf(pattern, "left"), names);
    case "RestElement":
      return boundNames(childOf(pattern, "argument"), names);
    case "TSParameterProperty":
      return boundNames(childOf(pattern, "parameter"), names);
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value;
}

function childOf(node: unknown, key: string): unknown {
  return isNode(node) ? Reflect.get(node, key) : undefined;
}

function listOf(node: unknown, key: string): unknown[] {
  const list = childOf(node, key);
  return Array.isArray(list) ? list : [];
}

function textOf(node: unknown, key: string): string {
  return String(childOf(node, key));
}
