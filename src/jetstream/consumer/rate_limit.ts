/**
 * How many bytes may be sent in a time.
 *
 * @module
 */

/** A bucket that is full at the beginning. Times are monotonic milliseconds. */
export class RateLimit {
  /** Bytes in a millisecond. */
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filled: number;

  /** @param bits bits a second @param burst bytes that may go out at once */
  constructor(bits: number, burst: number, now: number) {
    this.#rate = Math.floor(bits / 8) / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filled = now;
  }

  /** Milliseconds until `size` bytes may be sent. */
  delay(size: number, now: number): number {
    this.#fill(now);
    const missing = Math.min(size, this.#burst) - this.#tokens;
    return missing <= 0 ? 0 : missing / this.#rate;
  }

  /** `size` bytes are sent. */
  take(size: number): void {
    this.#tokens -= size;
  }

  #fill(now: number): void {
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + (now - this.#filled) * this.#rate,
    );
    this.#filled = now;
  }
}
