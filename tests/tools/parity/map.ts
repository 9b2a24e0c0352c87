/**
 * `docs/parity-map.md`: every capability and its state, area by area.
 *
 * @module
 */

import { type ClientSuite, renderClientSuites } from "./client_suites.ts";
import { document, GENERATED, table } from "./markdown.ts";
import type { Area, Capability, Status } from "./registry.ts";

const ORDER: readonly Status[] = ["closed", "partial", "deferred", "open"];

/** Renders the map. */
export function renderMap(
  areas: readonly Area[],
  goVersion: string,
  suites: readonly ClientSuite[] = [],
): string {
  const all = areas.flatMap((area) => area.capabilities);
  return document([
    "# Parity map",
    "",
    GENERATED,
    "",
    `Every capability of nats-server ${goVersion} and how far this server is with it: \`closed\` has a`,
    "passing test of the normal behaviour and one of an edge or failure; `partial` and `deferred` are",
    "explained in [differences.md](../differences.md); `open` is not proven yet.",
    "",
    ...table(
      ["Area", ...ORDER, "all"],
      [
        ...areas.map((
          area,
        ) => [`[${area.name}](#${area.name})`, ...counts(area.capabilities)]),
        ["all", ...counts(all)],
      ],
    ),
    ...renderClientSuites(suites),
    ...areas.flatMap(renderArea),
  ]);
}

function renderArea(area: Area): string[] {
  return [
    "",
    `## ${area.name}`,
    "",
    ...table(
      ["State", "Capability", "Row"],
      area.capabilities.map((
        { status, name, id },
      ) => [status, name, `\`${id}\``]),
    ),
  ];
}

/** Numbers of rows by state, in `ORDER`, then of all. */
function counts(capabilities: readonly Capability[]): string[] {
  const numbers = ORDER.map((state) =>
    capabilities.filter(({ status }) => status === state).length
  );
  return [...numbers, capabilities.length].map(String);
}
