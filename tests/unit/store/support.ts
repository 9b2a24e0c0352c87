/**
 * What tests of stores share.
 *
 * @module
 */

import { finish } from "../../../src/connection/mod.ts";
import { Chunk } from "../../../src/protocol/mod.ts";
import {
  type Append,
  type ConsumerState,
  type ConsumerStore,
  MemoryAccountStores,
  type PendingDelivery,
  type StoredConsumer,
  type StoredMessage,
  type StoreLimits,
  type StreamStore,
  type StreamStoreOptions,
} from "../../../src/store/mod.ts";
import type { Clock, Timer, Timers } from "../../../src/runtime/mod.ts";

/** No limit at all. */
export const NO_LIMITS: StoreLimits = {
  maxMessages: -1,
  maxBytes: -1,
  maxMessagesPerSubject: -1,
  maxAge: 0n,
  discard: "old",
  discardNewPerSubject: false,
  allowTtl: false,
  markDeletes: false,
  compression: "none",
};

/** All consumers that are kept with a stream. */
export function storedConsumers(store: StreamStore): StoredConsumer[] {
  const found: StoredConsumer[] = [];
  finish(store.findingConsumers((each) => found.push(each)));
  return found;
}

/** A state whose lists are maps, to be compared. */
export interface MappedState extends ConsumerState {
  readonly pending: ReadonlyMap<number, PendingDelivery>;
  readonly redelivered: ReadonlyMap<number, number>;
}

export function mapped(state: ConsumerState): MappedState {
  const { pending, redelivered } = state;
  return {
    ...state,
    pending: new Map(pending),
    redelivered: new Map(redelivered),
  };
}

/** What is kept of a consumer; null: nothing yet. */
export function loaded(consumer: ConsumerStore): MappedState | null {
  const state = finish(consumer.loading());
  return state && mapped(state);
}

/** Time that stands still until a test moves it. */
export class ManualTime implements Clock, Timers {
  #millis = 1_700_000_000_000;
  #pending: { due: number; callback: () => void }[] = [];

  now(): number {
    return Math.floor(this.#millis);
  }

  nowNanos(): bigint {
    return BigInt(this.now()) * 1_000_000n;
  }

  monotonic(): number {
    return this.#millis;
  }

  utcOffset(): number {
    return 0;
  }

  after(delay: number, callback: () => void): Timer {
    const entry = { due: this.#millis + delay, callback };
    this.#pending.push(entry);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((each) => each !== entry);
      },
    };
  }

  every(interval: number, callback: () => void): Timer {
    let timer: Timer;
    const again = () => {
      timer = this.after(interval, again);
      callback();
    };
    timer = this.after(interval, again);
    return { cancel: () => timer.cancel() };
  }

  soon(callback: () => void): Timer {
    return this.after(0, callback);
  }

  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => void this.after(delay, resolve));
  }

  /** Lets `millis` pass, and what is due happen. */
  pass(millis: number): void {
    const end = this.#millis + millis;
    for (;;) {
      const next = this.#pending.filter(({ due }) => due <= end)
        .sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#pending = this.#pending.filter((each) => each !== next);
      this.#millis = Math.max(this.#millis, next.due);
      next.callback();
    }
    this.#millis = end;
  }
}

/** What random histories need of a source of chance. */
export interface Dice {
  below(bound: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Chance from a seed (mulberry32). */
export class SeededRandom implements Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    let t = this.#state += 0x6d2b79f5;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  fill(target: Uint8Array): void {
    for (let i = 0; i < target.length; i++) target[i] = this.below(256);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
}

/** What a listener was told. */
export interface Told {
  messages: number;
  bytes: number;
}

/** Options for a store that has `limits`; the listener adds up in `told`. */
export function storeOptions(
  limits: Partial<StoreLimits> = {},
  told: Told = { messages: 0, bytes: 0 },
): StreamStoreOptions {
  return {
    name: "S",
    storage: "memory",
    limits: { ...NO_LIMITS, ...limits },
    firstSequence: 0,
    listener: {
      changed(messages, bytes) {
        told.messages += messages;
        told.bytes += bytes;
      },
      expiring: () => false,
    },
    asyncFlush: false,
    ttlOf: ttlOfTestMessage,
  };
}

/** A store in memory. */
export function memoryStore(
  options: StreamStoreOptions = storeOptions(),
  time: ManualTime = new ManualTime(),
): StreamStore {
  return new MemoryAccountStores({
    clock: time,
    timers: time,
    random: new SeededRandom(1),
    turns: { next: () => time.sleep(1) },
  }).open(options);
}

/** A message to be stored. */
export function message(
  subject: string,
  payload = "",
  header = "",
  ttl = 0,
): Append {
  const bytes = new TextEncoder().encode(header + payload);
  return {
    subject,
    body: {
      chunk: Chunk.of(bytes),
      bodyStart: 0,
      bodyEnd: bytes.length,
      headerSize: header.length,
    },
    ttl,
  };
}

/** Header and payload of a stored message. */
export function textOf(stored: StoredMessage): [string, string] {
  const { chunk, bodyStart, bodyEnd, headerSize } = stored;
  const text = new TextDecoder().decode(
    chunk.bytes.subarray(bodyStart, bodyEnd),
  );
  return [text.slice(0, headerSize), text.slice(headerSize)];
}

/** Headers of tests: `ttl=<seconds>`. */
function ttlOfTestMessage(stored: StoredMessage): number {
  const [header] = textOf(stored);
  return Number(/^ttl=(-?\d+)/.exec(header)?.[1] ?? 0);
}
