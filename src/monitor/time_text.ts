/**
 * Durations as monitoring shows them.
 *
 * @module
 */

/** Go's longest duration, milliseconds. */
const LONGEST = 2 ** 63 / 1e6;

/** Time passed, to the second: `1y2d3h4m5s` without the units that lead with 0. */
export function formatUptime(milliseconds: number): string {
  const passed = Math.min(Math.max(0, milliseconds), LONGEST);
  const total = Math.trunc(passed / 1000);
  const minutes = Math.trunc(total / 60);
  const hours = Math.trunc(minutes / 60);
  const days = Math.trunc(hours / 24);
  const years = Math.trunc(days / 365);
  const parts = [
    [years, `${years}y`],
    [days, `${days % 365}d`],
    [hours, `${hours % 24}h`],
    [minutes, `${minutes % 60}m`],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([, text]) => text);
  return `${shown.join("")}${total % 60}s`;
}

/** Milliseconds as whole nanoseconds. */
export function nanoseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6);
}
