/**
 * The lint rule that keeps the platform behind the ports.
 *
 * @module
 */

import { boundNames } from "./bindings.ts";

const PORTS = "the ports (src/runtime/ports.ts)";

/** Globals that only `src/runtime/` may name, and what to use instead. */
const GLOBALS: ReadonlyMap<string, string> = new Map([
  ...each(["Deno", "navigator", "localStorage", "caches"], PORTS),
  ...each(["process"], "the Process port"),
  ...each(["console", "alert", "confirm", "prompt"], "the Logger"),
  ...each(
    ["setTimeout", "setInterval", "setImmediate"],
    "the Timers port",
  ),
  ...each(
    ["clearTimeout", "clearInterval", "clearImmediate"],
    "Timer.cancel()",
  ),
  ...each(["performance"], "the Clock port"),
  ...each(
    ["fetch", "WebSocket", "WebSocketStream", "EventSource"],
    "the Network port",
  ),
  ...each(["Worker", "BroadcastChannel"], "the Workers port"),
  ...each(["globalThis", "self", "window"], "the name itself"),
]);

/** Members of globals that are pure otherwise. */
const MEMBERS: ReadonlyMap<string, string> = new Map([
  ["Date.now", "the Clock port"],
  ["Math.random", "the Random port"],
  ["crypto.getRandomValues", "the Random port"],
  ["crypto.randomUUID", "the Random port"],
  // Its results arrive at real times, which a simulation can't replay.
  ["crypto.subtle", "node:crypto, which computes at once"],
  ["AbortSignal.timeout", "the Timers port"],
]);

/** Modules that compute and do nothing else. */
const PURE_MODULES = [
  "node:buffer",
  "node:crypto",
  "node:path",
  "node:path/posix",
  "node:util",
  "node:zlib",
];

/** What pure modules have that is not pure. */
const IMPURE_IMPORTS = [
  "randomBytes",
  "randomFill",
  "randomFillSync",
  "randomInt",
  "randomUUID",
  "getRandomValues",
  "webcrypto",
  // These two ask for the working directory.
  "relative",
  "resolve",
];

interface Use {
  readonly node: Deno.lint.Node;
  readonly name: string;
  readonly instead: string;
}

/** Reports uses of the platform in `src/` and `main.ts`, outside of the ports. */
export const platformRule: Deno.lint.Rule = {
  create(context) {
    if (!isGuarded(context.filename)) return {};
    const uses: Use[] = [];
    const declared = new Set<string>();
    return {
      Identifier: (node) => {
        const instead = GLOBALS.get(node.name);
        if (instead !== undefined && isReference(node)) {
          uses.push({ node, name: node.name, instead });
        }
      },
      MemberExpression: (node) => {
        if (node.object.type !== "Identifier") return;
        if (node.property.type !== "Identifier" || node.computed) return;
        const name = `${node.object.name}.${node.property.name}`;
        const instead = MEMBERS.get(name);
        if (instead !== undefined) uses.push({ node, name, instead });
      },
      "NewExpression, CallExpression": (
        node: Deno.lint.NewExpression | Deno.lint.CallExpression,
      ) => {
        if (!isCurrentDate(node)) return;
        const instead = "the Clock port";
        uses.push({ node, name: "Date()", instead });
      },
      ImportDeclaration: (node) => {
        for (const { name, instead } of impureImports(node)) {
          context.report({ node, message: message(name, instead) });
        }
        for (const { local } of node.specifiers) boundNames(local, declared);
      },
      VariableDeclarator: (node) => boundNames(node.id, declared),
      "FunctionDeclaration, FunctionExpression, ArrowFunctionExpression": (
        node: { params: unknown[]; id?: unknown },
      ) => {
        for (const each of [...node.params, node.id]) {
          boundNames(each, declared);
        }
      },
      ClassDeclaration: (node) => boundNames(node.id, declared),
      TSInterfaceDeclaration: (node) => boundNames(node.id, declared),
      TSTypeAliasDeclaration: (node) => boundNames(node.id, declared),
      "Program:exit": () => {
        for (const { node, name, instead } of uses) {
          if (declared.has(name)) continue;
          context.report({ node, message: message(name, instead) });
        }
      },
    };
  },
};

function isGuarded(filename: string): boolean {
  const path = filename.replaceAll("\\", "/");
  if (/\/(tests|src\/runtime|src\/std)\//.test(path)) return false;
  // The dashboard's modules run in browsers.
  if (/\/src\/monitor\/dashboard\/\w+\.js$/.test(path)) return false;
  return path.includes("/src/") || path.endsWith("/main.ts");
}

/** Whether an identifier stands for a variable, not for a member or a key. */
function isReference(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
      // In `{ name }` key and value are one; the value is visited as well.
      return parent.value === node || parent.computed;
    case "MethodDefinition":
    case "PropertyDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "TSEnumMember":
    case "ImportSpecifier":
    case "ExportSpecifier":
    case "TSAbstractMethodDefinition":
    case "TSAbstractPropertyDefinition":
    case "LabeledStatement":
      return false;
    case "TSQualifiedName":
      return parent.left === node;
    default:
      return true;
  }
}

function isCurrentDate(
  { type, callee, arguments: given }:
    | Deno.lint.NewExpression
    | Deno.lint.CallExpression,
): boolean {
  if (callee.type !== "Identifier" || callee.name !== "Date") return false;
  return type === "CallExpression" || given.length === 0;
}

function impureImports(
  { source, specifiers }: Deno.lint.ImportDeclaration,
): { name: string; instead: string }[] {
  const module = source.value;
  if (!module.startsWith("node:")) return [];
  if (!PURE_MODULES.includes(module)) return [{ name: module, instead: PORTS }];
  return specifiers.flatMap((specifier) => {
    if (specifier.type !== "ImportSpecifier") return [];
    const { imported } = specifier;
    const name = imported.type === "Identifier"
      ? imported.name
      : imported.value;
    return IMPURE_IMPORTS.includes(name)
      ? [{ name: `${name} of ${module}`, instead: PORTS }]
      : [];
  });
}

function message(name: string, instead: string): string {
  return `${name} belongs to the platform: use ${instead}`;
}

function each(names: string[], instead: string): [string, string][] {
  return names.map((name) => [name, instead]);
}
