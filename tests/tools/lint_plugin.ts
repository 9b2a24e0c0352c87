/**
 * The project's own lint rules; `deno.json` loads them.
 *
 * @module
 */

import {
  doubleCastRule,
  leftoverRule,
  privateNameRule,
  skippedTestRule,
} from "./structure/habit_rules.ts";
import { platformRule } from "./structure/platform_rule.ts";

export default {
  name: "house",
  rules: {
    "no-platform": platformRule,
    "no-leftovers": leftoverRule,
    "no-skipped-tests": skippedTestRule,
    "no-double-cast": doubleCastRule,
    "hash-private": privateNameRule,
  },
} satisfies Deno.lint.Plugin;
