/**
 * What streams, their surroundings and their consumers ask of each other.
 *
 * All calls are synchronous and complete: when they return, memory and store
 * have changed. What must reach the disk first is told by
 * {@link ConsumedStream.settledSequence}.
 *
 * @module
 */

import type { Account } from "../../account/mod.ts";
import type { JetStreamLimits } from "../../config/mod.ts";
import type { FlushQueue, Work } from "../../connection/mod.ts";
import type { Logger } from "../../log/mod.ts";
import type { Message } from "../../protocol/mod.ts";
import type { Clock, Random, Timers } from "../../runtime/mod.ts";
import type { AccountStores, StreamStore } from "../../store/mod.ts";
import type { ConsumerHost } from "../consumer/mod.ts";
import type { FoundConsumer, ManagedConsumer } from "../assets.ts";
import type { ApiError } from "../errors.ts";
import type {
  ConsumerAction,
  ConsumerConfig,
} from "../types/consumer_config.ts";
import type { StreamConfig } from "../types/stream_config.ts";
import type { IntakeLimits } from "./intake.ts";
import type { RollupAllowance } from "./rollups.ts";

/** What a stream needs of the account and the server that it lives in. */
export interface StreamHost {
  readonly account: Account;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly flushQueue: FlushQueue;
  readonly stores: AccountStores;
  /** JetStream domain; empty: none. */
  readonly domain: string;
  /** Limits of the server; may change on reload. */
  readonly limits: JetStreamLimits;
  /** Largest message that clients may publish, bytes; may change on reload. */
  readonly maxPayload: number;
  /** Bytes that may be pending for a client; may change on reload. */
  readonly maxPending: number;
  /** What clients may hand over before it is safe. */
  readonly intakeLimits: IntakeLimits;
  readonly usage: StorageUsage;
  readonly advisories: StreamAdvisories;
  /**
   * Delivers a message in the account. Not while another message is being
   * delivered: what streams say goes out at the end of the batch.
   * @returns whether anybody took it
   */
  publish(message: Message): boolean;
  /** Another stream of the account, for validation. */
  streamConfig(name: string): StreamConfig | undefined;
  /** All streams of the account, for validation. */
  streamConfigs(): Iterable<StreamConfig>;
  /** Batches that are open on the whole server, for their limits. */
  readonly openBatches: { atomic: number; fast: number };
  /** What rollups on the whole server may do at once. */
  readonly rollups: RollupAllowance;
  /** Logs a warning, but not again and again. */
  warnRarely(text: string): void;
  /** A store could not store, which may concern the whole server. */
  storeFailed(config: StreamConfig, error: unknown): void;
  /** What the account's consumers share. */
  readonly consumers: ConsumerHost;
}

/** Makes the consumers of streams. */
export interface ConsumerFactory {
  /**
   * Makes or updates a consumer; a new one adds itself to the stream.
   * @throws ApiError
   */
  create(
    stream: ConsumedStream,
    config: ConsumerConfig,
    action: ConsumerAction,
    pedantic: boolean,
  ): StreamConsumer;
  /** Checks whether a consumer of that name could be made. @throws ApiError */
  check(stream: ConsumedStream, name: string, config: ConsumerConfig): void;
  /** Brings back a consumer that was kept, step by step. @throws ApiError */
  recovering(stream: ConsumedStream, found: FoundConsumer): Work<void>;
}

/** Storage that an account uses and may use. */
export interface StorageUsage {
  /**
   * Why `bytes` more must not be stored, on this server or in this account;
   * null when they may. Called for every message.
   */
  refusal(
    storage: StreamConfig["storage"],
    replicas: number,
    bytes: number,
  ): ApiError | null;
  /** Why this server takes nothing any more; null when it does. */
  exhaustion(storage: StreamConfig["storage"]): ApiError | null;
  /** Bytes have been stored (positive) or removed (negative). */
  changed(
    storage: StreamConfig["storage"],
    replicas: number,
    bytes: number,
  ): void;
}

/** Events that a stream has to tell of. */
export interface StreamAdvisories {
  streamChanged(
    stream: string,
    action: "create" | "delete" | "modify",
    template?: string,
  ): void;
  batchAbandoned(
    stream: string,
    batch: string,
    reason: "timeout" | "large" | "incomplete" | "unsupported",
  ): void;
}

/** How many messages were stored that one filter matches. */
export interface Tally {
  readonly stored: number;
}

/** A consumer, as its stream knows it. */
export interface StreamConsumer extends ManagedConsumer {
  /** Byte strings; empty: everything. */
  readonly filters: readonly string[];
  /** Nanoseconds and messages; 0: none. What stream limits are checked against. */
  readonly inactiveThreshold: number;
  readonly maxAckPending: number;
  /**
   * A message that its filters match was stored; {@link settled} follows at
   * the end of the batch.
   * @param tally includes it; null: the consumer has several filters
   * @returns whether it counts by the tally from now on, and is told no more
   */
  stored(sequence: number, tally: Tally | null): boolean;
  /** Messages up to `settledSequence` of the stream may be delivered now. */
  settled(): void;
  /**
   * A single message that its filters match has gone, of whatever cause. Called
   * from within the store, like {@link removedMany}, so this must not read it.
   * @param removal its number among the stream's {@link ConsumedStream.removals}:
   *   it may be told late
   */
  removed(sequence: number, removal: number): void;
  /** Many messages have gone at once, of whatever cause. */
  removedMany(): void;
  /**
   * What it had before it was purged below `first`; it finds out step by step.
   * @param last last sequence of the stream
   * @param wider whether it also wants subjects that were not purged
   */
  purged(first: number, last: number, wider: boolean): Work<void>;
  /**
   * Whether a message that its filters match must be kept for it, by interest
   * or work-queue retention.
   */
  needsAck(sequence: number): boolean;
  /**
   * Reports to the stream, through `acked`, what it has acknowledged and is
   * still there, step by step. @returns the first sequence that it still needs
   */
  checkInterest(): Work<number>;
  /** Anything else of the stream has changed, or it may deliver again. */
  streamUpdated(): void;
  /** Keeps its state and ends. */
  stop(): void;
}

/** Lets messages go that no consumer needs, if retention says so. */
export interface Releasing {
  /**
   * A message is acknowledged or given up; if it is much to find out whether
   * anybody needs it, it goes in a while.
   */
  acked(sequence: number): void;
  /** The same, at once. @returns whether it has gone */
  letGo(sequence: number): boolean;
}

/** A stream, as its consumers know it. */
export interface ConsumedStream {
  readonly name: string;
  /** Nanoseconds since the Unix epoch. */
  readonly created: bigint;
  readonly config: StreamConfig;
  readonly host: StreamHost;
  readonly store: StreamStore;
  /**
   * Messages up to here are as safe as their acknowledgements tell; nothing
   * beyond is delivered.
   */
  readonly settledSequence: number;
  /** How many removals there have been by now, whoever has been told of them. */
  readonly removals: number;
  /**
   * Whether a consumer may deliver. If not, something is half done, and it
   * hears by `streamUpdated` when it is over.
   */
  admits(consumer: StreamConsumer): boolean;
  readonly consumers: ReadonlyMap<string, StreamConsumer>;
  readonly retention: Releasing;
  readonly index: {
    /** Whether a subject of these filters is for a consumer of another name. */
    isClaimed(filters: readonly string[], except: string): boolean;
  };
  /** Adds a consumer that is ready for messages; the name must be free. */
  addConsumer(consumer: StreamConsumer): void;
  removeConsumer(consumer: StreamConsumer): void;
  /** The consumer's filters are others now. */
  refilter(consumer: StreamConsumer): void;
  /** A consumer counts anew, and is told of each message until it has a tally. */
  attend(consumer: StreamConsumer): void;
  /** A consumer begins anew: it may need what it did not need before. */
  rewound(): void;
}
