/**
 * Removes many messages at once.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import { ApiError } from "../errors.ts";
import type { Stream } from "./stream.ts";

/** What to purge; nothing given means everything. */
export interface PurgeOptions {
  /** Byte string; empty: all subjects. */
  readonly filter?: string;
  /** Only below this sequence; 0: no bound. */
  readonly sequence?: number;
  /** How many of the last are kept; 0: none. */
  readonly keep?: number;
}

/** Purges a stream and tells its index. */
export class Purger {
  readonly #stream: Stream;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /**
   * All at once. @returns messages removed
   * @throws ApiError streamSealed
   */
  purge(options: PurgeOptions): number {
    return finish(this.purging(options));
  }

  /** The same, step by step. */
  *purging(
    { filter = "", sequence = 0, keep = 0 }: PurgeOptions,
  ): Work<number> {
    const { store, config, index, toil } = this.#stream;
    if (config.sealed) {
      throw new ApiError("streamPurgeFailed", { err: "sealed stream" });
    }
    this.#stream.copies.keep();
    const all = filter === "" || filter === ">";
    // "Below 1" is nothing, not everything.
    const purged = sequence === 1
      ? 0
      : all
      ? yield* this.#purgingAll(sequence, keep)
      : yield* store.purgingMatching(
        SubjectFilter.of(filter),
        sequence,
        keep,
      );
    if (index.size === 0) return purged;
    yield* toil.telling();
    const { firstSequence: first, lastSequence: last } = store;
    const firstOfSubject = filter === ""
      ? first
      : yield* store.findingFirst(SubjectFilter.of(filter), first);
    yield* index.purged(filter, { first, firstOfSubject, last });
    return purged;
  }

  *#purgingAll(sequence: number, keep: number): Work<number> {
    const { store } = this.#stream;
    if (sequence === 0 && keep === 0) return store.purge();
    return sequence > 1
      ? yield* store.compacting(sequence)
      : yield* store.purgingMatching(SubjectFilter.ALL, 0, keep);
  }
}
