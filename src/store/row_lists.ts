/**
 * Lists that may get very long: nothing is copied as they grow, and what is in
 * them is no burden for who collects garbage.
 *
 * @module
 */

import type { Entries, PendingDelivery } from "./consumer_contract.ts";

/** Rows of a page. */
const PAGE = 4096;

/** Pairs of numbers. */
export class PairList implements Entries<number> {
  #size = 0;
  readonly #pages: Float64Array[] = [];

  get size(): number {
    return this.#size;
  }

  add(first: number, second: number): void {
    const row = this.#size++ % PAGE;
    if (row === 0) this.#pages.push(new Float64Array(2 * PAGE));
    const page = this.#pages.at(-1) as Float64Array;
    page[2 * row] = first;
    page[2 * row + 1] = second;
  }

  *[Symbol.iterator](): Generator<[number, number], undefined> {
    for (let i = 0; i < this.#size; i++) {
      const page = this.#pages[Math.floor(i / PAGE)] as Float64Array;
      const at = 2 * (i % PAGE);
      yield [page[at] as number, page[at + 1] as number];
    }
  }
}

/** Deliveries by stream sequence. */
export class DeliveryList implements Entries<PendingDelivery> {
  /** Stream sequences and those of the consumer. */
  readonly #sequences = new PairList();
  readonly #times: BigInt64Array[] = [];

  get size(): number {
    return this.#sequences.size;
  }

  add(stream: number, { sequence, time }: PendingDelivery): void {
    const row = this.size % PAGE;
    if (row === 0) this.#times.push(new BigInt64Array(PAGE));
    (this.#times.at(-1) as BigInt64Array)[row] = time;
    this.#sequences.add(stream, sequence);
  }

  *[Symbol.iterator](): Generator<[number, PendingDelivery], undefined> {
    let row = 0;
    for (const [stream, sequence] of this.#sequences) {
      const page = this.#times[Math.floor(row / PAGE)] as BigInt64Array;
      yield [stream, { sequence, time: page[row++ % PAGE] as bigint }];
    }
  }
}
