/**
 * Messages that displace others: of a subject, or all there are.
 *
 * @module
 */

import {
  asLongAs,
  type BatchEnd,
  type FlushQueue,
  inSlices,
  type Work,
} from "../../connection/mod.ts";
import type { Clock } from "../../runtime/mod.ts";
import type { PurgeOptions } from "./purger.ts";
import type { Stream } from "./stream.ts";

/** Messages that may go at once in a batch, and for how long, milliseconds. */
const AT_ONCE = 8192;
const LASTS = 2;
/** What a step counts for that has others behind it: it has looked, if no more. */
const STEP = 64;
/** What a rollup counts for, even if it displaces nothing: some 10 µs. */
const LEAST = 16;

/**
 * What all rollups of a batch together may do at once, on whatever stream they
 * are: large ones go on later, and so do small ones that come very densely.
 */
export class RollupAllowance implements BatchEnd {
  readonly #flushQueue: FlushQueue;
  readonly #clock: Pick<Clock, "monotonic">;
  #left = AT_ONCE;
  #end = 0;

  constructor(flushQueue: FlushQueue, clock: Pick<Clock, "monotonic">) {
    this.#flushQueue = flushQueue;
    this.#clock = clock;
  }

  /** What has to be read from files takes many times as long as what is in memory. */
  get isUsedUp(): boolean {
    if (this.#left === AT_ONCE) return false;
    return this.#left <= 0 || this.#clock.monotonic() >= this.#end;
  }

  spend(messages: number): void {
    if (this.#left === AT_ONCE) {
      this.#flushQueue.atEnd(this);
      this.#end = this.#clock.monotonic() + LASTS;
    }
    this.#left -= messages;
  }

  onBatchEnd(): void {
    this.#left = AT_ONCE;
  }
}

/**
 * Removes what is displaced: at once if it is little, which it mostly is. While
 * more of it goes in slices, the stream is at work (`Toil`), nothing else comes
 * in (`Backlog`), and nothing that was stored is told of (`Commit`): so each
 * message finds what those before it have left, and what is acknowledged has
 * displaced all that it displaces.
 */
export class Rollups {
  readonly #stream: Stream;
  /** What is displaced besides, such as by others of an atomic batch. */
  #waiting: PurgeOptions[] = [];
  #done: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;
  /** What waits for the end of one to be safe. */
  #sequel: (() => void) | null = null;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get isBusy(): boolean {
    return this.#done !== null;
  }

  /** Resolves when nothing is half done any more; null: nothing is. */
  get done(): Promise<void> | null {
    return this.#done;
  }

  /** What is to be called once the batch at hand is safe, or has failed; null: nothing. */
  takeSequel(): (() => void) | null {
    if (this.isBusy) return null;
    const sequel = this.#sequel;
    this.#sequel = null;
    return sequel;
  }

  /** @throws what has kept one from being done since it was asked last */
  check(): void {
    const failure = this.#failure;
    if (failure === null) return;
    this.#failure = null;
    throw failure.error;
  }

  /** @throws ApiError, StoreError, DiskError if it fails at once */
  displace(options: PurgeOptions): void {
    if (this.isBusy) {
      this.#waiting.push(options);
      return;
    }
    const work = this.#stream.purger.purging(options);
    if (!this.#attempt(work)) this.#postpone(work);
  }

  /** @returns whether that was all of it */
  #attempt(work: Work<number>): boolean {
    const { store, host: { rollups } } = this.#stream;
    while (!rollups.isUsedUp) {
      const { messages } = store;
      const { done } = work.next();
      const gone = messages - store.messages;
      rollups.spend(Math.max(done ? LEAST : STEP, gone));
      if (done) return true;
    }
    return false;
  }

  /** Does the rest, and what is asked for meanwhile, in slices from the next turn on. */
  #postpone(work: Work<number>): void {
    const { toil, backlog, host } = this.#stream;
    const release = toil.begin();
    backlog.hold();
    this.#done = new Promise((resolve) => {
      const end = () => {
        this.#end(release);
        resolve();
      };
      const working = this.#working(work, end);
      host.flushQueue.inTurn(() => void inSlices(working, host));
    });
  }

  /** Fails never: who is to be told hears of it with the batch. */
  *#working(work: Work<number>, end: () => void): Work<void> {
    try {
      yield* this.#watched(work);
      // There may come more of them meanwhile.
      for (const options of this.#waiting) {
        yield* this.#watched(this.#stream.purger.purging(options));
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      end();
    }
  }

  #watched(work: Work<number>): Work<number | null> {
    const stream = this.#stream;
    return asLongAs(() => !stream.closed, stream.toil.watched(work));
  }

  /** Readers have their turn before the next one that comes, and see what is safe. */
  #end(release: () => void): void {
    this.#done = null;
    this.#waiting = [];
    release();
    const { backlog } = this.#stream;
    this.#sequel = () => backlog.release();
    this.#stream.touch();
  }
}
