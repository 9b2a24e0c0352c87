/**
 * `differences.md`: for users, what differs from the Go server and why.
 *
 * @module
 */

import { parse } from "@std/toml";
import { document, GENERATED } from "./markdown.ts";
import { type Area, type Capability, requiredText } from "./registry.ts";

/** A difference that is no row of the registry, from `docs/parity/differences.toml`. */
export interface GeneralDifference {
  readonly title: string;
  /** What differs, and what it means for users. */
  readonly difference: string;
  readonly blocker: string;
  readonly evidence: string;
}

/** Reads the hand-written entries, `[[difference]]`. @throws Error when a field is missing */
export function parseDifferences(text: string): GeneralDifference[] {
  const entries = parse(text)["difference"] ?? [];
  if (!Array.isArray(entries)) {
    throw new Error("differences.toml: [[difference]] must be a list");
  }
  return entries.map((entry: Readonly<Record<string, unknown>>, index) => {
    const where = `differences.toml, entry ${index + 1}`;
    return {
      title: requiredText(entry, "title", where),
      difference: requiredText(entry, "difference", where),
      blocker: requiredText(entry, "blocker", where),
      evidence: requiredText(entry, "evidence", where),
    };
  });
}

/** Renders the document. */
export function renderDifferences(
  areas: readonly Area[],
  general: readonly GeneralDifference[],
  goVersion: string,
): string {
  return document([
    "# Differences from the Go server",
    "",
    GENERATED,
    "",
    `Measured against nats-server ${goVersion}. Each entry says what differs, what is in the way, and what`,
    "shows it. The state of every single capability is in [docs/parity-map.md](docs/parity-map.md).",
    ...renderGeneral(general),
    ...areas.flatMap(renderArea),
    ...renderOpen(areas),
  ]);
}

function renderGeneral(general: readonly GeneralDifference[]): string[] {
  if (general.length === 0) return [];
  return [
    "",
    "## In general",
    ...general.flatMap(({ title, difference, blocker, evidence }) => [
      "",
      `### ${title}`,
      "",
      difference,
      "",
      ...renderReasons(blocker, evidence),
    ]),
  ];
}

function renderArea(area: Area): string[] {
  const different = area.capabilities.filter(({ status }) =>
    status === "partial" || status === "deferred"
  );
  if (different.length === 0) return [];
  return ["", `## ${area.name}`, ...different.flatMap(renderCapability)];
}

function renderCapability(capability: Capability): string[] {
  const {
    id,
    name,
    status,
    contract,
    difference,
    blocker = "",
    evidence = "",
  } = capability;
  const state = status === "partial" ? "Works in part." : "Does not work.";
  return [
    "",
    `### ${name} (\`${id}\`)`,
    "",
    difference === undefined ? state : `${state} ${difference}`,
    "",
    ...contract === "" ? [] : [`- The Go server: ${contract}`],
    ...renderReasons(blocker, evidence),
  ];
}

function renderReasons(blocker: string, evidence: string): string[] {
  return [`- In the way: ${blocker}`, `- Evidence: ${evidence}`];
}

/** What is not proven is no promise; users must be able to see how much that is. */
function renderOpen(areas: readonly Area[]): string[] {
  const open = areas
    .map(({ name, capabilities }) => ({
      name,
      number: capabilities.filter(({ status }) => status === "open").length,
    }))
    .filter(({ number }) => number > 0);
  if (open.length === 0) return [];
  return [
    "",
    "## Not proven yet",
    "",
    "Capabilities that no pair of passing tests proves yet, by area:",
    "",
    ...open.map(({ name, number }) => `- ${name}: ${number}`),
  ];
}
