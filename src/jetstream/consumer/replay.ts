/**
 * Delivers messages as far apart as they came in.
 *
 * @module
 */

/** Shorter gaps are not kept, milliseconds. */
const GAP_MIN = 1;
const NANOS_PER_MILLI = 1_000_000;

/** Until what was there at the beginning is delivered. Times are monotonic. */
export class Replay {
  /** Last sequence that this is for. */
  readonly until: number;
  #lastStored: bigint | null = null;
  #lastSent = 0;

  constructor(until: number) {
    this.until = until;
  }

  /** Milliseconds until a message that was stored then may be delivered. */
  delay(stored: bigint, now: number): number {
    if (this.#lastStored === null) return 0;
    const gap = Number(stored - this.#lastStored) / NANOS_PER_MILLI;
    return gap > GAP_MIN ? Math.max(0, this.#lastSent + gap - now) : 0;
  }

  /** A message that was stored then is delivered. */
  sent(stored: bigint, now: number): void {
    this.#lastStored = stored;
    this.#lastSent = now;
  }
}
