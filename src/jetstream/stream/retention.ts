/**
 * Interest and work-queue retention: messages go when nobody needs them.
 *
 * @module
 */

import { type BatchEnd, inSlices, type Work } from "../../connection/mod.ts";
import type { Timer } from "../../runtime/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import type { Releasing } from "./contract.ts";
import type { Stream } from "./stream.ts";

/** Milliseconds between looks at what may go, and the most that is added. */
const CHECK_INTERVAL = 120_000;
const CHECK_JITTER = 30_000;
/** Streams that are longer are not searched through; their limits will do, sequences. */
const SWEEP_MAX = 100_000;
/** Work for at most so long at once, milliseconds. */
const SLICE = 2;
/** Acknowledgements that have their effect in the middle of a batch. */
const AT_ONCE = 1000;

/** Removes what has been acknowledged by all who want it. */
export class Retention implements BatchEnd, Releasing {
  readonly #stream: Stream;
  #timer: Timer | null = null;
  /** Whether all consumers are there: who is not back yet may need anything. */
  #isReady = false;
  #soon = false;
  /** Where to go on looking for what nobody wants any more; 0: nowhere. */
  #sweepAt = 0;
  /** Acknowledgements of the present batch. */
  #ofBatch = 0;
  /** What was acknowledged and is to be looked at. */
  #acked: number[] = [];
  #isLettingGo = false;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /**
   * A message is acknowledged, or given up. Of very many in a batch, or where
   * very many consumers may need it, it goes thereafter.
   */
  acked(sequence: number): void {
    const { config, index, host } = this.#stream;
    if (config.retention === "limits" || !this.#isReady) return;
    if (this.#ofBatch++ === 0) host.flushQueue.atEnd(this);
    if (index.isSmall && this.#ofBatch <= AT_ONCE) this.letGo(sequence);
    else this.#acked.push(sequence);
  }

  onBatchEnd(): void {
    this.#ofBatch = 0;
    if (this.#isLettingGo || this.#acked.length === 0) return;
    this.#isLettingGo = true;
    void this.#attempt(() => inSlices(this.#lettingGo(), this.#stream.host));
  }

  /** Looks at what was acknowledged, and at what is meanwhile. */
  *#lettingGo(): Work<void> {
    while (this.#acked.length > 0 && !this.#stream.closed) {
      const acked = this.#acked;
      this.#acked = [];
      for (const sequence of acked) {
        this.letGo(sequence);
        yield;
      }
    }
    this.#isLettingGo = false;
  }

  /**
   * Removes a message that nobody needs any more.
   * @returns whether it has gone
   */
  letGo(sequence: number): boolean {
    const { config, store, index } = this.#stream;
    if (config.retention === "limits" || this.#stream.closed) return false;
    if (!this.#isReady) return false;
    if (sequence < store.firstSequence || sequence > store.lastSequence) {
      return false;
    }
    try {
      const message = store.load(sequence);
      if (message === null) return false;
      if (index.needsAck(sequence, message.subject)) return false;
      this.#stream.touch();
      return store.remove(sequence);
    } catch (error) {
      // Whoever acknowledges can do nothing about a store that fails.
      this.#stream.failed(error);
      return false;
    }
  }

  /** Begins to look now and then, for consumers that ended or changed. */
  start(): void {
    this.#isReady = true;
    this.stop();
    if (this.#stream.config.retention === "limits") return;
    const { timers, random } = this.#stream.host;
    const wait = CHECK_INTERVAL + random.below(CHECK_JITTER);
    this.#timer = timers.after(wait, () => {
      this.check();
      this.start();
    });
  }

  /** A stream has another retention, which may have no use for what is there. */
  *begin(): Work<void> {
    const { closed, config, store, index } = this.#stream;
    if (closed) return;
    this.start();
    const isUnwanted = config.retention === "interest" && index.size === 0;
    if (isUnwanted && store.messages > 0) {
      yield* store.compacting(store.lastSequence + 1);
    }
    yield* this.#review();
  }

  /**
   * A consumer has gone, or has other filters: what only it needed may go. In
   * a work queue it waits for the next consumer.
   */
  checkSoon(): void {
    if (this.#soon || this.#stream.config.retention !== "interest") return;
    this.#soon = true;
    const { host, toil } = this.#stream;
    // Others that need it may be about to come back.
    host.timers.soon(() => toil.whenDone(() => this.#checkNow()));
  }

  #checkNow(): void {
    this.#soon = false;
    const { closed, config, index, store } = this.#stream;
    if (closed || config.retention !== "interest") return;
    if (store.messages === 0) return;
    if (index.size === 0) this.#compact(store.lastSequence + 1);
    else this.#attempt(() => this.#checkAll());
  }

  /** Removes what nobody needs, in front and behind what somebody does. */
  async #checkAll(): Promise<void> {
    await this.#check();
    const { firstSequence, lastSequence } = this.#stream.store;
    const isLong = lastSequence - firstSequence > SWEEP_MAX;
    this.#sweepAt = isLong ? 0 : firstSequence;
    this.#sweep();
  }

  /** Removes what is behind messages that are needed, for a slice of time. */
  #sweep(): void {
    const { closed, config, index, store, host } = this.#stream;
    if (closed || config.retention !== "interest") return;
    const end = host.clock.monotonic() + SLICE;
    while (this.#sweepAt > 0) {
      const message = store.loadNext(SubjectFilter.ALL, this.#sweepAt);
      if (message === null) {
        this.#sweepAt = 0;
        return;
      }
      const { sequence, subject } = message;
      this.#sweepAt = sequence + 1;
      if (!index.needsAck(sequence, subject)) {
        this.#stream.touch();
        store.remove(sequence);
      }
      if (host.clock.monotonic() < end) continue;
      host.flushQueue.later(() => void this.#attempt(() => this.#sweep()));
      return;
    }
  }

  /** Nobody else would hear of a failure that happens in a timer. */
  async #attempt(action: () => void | Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!this.#stream.closed) this.#stream.failed(error);
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Removes what is acknowledged by all, whatever was missed. */
  check(): void {
    void this.#attempt(() => this.#check());
  }

  #check(): void | Promise<void> {
    const { index, host } = this.#stream;
    const { generation } = index;
    const compact = (needed: number) => {
      // Somebody may need by now what nobody did when it was looked at.
      if (generation === index.generation) return this.#compactBelow(needed);
    };
    const needed = inSlices(this.#review(), host);
    return needed instanceof Promise ? needed.then(compact) : compact(needed);
  }

  #compactBelow(needed: number): void | Promise<void> {
    const { config, store } = this.#stream;
    if (config.retention !== "interest" || needed === Infinity) return;
    const first = Math.min(needed, store.lastSequence + 1);
    if (first > store.firstSequence) return this.#compact(first);
  }

  async #compact(first: number): Promise<void> {
    const { toil, store } = this.#stream;
    await this.#attempt(async () => {
      await toil.run(store.compacting(first));
    });
  }

  /**
   * Has consumers tell what they have acknowledged.
   * @returns the first sequence that one of them needs; Infinity: none
   */
  *#review(): Work<number> {
    const { config, index } = this.#stream;
    if (config.retention === "limits") return Infinity;
    let needed = Infinity;
    for (const consumer of [...index.byName.values()]) {
      if (index.byName.get(consumer.name) !== consumer) continue;
      needed = Math.min(needed, yield* consumer.checkInterest());
      yield;
    }
    return needed;
  }
}
