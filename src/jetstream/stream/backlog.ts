/**
 * What waits to come into a stream.
 *
 * @module
 */

import { inSlices, type Work } from "../../connection/mod.ts";
import { Chunk, EMPTY_CHUNK, type Message } from "../../protocol/mod.ts";
import type { Stream } from "./stream.ts";

/** What is done of it when something comes: two for one, so that it comes to an end. */
const AT_A_TIME = 2;
/** Entries that are done are let go together. */
const DONE_MAX = 1024;
/** Messages are copied into chunks of so many bytes, or larger ones alone. */
const CHUNK_SIZE = 64 * 1024;

/**
 * While a large rollup is under way, all that is to be stored waits here: what
 * comes behind it is to find the stream as if it had been done at once. In Go
 * the queue in front of each stream grows meanwhile; the same limits bound what
 * clients have in this one (`Intake`).
 */
export class Backlog {
  /** Whether what comes has to wait; looked at for every message. */
  isWaiting = false;
  readonly #stream: Stream;
  #isHeld = false;
  /** In order; those before `#next` are done. */
  #actions: ((() => void) | null)[] = [];
  #next = 0;
  /** Where copies go, and how much of it is used. */
  #chunk: Chunk = EMPTY_CHUNK;
  #end = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** From now on everything waits. */
  hold(): void {
    this.isWaiting = true;
    this.#isHeld = true;
  }

  /**
   * It goes on, but not before all who read the stream had a turn: under a
   * steady stream of rollups they would never have one.
   */
  release(): void {
    const { rollups, host } = this.#stream;
    const { flushQueue } = host;
    flushQueue.later(() =>
      flushQueue.later(() => {
        this.#isHeld = rollups.isBusy;
        void inSlices(this.#working(), host);
      })
    );
  }

  /** Does something that stores messages: now, or behind what waits. */
  enter(action: () => void): void {
    if (this.isWaiting) this.push(action);
    else action();
  }

  /** The same while something waits. */
  push(action: () => void): void {
    this.#actions.push(action);
    for (let i = 0; i < AT_A_TIME; i++) this.#doNext();
  }

  /** A copy of a message, to be kept while it waits. */
  copy(message: Message): Message {
    const { copySize } = message;
    if (this.#end + copySize > this.#chunk.size) {
      this.#chunk = new Chunk(Math.max(CHUNK_SIZE, copySize));
      this.#end = 0;
    }
    const copy = message.copy(this.#chunk, this.#end);
    this.#end += copySize;
    return copy;
  }

  /** The stream has ended: nobody is told of what has not come in. */
  clear(): void {
    this.#actions = [];
    this.#next = 0;
    this.#chunk = EMPTY_CHUNK;
    this.isWaiting = this.#isHeld = false;
  }

  /** @returns whether there was anything to do */
  #doNext(): boolean {
    if (this.#isHeld) return false;
    const action = this.#actions[this.#next];
    if (action === undefined || action === null) {
      this.clear();
      return false;
    }
    this.#actions[this.#next++] = null;
    if (this.#next >= DONE_MAX) {
      this.#actions.splice(0, this.#next);
      this.#next = 0;
    }
    action();
    return true;
  }

  *#working(): Work<void> {
    while (this.#doNext()) yield;
  }
}
