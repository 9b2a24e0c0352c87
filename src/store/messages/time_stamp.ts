/**
 * Times of messages: nanoseconds in two words, so that most messages do
 * without big integers.
 *
 * @module
 */

import type { Clock } from "../../runtime/mod.ts";

const TWO_32 = 0x1_0000_0000;
const LOWER_HALF = 0xffff_ffffn;

/** A time that can be set to now again and again. */
export class TimeStamp {
  /** Upper half of the nanoseconds since 1970, signed. */
  high = 0;
  /** Lower half, unsigned. */
  low = 0;

  get isZero(): boolean {
    return this.high === 0 && this.low === 0;
  }

  get nanos(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  set nanos(time: bigint) {
    this.high = Number(BigInt.asIntN(32, time >> 32n));
    this.low = Number(BigInt.asUintN(32, time));
  }

  copy(other: TimeStamp): void {
    this.high = other.high;
    this.low = other.low;
  }

  /**
   * Goes on to now, and by one nanosecond at least: each message of a stream
   * has a time of its own, whatever the clock does.
   */
  advance(clock: Pick<Clock, "nowNanos">): void {
    const now = clock.nowNanos();
    const high = Number(now >> 32n);
    const low = Number(now & LOWER_HALF);
    if (high > this.high || (high === this.high && low > this.low)) {
      this.high = high;
      this.low = low;
    } else this.step();
  }

  /** Goes on by one nanosecond. */
  step(): void {
    if (++this.low < TWO_32) return;
    this.low = 0;
    this.high++;
  }
}
