/**
 * At most so many TLS handshakes a second.
 *
 * @module
 */

import type { Logger } from "../log/mod.ts";
import type { Clock } from "../runtime/mod.ts";

const WINDOW = 1000;

/** Counts in windows of one second. */
export class HandshakeLimit {
  readonly #limit: number;
  readonly #clock: Clock;
  #windowEnd = 0;
  #admitted = 0;
  #rejected = 0;

  /** @param limit handshakes a second; 0 is unlimited */
  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Whether one more may start now. */
  admit(): boolean {
    if (this.#limit <= 0) return true;
    const now = this.#clock.monotonic();
    if (now >= this.#windowEnd) {
      this.#windowEnd = now + WINDOW;
      this.#admitted = 0;
    }
    if (this.#admitted < this.#limit) {
      this.#admitted++;
      return true;
    }
    this.#rejected++;
    return false;
  }

  /** Logs what was rejected since the last report. */
  report(logger: Logger): void {
    if (this.#rejected === 0) return;
    logger.warn(
      `Rejected ${this.#rejected} connections due to TLS rate limiting`,
    );
    this.#rejected = 0;
  }
}
