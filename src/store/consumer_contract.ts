/**
 * What there is to keep of a consumer, and who keeps it.
 *
 * @module
 */

import type { Work } from "../connection/mod.ts";

/** How far a consumer has come, by its own count and by the stream's. */
export interface ConsumerPosition {
  readonly consumer: number;
  readonly stream: number;
}

/** Values by sequence, in any order. Of two for one sequence the later counts. */
export interface Entries<T> extends Iterable<[number, T]> {
  /** How many there are; if they change meanwhile, about. */
  readonly size: number;
}

/** A message that waits for its acknowledgement. */
export interface PendingDelivery {
  /** By the consumer's count. */
  readonly sequence: number;
  /** Of the last delivery, nanoseconds. */
  readonly time: bigint;
}

/** What is kept of a consumer. */
export interface ConsumerState {
  readonly delivered: ConsumerPosition;
  readonly ackFloor: ConsumerPosition;
  /** By stream sequence. */
  readonly pending: Entries<PendingDelivery>;
  /** Redeliveries by stream sequence. */
  readonly redelivered: Entries<number>;
}

/** Keeps configuration and state of one consumer. */
export interface ConsumerStore {
  /** Reads what is kept, step by step; null for a new consumer. @throws StoreError corruptState */
  loading(): Work<ConsumerState | null>;
  /** The text of `meta.inf`: JSON of the configuration. */
  writeMeta(text: string): void;
  /** The state has changed: it is asked for and written within 100 ms. */
  changed(): void;
  /** Writes the state now if it has changed. @throws DiskError */
  flush(): void;
  /** The same, much of it step by step. @throws DiskError */
  flushing(): Work<void>;
  /** Flushes and closes. */
  stop(): void;
  delete(): void;
}

/** A consumer as it was found when the store was opened. */
export interface StoredConsumer {
  readonly name: string;
  /** Where its configuration is, for people. */
  readonly path: string;
  /** JSON, as it was written. */
  readonly meta: string;
}
