/**
 * Lint rules that find no faults: they report what the structure check wants
 * to know of every file, one JSON text per finding.
 *
 * @module
 */

/** What a file imports, or re-exports, from where. */
export interface ImportFact {
  readonly kind: "import";
  readonly specifier: string;
  /** Whether it leaves nothing behind in the program that runs. */
  readonly typeOnly: boolean;
}

/** A function; the finding's range tells its length. */
export interface FunctionFact {
  readonly kind: "function";
  readonly name: string;
}

export type Fact = ImportFact | FunctionFact;

const imports: Deno.lint.Rule = {
  create(context) {
    const report = (
      node: Deno.lint.Node,
      specifier: string,
      typeOnly: boolean,
    ) => {
      const fact: Fact = { kind: "import", specifier, typeOnly };
      context.report({ node, message: JSON.stringify(fact) });
    };
    return {
      ImportDeclaration: (node) => {
        const kinds = node.specifiers.map((each) =>
          each.type === "ImportSpecifier" ? each.importKind : "value"
        );
        const typeOnly = node.importKind === "type" ||
          (kinds.length > 0 && kinds.every((kind) => kind === "type"));
        report(node, node.source.value, typeOnly);
      },
      ExportAllDeclaration: (node) =>
        report(node, node.source.value, node.exportKind === "type"),
      ExportNamedDeclaration: (node) => {
        if (node.source === null) return;
        report(node, node.source.value, node.exportKind === "type");
      },
      ImportExpression: (node) => {
        if (node.source.type !== "Literal") return;
        report(node, String(node.source.value), false);
      },
    };
  },
};

const functions: Deno.lint.Rule = {
  create(context) {
    const report = (
      node:
        | Deno.lint.FunctionDeclaration
        | Deno.lint.FunctionExpression
        | Deno.lint.ArrowFunctionExpression,
    ) => {
      const fact: Fact = { kind: "function", name: nameOf(node) };
      context.report({ node, message: JSON.stringify(fact) });
    };
    return {
      FunctionDeclaration: report,
      FunctionExpression: report,
      ArrowFunctionExpression: report,
    };
  },
};

/** The name under which a function is known, as far as it has one. */
function nameOf(
  node:
    | Deno.lint.FunctionDeclaration
    | Deno.lint.FunctionExpression
    | Deno.lint.ArrowFunctionExpression,
): string {
  if ("id" in node && node.id) return node.id.name;
  const { parent } = node;
  switch (parent.type) {
    case "VariableDeclarator":
      return parent.id.type === "Identifier" ? parent.id.name : "";
    case "MethodDefinition":
    case "PropertyDefinition":
    case "Property":
      return keyOf(parent.key);
    case "CallExpression": {
      const [first] = parent.arguments;
      return first?.type === "Literal" ? String(first.value) : "";
    }
    default:
      return "";
  }
}

function keyOf(key: Deno.lint.Node): string {
  if (key.type === "Identifier") return key.name;
  return key.type === "PrivateIdentifier" ? `#${key.name}` : "";
}

export default {
  name: "facts",
  rules: { imports, functions },
} satisfies Deno.lint.Plugin;
