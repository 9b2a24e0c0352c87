/**
 * Writes proven states back into the registry, leaving its text otherwise as
 * it is.
 *
 * @module
 */

import type { Area } from "./registry.ts";
import { isProven, type Verdict } from "./verdict.ts";

/** Text of an area's file in which open rows that are proven are closed. */
export function closeProvenRows(
  area: Area,
  text: string,
  verdict: Verdict,
): string {
  const proven = new Set(
    area.capabilities
      .filter(({ id, status }) =>
        status === "open" && isProven(verdict.proofs.get(id))
      )
      .map(({ id }) => id),
  );
  return text
    .split(/^(?=\[\[capability\]\])/m)
    .map((block) =>
      proven.has(idOf(block)) ? block.replace(OPEN, '$1"closed"') : block
    )
    .join("");
}

const OPEN = /^(status\s*=\s*)"open"/m;

function idOf(block: string): string {
  return block.match(/^id\s*=\s*"([^"]*)"/m)?.[1] ?? "";
}
