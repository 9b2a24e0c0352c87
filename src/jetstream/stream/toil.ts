/**
 * Long work on a stream.
 *
 * @module
 */

import { inSlices, type Work } from "../../connection/mod.ts";
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

  /** Messages have gone; as the store's listener is told. */
  note(sequence: number, subject: string): void {
    this.#removals++;
    this.#sequence = sequence;
    this.#subject = subject;
  }

  /** Tells consumers of what has gone by now. */
  tell(): void {
    const { index } = this.#stream;
    const removals = this.#removals;
    this.#removals = 0;
    if (removals === 0) return;
    const sequence = this.#sequence;
    if (removals === 1 && sequence > 0) index.removed(sequence, this.#subject);
    else index.removedMany();
  }

  *#hold<T>(work: Work<T>): Work<T> {
    this.#count++;
    try {
      for (;;) {
        const step = work.next();
        // What was done is written with the batch.
        this.#stream.touch();
        if (step.done) return step.value;
        this.#hasRested = true;
        yield;
      }
    } finally {
      if (--this.#count === 0) this.#end();
    }
  }

  #end(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const hasRested = this.#hasRested;
    this.#hasRested = false;
    if (this.#stream.closed) return;
    this.tell();
    if (hasRested) {
      for (const each of this.#stream.consumers.values()) each.streamUpdated();
    }
    for (const action of waiting) action();
  }
}
