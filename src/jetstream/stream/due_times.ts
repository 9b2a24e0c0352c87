/**
 * What is due when, the earliest first.
 *
 * @module
 */

/** Something that is due. */
export interface Due {
  /** Nanoseconds since the epoch. */
  readonly at: bigint;
  readonly subject: string;
  readonly sequence: number;
}

/** A binary heap; what was taken back stays in it until its time comes. */
export class DueTimes {
  readonly #heap: Due[] = [];

  get first(): Due | undefined {
    return this.#heap[0];
  }

  add(due: Due): void {
    this.#heap.push(due);
    for (let i = this.#heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (this.#at(parent).at <= this.#at(i).at) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Takes out the earliest. */
  shift(): Due | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    this.#sink();
    return first;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #sink(): void {
    const { length } = this.#heap;
    for (let i = 0;;) {
      const left = 2 * i + 1;
      if (left >= length) return;
      const right = left + 1;
      const child = right < length && this.#at(right).at < this.#at(left).at
        ? right
        : left;
      if (this.#at(i).at <= this.#at(child).at) return;
      this.#swap(i, child);
      i = child;
    }
  }

  #at(index: number): Due {
    return this.#heap[index] as Due;
  }

  #swap(a: number, b: number): void {
    const kept = this.#at(a);
    this.#heap[a] = this.#at(b);
    this.#heap[b] = kept;
  }
}
