/**
 * Long work on a stream.
 *
 * @module
 */

import { finish, inSlices, type Work } from "../../connection/mod.ts";
import type { Stream } from "./stream.ts";

/**
 * While it lasts, messages are stored, but none are delivered or read directly,
 * so that nobody sees what is half done; requests to the API wait for their
 * turn anyway. Consumers are told of what has gone when it is over.
 */
export class Toil {
  readonly #stream: Stream;
  /** Works that are under way. */
  #count = 0;
  /** Whether others had a turn meanwhile. */
  #hasRested = false;
  /** Removals that consumers don't know of. */
  #removals = 0;
  #sequence = 0;
  #subject = "";
  #waiting: (() => void)[] = [];

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get isBusy(): boolean {
    return this.#count > 0;
  }

  /** Does the work in slices. @returns the result itself when one was enough */
  run<T>(work: Work<T>): T | Promise<T> {
    return inSlices(this.#hold(work), this.#stream.host);
  }

  /** Calls `action` as soon as nothing is under way. */
  whenDone(action: () => void): void {
    if (this.isBusy) this.#waiting.push(action);
    else action();
  }

  /**
   * Messages have gone, as the store's listener is told. Consumers hear of it
   * when what is under way is over; if nothing is, now, or from now on if there
   * are very many.
   */
  removed(messages: number, sequence: number, subject: string): void {
    const { index } = this.#stream;
    const isSingle = messages === 1 && sequence > 0 && subject !== "";
    if (!this.isBusy && index.isSmall) {
      if (isSingle) index.removed(sequence, subject);
      else index.removedMany();
      return;
    }
    this.#removals += isSingle ? 1 : 2;
    this.#sequence = sequence;
    this.#subject = subject;
    if (this.isBusy) return;
    void Promise.resolve(this.run(nothing()))
      .catch((error) => this.#stream.host.logger.error(`${error}`));
  }

  /** Tells consumers of what has gone by now. */
  *telling(): Work<void> {
    const { index } = this.#stream;
    while (this.#removals > 0 && !this.#stream.closed) {
      const isSingle = this.#removals === 1;
      this.#removals = 0;
      if (isSingle) yield* index.telling(this.#sequence, this.#subject);
      else yield* index.tellingMany();
    }
  }

  *#hold<T>(work: Work<T>): Work<T> {
    this.#count++;
    try {
      const result = yield* this.#watched(work);
      if (this.#count === 1) yield* this.#watched(this.telling());
      return result;
    } finally {
      if (--this.#count === 0) this.#end();
    }
  }

  *#watched<T>(work: Work<T>): Work<T> {
    for (;;) {
      const step = work.next();
      // What was done is written with the batch.
      this.#stream.touch();
      if (step.done) return step.value;
      this.#hasRested = true;
      yield;
    }
  }

  #end(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const hasRested = this.#hasRested;
    this.#hasRested = false;
    if (this.#stream.closed) return;
    // Something is left only of what has failed.
    finish(this.telling());
    if (hasRested) {
      for (const each of this.#stream.consumers.values()) each.streamUpdated();
    }
    for (const action of waiting) action();
  }
}

/** Nothing but what is always done at the end. */
function* nothing(): Work<void> {}
