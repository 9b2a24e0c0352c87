/**
 * Times as JSON shows them: RFC 3339 with as many digits as are needed.
 *
 * @module
 */

const BILLION = 1_000_000_000n;
const NANOS_PER_MINUTE = 60n * BILLION;

/** Tells how far local time is ahead of UTC. */
export interface LocalClock {
  /** Minutes, at wall time `at` (milliseconds). */
  utcOffset(at: number): number;
}

/**
 * Nanoseconds since the Unix epoch as text.
 * @param offset minutes that the time shown is ahead of UTC
 */
export function formatNanos(nanos: bigint, offset = 0): string {
  const shown = nanos + BigInt(offset) * NANOS_PER_MINUTE;
  const rest = ((shown % BILLION) + BILLION) % BILLION;
  const seconds = Number((shown - rest) / BILLION);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const digits = rest.toString().padStart(9, "0").replace(/0+$/, "");
  return `${whole}${digits === "" ? "" : `.${digits}`}${zone(offset)}`;
}

/** The same for milliseconds since the epoch, which may have a fraction. */
export function formatTime(at: number, offset = 0): string {
  return formatNanos(BigInt(Math.round(at * 1000)) * 1000n, offset);
}

/** Milliseconds since the epoch in local time, as the Go server shows some times. */
export function formatLocalTime(at: number, clock: LocalClock): string {
  return formatTime(at, clock.utcOffset(at));
}

/** Nanoseconds since the epoch in local time. */
export function formatLocalNanos(nanos: bigint, clock: LocalClock): string {
  return formatNanos(nanos, clock.utcOffset(Number(nanos / 1_000_000n)));
}

function zone(offset: number): string {
  if (offset === 0) return "Z";
  const size = Math.abs(offset);
  const two = (value: number) => String(value).padStart(2, "0");
  const sign = offset < 0 ? "-" : "+";
  return `${sign}${two(Math.trunc(size / 60))}:${two(size % 60)}`;
}
