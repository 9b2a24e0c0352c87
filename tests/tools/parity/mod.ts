/**
 * The parity gate: joins the registry of capabilities (`docs/parity/*.toml`)
 * with the results of the last test runs (`.cache/junit/*.xml`) and writes
 * down what is proven and what differs. Everything but `main.ts` is pure.
 *
 * @module
 */

export { claimsOf, type RowClaims } from "./claims.ts";
export {
  type ClientSuite,
  parseClientSuites,
  renderClientSuites,
  unaccounted,
} from "./client_suites.ts";
export { parseDifferences, renderDifferences } from "./differences.ts";
export { parseJUnit, type TestResult } from "./junit.ts";
export { renderMap } from "./map.ts";
export {
  type Area,
  type Capability,
  parseArea,
  type Status,
} from "./registry.ts";
export { closeProvenRows } from "./status.ts";
export { renderVerification } from "./verification.ts";
export { judge, type Proof, type Verdict } from "./verdict.ts";
