/**
 * Times and durations as monitoring shows them.
 *
 * @module
 */

/** RFC 3339 in UTC with nanoseconds, without trailing zeros. */
export function formatNanos(nanos: bigint): string {
  const billion = 1_000_000_000n;
  const rest = ((nanos % billion) + billion) % billion;
  const seconds = Number((nanos - rest) / billion);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = rest.toString().padStart(9, "0").replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** The same for milliseconds since the epoch, which may have a fraction. */
export function formatTime(at: number): string {
  return formatNanos(BigInt(Math.round(at * 1000)) * 1000n);
}

/** Time passed, to the second: `1y2d3h4m5s` without the units that lead with 0. */
export function formatUptime(milliseconds: number): string {
  const total = Math.max(0, Math.trunc(milliseconds / 1000));
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
