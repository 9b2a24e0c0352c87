/**
 * The chart of ratios, as SVG.
 *
 * @module
 */

import { ratioOf, type Row } from "./results.ts";

const LABEL_WIDTH = 150;
const CHART_WIDTH = 560;
const ROW_HEIGHT = 20;
const BAR_HEIGHT = 13;
const TOP = 46;
const BOTTOM = 16;

/** Horizontal bars of ours/Go, with a line where both are equal. */
export function ratioChart(title: string, rows: readonly Row[]): string {
  const bars = rows.map((row) => ({ label: row.label, ratio: ratioOf(row) }))
    .filter(({ ratio }) => Number.isFinite(ratio));
  const most = Math.max(2, ...bars.map(({ ratio }) => ratio)) * 1.1;
  const x = (ratio: number) => LABEL_WIDTH + ratio / most * CHART_WIDTH;
  const width = LABEL_WIDTH + CHART_WIDTH + 20;
  const bottom = TOP + bars.length * ROW_HEIGHT;
  const marks = Array.from({ length: Math.floor(most) }, (_, i) => i + 1)
    .filter((mark) => most < 12 || mark === 1 || mark % 5 === 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${
      bottom + BOTTOM
    }" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="10" y="18" font-size="14" font-weight="bold">${
      escaped(title)
    }</text>`,
    ...marks.map((mark) => gridLine(x(mark), mark, bottom)),
    ...bars.map((bar, i) => barOf(bar, TOP + i * ROW_HEIGHT, x)),
    "</svg>",
    "",
  ].join("\n");
}

function gridLine(x: number, mark: number, bottom: number): string {
  const colour = mark === 1 ? "#333" : "#ccc";
  return `<line x1="${fixed(x)}" x2="${fixed(x)}" y1="${
    TOP - 6
  }" y2="${bottom}" stroke="${colour}"/><text x="${fixed(x)}" y="${
    TOP - 10
  }" text-anchor="middle" fill="#333">${mark}×</text>`;
}

function barOf(
  bar: { label: string; ratio: number },
  y: number,
  x: (ratio: number) => number,
): string {
  const middle = y + BAR_HEIGHT - 2;
  const length = x(bar.ratio) - LABEL_WIDTH;
  const colour = bar.ratio >= 1 ? "#2f7d5b" : "#b5543c";
  return `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${
    escaped(bar.label)
  }</text><rect x="${LABEL_WIDTH}" y="${y}" width="${
    fixed(length)
  }" height="${BAR_HEIGHT}" fill="${colour}"/><text x="${
    fixed(LABEL_WIDTH + length + 4)
  }" y="${middle}">${bar.ratio.toFixed(2)}</text>`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
