/**
 * Times as JSON shows them: RFC 3339 with as many digits as are needed.
 *
 * @module
 */

import { writeByteString, writeDigits } from "./bytes.ts";

const BILLION = 1_000_000_000n;
const NANOS_PER_MINUTE = 60n * BILLION;
const NANOS_PER_SECOND = 1_000_000_000;

const TWO_32 = 0x1_0000_0000;
const DOT = 0x2e;
const ZERO = 0x30;
const ZULU = 0x5a;

/** Bytes of the longest time in UTC, in the years with four digits. */
export const TIME_SIZE = 30;

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
  const shown = offset === 0
    ? nanos
    : nanos + BigInt(offset) * NANOS_PER_MINUTE;
  let seconds = Number(shown / BILLION);
  let rest = Number(shown % BILLION);
  if (rest < 0) {
    seconds--;
    rest += NANOS_PER_SECOND;
  }
  return secondText(seconds) + fraction(rest) + zone(offset);
}

/**
 * Writes a time in UTC as {@linkcode formatNanos} words it; returns the position
 * after it. Without big integers, which cost more than all the rest.
 *
 * @param high upper half of the nanoseconds since the Unix epoch, signed
 * @param low lower half
 */
export function writeTime(
  target: Uint8Array,
  at: number,
  high: number,
  low: number,
): number {
  // At most one off, as it is rounded; the lower words tell.
  let seconds = Math.floor((high * TWO_32 + low) / NANOS_PER_SECOND);
  let rest = (low - Math.imul(seconds, NANOS_PER_SECOND)) | 0;
  if (rest < 0) {
    seconds--;
    rest += NANOS_PER_SECOND;
  } else if (rest >= NANOS_PER_SECOND) {
    seconds++;
    rest -= NANOS_PER_SECOND;
  }
  let end = writeByteString(target, at, secondText(seconds));
  if (rest > 0) {
    target[end] = DOT;
    end = writeDigits(target, end + 1, rest, 9);
    while (target[end - 1] === ZERO) end--;
  }
  target[end] = ZULU;
  return end + 1;
}

/** The last second that was written: times that are told tend to be close. */
let lastSecond = NaN;
let lastText = "";

/** Date and time of a second since the epoch. */
function secondText(second: number): string {
  if (second === lastSecond) return lastText;
  lastText = new Date(second * 1000).toISOString().slice(0, 19);
  lastSecond = second;
  return lastText;
}

/** Nanoseconds as a fraction of a second, without zeros at its end. */
function fraction(nanos: number): string {
  if (nanos === 0) return "";
  // The billion keeps the zeros in front.
  const digits = String(NANOS_PER_SECOND + nanos).slice(1);
  return `.${nanos % 10 === 0 ? digits.replace(/0+$/, "") : digits}`;
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
