/**
 * How many messages a consumer has before it.
 *
 * @module
 */

import type { Pending } from "../../../store/mod.ts";
import type { Tally } from "../../stream/contract.ts";

const NOTHING: Tally = { stored: 0 };

/** Counted once, then kept up. */
export class Backlog {
  /** Without what the tally has counted. */
  #count = 0;
  /** Last sequence that the count includes; means nothing while there is a tally. */
  #validThrough = 0;
  /** Counts what is stored, for this consumer and others. */
  #tally = NOTHING;

  get count(): number {
    return Math.max(0, this.#count + this.#tally.stored);
  }

  /** Begins with a count of the store's. Until it has a tally, it is to be told of all that is stored. */
  recount({ count, validThrough }: Pending): void {
    this.#count = count;
    this.#validThrough = validThrough;
    this.#tally = NOTHING;
  }

  /** So many more were counted of those that were there. */
  add(count: number): void {
    this.#count += count;
  }

  /**
   * A message that the consumer wants was stored; told by each filter of it.
   * @param tally includes it
   * @returns whether the tally counts from now on
   */
  stored(sequence: number, tally: Tally | null): boolean {
    if (sequence <= this.#validThrough) return false;
    this.#validThrough = sequence;
    this.#count++;
    if (tally === null) return false;
    this.#count += this.#tally.stored - tally.stored;
    this.#tally = tally;
    return true;
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
    return Math.max(0, Math.min(this.count, messages, last - next + 1));
  }

  /** All messages up to `last` have been passed. */
  exhausted(last: number): void {
    if (this.#count === -this.#tally.stored) return;
    this.#count = -this.#tally.stored;
    this.#validThrough = last;
  }
}
