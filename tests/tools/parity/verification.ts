/**
 * `docs/parity-verification.md`: which tests proved which row.
 *
 * @module
 */

import { withoutClaims } from "./claims.ts";
import type { TestResult } from "./junit.ts";
import { document, GENERATED } from "./markdown.ts";
import type { Area, Capability } from "./registry.ts";
import type { Proof, Verdict } from "./verdict.ts";

/** The run of the tests that compare with, or run beside, the Go server. */
const AGAINST_GO = "interop";

/** Renders the record; rows without any passing test are left out. */
export function renderVerification(
  areas: readonly Area[],
  verdict: Verdict,
  goVersion: string,
): string {
  return document([
    "# Parity verification",
    "",
    GENERATED,
    "",
    "The passing tests of the last runs, by the row that they prove: `+` a test of the normal behaviour,",
    `\`!\` one of an edge or failure. Those of the run \`${AGAINST_GO}\` had the Go server ${goVersion} as judge or peer.`,
    ...areas.flatMap((area) => renderArea(area, verdict)),
  ]);
}

function renderArea(area: Area, verdict: Verdict): string[] {
  const rows = area.capabilities.flatMap((capability) =>
    renderRow(capability, verdict.proofs.get(capability.id))
  );
  return rows.length === 0 ? [] : ["", `## ${area.name}`, ...rows];
}

function renderRow(
  { id, name }: Capability,
  proof: Proof | undefined,
): string[] {
  const tests = [
    ...(proof?.positive ?? []).map((test) => renderTest("+", test)),
    ...(proof?.edge ?? []).map((test) => renderTest("!", test)),
  ];
  return tests.length === 0
    ? []
    : ["", `### ${name} (\`${id}\`)`, "", ...tests];
}

function renderTest(sign: string, { run, name }: TestResult): string {
  return `- \`${sign}\` ${run}: ${
    withoutClaims(name).replace(/([*_<>`[\]\\])/g, "\\$1")
  }`;
}
