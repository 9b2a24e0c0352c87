/**
 * Which message expires next, of those with a time of their own to live.
 *
 * @module
 */

const FIRST_SIZE = 16;

/**
 * A heap in typed arrays, 16 bytes per message. Messages that are removed
 * otherwise stay in it until their time comes or {@linkcode sweep} finds them.
 */
export class ExpiryQueue {
  #sequences = new Float64Array(FIRST_SIZE);
  /** Nanoseconds since 1970; whole milliseconds and the rest would not do. */
  #times = new BigInt64Array(FIRST_SIZE);
  #size = 0;
  /** Size at which it is swept next. */
  #sweepAt = 1024;

  get size(): number {
    return this.#size;
  }

  /** When the first expires; null: never. */
  get next(): bigint | null {
    return this.#size === 0 ? null : this.#times[0] ?? null;
  }

  /** The message that expires first; 0: none. */
  get sequence(): number {
    return this.#size === 0 ? 0 : this.#sequences[0] ?? 0;
  }

  /** Whether so many were added that removed ones should be looked for. */
  get crowded(): boolean {
    return this.#size >= this.#sweepAt;
  }

  add(sequence: number, time: bigint): void {
    if (this.#size === this.#sequences.length) this.#grow();
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#times[parent] ?? 0n) <= time) break;
      this.#sequences[at] = this.#sequences[parent] ?? 0;
      this.#times[at] = this.#times[parent] ?? 0n;
      at = parent;
    }
    this.#sequences[at] = sequence;
    this.#times[at] = time;
  }

  /** Takes out the first. */
  shift(): void {
    const last = --this.#size;
    if (last > 0) {
      this.#sink(0, this.#sequences[last] ?? 0, this.#times[last] ?? 0n);
    }
  }

  /** Drops all for which `keep` is false. */
  sweep(keep: (sequence: number) => boolean): void {
    const size = this.#size;
    let kept = 0;
    for (let i = 0; i < size; i++) {
      const sequence = this.#sequences[i] ?? 0;
      if (!keep(sequence)) continue;
      this.#sequences[kept] = sequence;
      this.#times[kept++] = this.#times[i] ?? 0n;
    }
    this.#size = kept;
    for (let i = (kept >> 1) - 1; i >= 0; i--) {
      this.#sink(i, this.#sequences[i] ?? 0, this.#times[i] ?? 0n);
    }
    this.#sweepAt = Math.max(1024, 2 * kept);
  }

  /** All that are in it, in no order. */
  *entries(): Iterable<{ readonly sequence: number; readonly time: bigint }> {
    for (let i = 0; i < this.#size; i++) {
      yield { sequence: this.#sequences[i] ?? 0, time: this.#times[i] ?? 0n };
    }
  }

  clear(): void {
    this.#size = 0;
  }

  #sink(at: number, sequence: number, time: bigint): void {
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      const right = child + 1;
      if (
        right < this.#size &&
        (this.#times[right] ?? 0n) < (this.#times[child] ?? 0n)
      ) child = right;
      if ((this.#times[child] ?? 0n) >= time) break;
      this.#sequences[at] = this.#sequences[child] ?? 0;
      this.#times[at] = this.#times[child] ?? 0n;
      at = child;
    }
    this.#sequences[at] = sequence;
    this.#times[at] = time;
  }

  #grow(): void {
    const sequences = new Float64Array(2 * this.#size);
    sequences.set(this.#sequences);
    this.#sequences = sequences;
    const times = new BigInt64Array(2 * this.#size);
    times.set(this.#times);
    this.#times = times;
  }
}
