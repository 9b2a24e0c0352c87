/**
 * How many messages a consumer has before it.
 *
 * @module
 */

import type { Pending } from "../../../store/mod.ts";

/** Counted once, then kept up. */
export class Backlog {
  #count = 0;
  /** Last sequence that the count includes. */
  #validThrough = 0;

  get count(): number {
    return Math.max(0, this.#count);
  }

  /** Begins with a count of the store's. */
  recount({ count, validThrough }: Pending): void {
    this.#count = count;
    this.#validThrough = validThrough;
  }

  /** So many more were counted of those that were there. */
  add(count: number): void {
    this.#count += count;
  }

  /** A message that the consumer wants was stored; told by each filter of it. */
  stored(sequence: number): void {
    if (sequence <= this.#validThrough) return;
    this.#validThrough = sequence;
    this.#count++;
  }

  /** A message has gone out for the first time, or was removed before it could. */
  passed(): void {
    this.#count--;
  }

  /** Messages will be passed again. */
  returned(messages: number): void {
    this.#count += messages;
  }

  /**
   * The count, held within what there can be: of what has gone the consumer
   * may not have heard yet.
   * @param next next sequence that the consumer looks at
   * @param last last one of the stream
   * @param messages messages in the stream
   */
  within(next: number, last: number, messages: number): number {
    return Math.max(0, Math.min(this.#count, messages, last - next + 1));
  }

  /** All messages up to `last` have been passed. */
  exhausted(last: number): void {
    if (this.#count === 0) return;
    this.#count = 0;
    this.#validThrough = last;
  }
}
