/**
 * Results as text tables, as Markdown and as JSON.
 *
 * @module
 */

import { medianOf, ratioOf, type Results, type Row } from "./results.ts";
import type { Table } from "./scenario.ts";

const TITLES: Readonly<Record<Table, string>> = {
  throughput:
    "Messages per second (delivered; published where nobody receives)",
  cpu: "CPU time of the server per message",
  generator: "CPU time of the load generator",
  latency: "Latency and connections",
  footprint: "Memory and start-up",
};

/** Tables that a report holds, in order. */
const TABLES = Object.keys(TITLES) as Table[];

/** All tables as aligned text. */
export function textReport(
  results: Results,
  servers: readonly string[],
): string {
  return TABLES.flatMap((table) => {
    const lines = tableLines(results.rows(table), servers);
    if (lines.length === 1) return [];
    return [`\n${TITLES[table]}`, ...align(lines)];
  }).join("\n");
}

/** All tables as Markdown, each under a heading. */
export function markdownReport(
  results: Results,
  servers: readonly string[],
): string {
  return TABLES.flatMap((table) => {
    const lines = tableLines(results.rows(table), servers);
    const [head, ...body] = lines;
    if (head === undefined || body.length === 0) return [];
    const rule = head.map((_, i) => i === 0 ? "---" : "--:");
    return [
      `## ${TITLES[table]}`,
      "",
      ...[head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`),
      "",
    ];
  }).join("\n");
}

/** Medians, ratios and the values of all runs. */
export function jsonReport(results: Results): string {
  return JSON.stringify(
    results.all.map((row) => ({
      table: row.table,
      label: row.label,
      unit: row.unit,
      moreIsBetter: row.moreIsBetter,
      medians: Object.fromEntries(
        [...row.values.keys()].map((server) => [server, medianOf(row, server)]),
      ),
      ratio: ratioOf(row),
      runs: Object.fromEntries(row.values),
    })),
    null,
    2,
  );
}

function tableLines(
  rows: readonly Row[],
  servers: readonly string[],
): string[][] {
  return [
    ["", ...servers, "ours/Go", "better"],
    ...rows.map((row) => [
      row.label,
      ...servers.map((server) => withUnit(medianOf(row, server), row.unit)),
      Number.isNaN(ratioOf(row)) ? "–" : ratioOf(row).toFixed(2),
      row.moreIsBetter ? "more" : "less",
    ]),
  ];
}

/** A value with three significant digits, large ones in thousands or millions. */
export function withUnit(value: number, unit: string): string {
  if (Number.isNaN(value)) return "–";
  const [scaled, prefix] = value >= 1e6
    ? [value / 1e6, "M "]
    : value >= 1e4
    ? [value / 1e3, "k "]
    : [value, ""];
  const decimals = scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${scaled.toFixed(decimals)} ${prefix}${unit}`;
}

function align(lines: readonly string[][]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0))
  );
  return lines.map((cells) =>
    cells.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)
    ).join("  ")
  );
}
