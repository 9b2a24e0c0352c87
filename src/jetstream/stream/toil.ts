/**
 * Long work on a stream.
 *
 * @module
 */

import {
  asLongAs,
  inSlices,
  SHORT_SLICE,
  type Work,
} from "../../connection/mod.ts";
import type { StreamConsumer } from "./contract.ts";
import type { Stream } from "./stream.ts";

/**
 * While it lasts, messages are stored, but none are delivered or read directly,
 * so that nobody sees what is half done; requests to the API wait for their
 * turn anyway. Consumers are told of what has gone when it is over.
 */
export class Toil {
  /** How many there have been while there were consumers. */
  removals = 0;
  readonly #stream: Stream;
  /** Works that are under way. */
  #count = 0;
  /** Consumers that were not let deliver. */
  readonly #held = new Set<StreamConsumer>();
  /** Whether all are to hear at the end that the stream has changed. */
  #hasUpdated = false;
  /** Removals that consumers don't know of; one is that of this message. */
  #untold = 0;
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

  /** The same for work that is little but for what consumers are told of it. */
  runShort<T>(work: Work<T>): T | Promise<T> {
    return this.#inShort(this.#hold(work));
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
    this.removals++;
    if (!this.isBusy && index.isSmall) {
      if (isSingle) index.removed(sequence, subject, this.removals);
      else index.removedMany();
      return;
    }
    this.#untold += isSingle ? 1 : 2;
    this.#sequence = sequence;
    this.#subject = subject;
    if (!this.isBusy) this.#leave(this.runShort(nothing()));
  }

  /** Whether a consumer may deliver; if not, it hears when it may again. */
  admits(consumer: StreamConsumer): boolean {
    if (this.isBusy) this.#held.add(consumer);
    return !this.isBusy;
  }

  /** Something else than messages has changed: consumers hear of it at the end. */
  updated(): void {
    this.#hasUpdated = true;
    if (!this.isBusy) this.#wake();
  }

  /** The same as work that lasts until the function returned is called. */
  begin(): () => void {
    this.#count++;
    return () => this.#leave(this.#inShort(this.#ending()));
  }

  /** Tells consumers of what has gone by now. */
  *telling(): Work<void> {
    const { index } = this.#stream;
    while (this.#untold > 0 && !this.#stream.closed) {
      const isSingle = this.#untold === 1;
      this.#untold = 0;
      yield* this.#whileOpen(
        isSingle
          ? index.telling(this.#sequence, this.#subject, this.removals)
          : index.tellingMany(),
      );
    }
  }

  *#hold<T>(work: Work<T>): Work<T> {
    this.#count++;
    try {
      return yield* this.watched(work);
    } finally {
      yield* this.#ending();
    }
  }

  /** What comes after each work, even if it has failed. */
  *#ending(): Work<void> {
    try {
      if (this.#count === 1) yield* this.watched(this.telling());
    } finally {
      if (--this.#count === 0) this.#end();
    }
  }

  /** The same work, whose steps are written with their batches. */
  *watched<T>(work: Work<T>): Work<T> {
    for (;;) {
      const step = work.next();
      this.#stream.touch();
      if (step.done) return step.value;
      yield step.value;
    }
  }

  #end(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#stream.closed) return;
    this.#wake();
    for (const action of waiting) action();
  }

  /** Has consumers go on, in slices; those that can't yet will hear again. */
  #wake(): void {
    const { index } = this.#stream;
    const woken = this.#hasUpdated ? index.byName.values() : this.#held;
    const work = this.#whileOpen(index.updating([...woken]));
    this.#hasUpdated = false;
    this.#held.clear();
    this.#leave(this.#inShort(work));
  }

  #inShort<T>(work: Work<T>): T | Promise<T> {
    return inSlices(work, this.#stream.host, SHORT_SLICE);
  }

  /** Consumers of a stream that has ended have heard enough. */
  #whileOpen(work: Work<void>): Work<void | null> {
    return asLongAs(() => !this.#stream.closed, work);
  }

  /** Nobody waits for this. */
  #leave(done: unknown): void {
    if (!(done instanceof Promise)) return;
    done.catch((error) => this.#stream.host.logger.error(`${error}`));
  }
}

/** Nothing but what is always done at the end. */
function* nothing(): Work<void> {}
