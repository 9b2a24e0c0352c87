/**
 * Lint rules about habits that no built-in rule covers.
 *
 * @module
 */

const LEFTOVER = /\b(TODO|FIXME|XXX|HACK)\b/;

/** Reports comments that put work off. */
export const leftoverRule: Deno.lint.Rule = {
  create(context) {
    return {
      "Program:exit": () => {
        for (const comment of context.sourceCode.getAllComments()) {
          const found = LEFTOVER.exec(comment.value)?.[0];
          if (found === undefined) continue;
          const { range } = comment;
          context.report({ range, message: `Leftover: ${found}` });
        }
      },
    };
  },
};

const RUNNERS = ["test", "capability", "step", "it", "describe", "bench"];
const SWITCHES = ["only", "ignore", "skip"];

/** Reports tests that are left out, and tests that leave out the others. */
export const skippedTestRule: Deno.lint.Rule = {
  create(context) {
    return {
      MemberExpression: (node) => {
        const { object, property } = node;
        if (property.type !== "Identifier" || node.computed) return;
        if (!SWITCHES.includes(property.name)) return;
        if (!RUNNERS.includes(lastName(object))) return;
        report(context, node, property.name);
      },
      CallExpression: (node) => {
        if (!RUNNERS.includes(lastName(node.callee))) return;
        for (const argument of node.arguments) {
          if (argument.type !== "ObjectExpression") continue;
          for (const property of argument.properties) {
            if (property.type !== "Property") continue;
            const { key, value } = property;
            if (key.type !== "Identifier" || !SWITCHES.includes(key.name)) {
              continue;
            }
            if (value.type === "Literal" && value.value === false) continue;
            report(context, property, key.name);
          }
        }
      },
    };
  },
};

/** Reports casts that switch the type checker off. */
export const doubleCastRule: Deno.lint.Rule = {
  create(context) {
    return {
      "TSAsExpression > TSAsExpression": (node: Deno.lint.TSAsExpression) => {
        context.report({
          node,
          message: "A cast of a cast hides a type error: narrow with a check",
        });
      },
    };
  },
};

/** Reports `private` and `protected` fields; constructors may be private. */
export const privateNameRule: Deno.lint.Rule = {
  create(context) {
    const check = (
      node: Deno.lint.MethodDefinition | Deno.lint.PropertyDefinition,
    ) => {
      const isConstructor = node.type === "MethodDefinition" &&
        node.kind === "constructor";
      if (node.accessibility !== "private" || isConstructor) return;
      context.report({ node, message: "Write #name instead of private name" });
    };
    return { MethodDefinition: check, PropertyDefinition: check };
  },
};

function report(
  context: Deno.lint.RuleContext,
  node: Deno.lint.Node,
  name: string,
): void {
  context.report({
    node,
    message: `"${name}" leaves tests out: repair or remove them`,
  });
}

/** `step` for both `step` and `t.step`. */
function lastName(node: Deno.lint.Node): string {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression") return "";
  return node.property.type === "Identifier" ? node.property.name : "";
}
