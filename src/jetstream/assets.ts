/**
 * What the API asks of streams and consumers.
 *
 * All of it is synchronous unless it says otherwise: what has returned has
 * happened. What is refused is an `ApiError`.
 *
 * @module
 */

import type { Work } from "../connection/mod.ts";
import type {
  ConsumerState,
  StoredConsumer,
  StreamStore,
} from "../store/mod.ts";
import type { StreamHost } from "./stream/contract.ts";
import type {
  ConsumerAction,
  ConsumerConfig,
} from "./types/consumer_config.ts";
import type {
  ConsumerInfo,
  StoredMsg,
  StreamSourceInfo,
  StreamState,
} from "./types/infos.ts";
import type { StreamConfig } from "./types/stream_config.ts";

/** What to remove of a stream. */
export interface PurgeRequest {
  /** Below this sequence; 0: all. */
  readonly seq: number;
  /** Text; empty: all. */
  readonly filter: string;
  /** How many of the last to keep. */
  readonly keep: number;
}

/** Which message is wanted. */
export interface MessageRequest {
  /** 0: not by sequence. With `next_by_subj`, where to begin. */
  readonly seq: number;
  readonly last_by_subj: string;
  readonly next_by_subj: string;
  /** RFC 3339. */
  readonly start_time: string | null;
  readonly no_hdr: boolean;
}

/** How to bring a stream to life. */
export interface StreamBirth {
  /** Nanoseconds since the Unix epoch. */
  readonly created: bigint;
  /** It was found on disk: it is not told of. */
  readonly recovering: boolean;
  /** It is filled first, and serves only from `completeRestore` on. */
  readonly restoring: boolean;
}

/** A consumer that was found on disk. */
export interface FoundConsumer {
  /** As it is kept under. */
  readonly name: string;
  readonly config: ConsumerConfig;
  /** Nanoseconds since the Unix epoch. */
  readonly created: bigint;
  /** Undefined: as its store has it. */
  readonly state?: ConsumerState;
}

/** Brings streams to life. */
export interface StreamMaker {
  /** @param config checked and complete. @throws ApiError, StoreError */
  create(
    config: StreamConfig,
    host: StreamHost,
    birth: StreamBirth,
  ): ManagedStream;
}

/** A stream, as the API manages it. */
export interface ManagedStream {
  readonly name: string;
  /** As it is in force, without what is only shown. */
  readonly config: StreamConfig;
  /** Nanoseconds since the Unix epoch. */
  readonly created: bigint;
  /** Why it does not run; empty when it does. */
  readonly offlineReason: string;
  readonly consumers: ReadonlyMap<string, ManagedConsumer>;
  /** Null when it does not run. */
  readonly store: StreamStore | null;
  state(): StreamState;
  mirrorInfo(): StreamSourceInfo | null;
  sourceInfos(): StreamSourceInfo[];
  /**
   * Takes over a configuration that was checked, against the other streams and
   * the limits too. It is in force at once; what it removes may take longer.
   */
  update(config: StreamConfig): void | Promise<void>;
  /** Tells of those that are kept with the stream, step by step. */
  findingConsumers(visit: (found: StoredConsumer) => void): Work<void>;
  /** Brings one of them back, step by step. @throws ApiError */
  recoveringConsumer(found: FoundConsumer): Work<void>;
  /** Checks whether a consumer of that name could be made. @throws ApiError */
  checkConsumer(name: string, config: ConsumerConfig): void;
  /** Learns from the messages what it must know before it takes any. */
  remembering(): Work<void>;
  /** All that were found are back, or can't be brought back: it begins. */
  recovered(): void;
  /**
   * What was to be restored is there. A stream that has ended meanwhile stays
   * as it is. @throws DiskError when it can't be kept
   */
  completeRestore(): void;
  /** Resolves when a stream that was filled takes messages; null: it does. */
  readonly ready: Promise<void> | null;
  /** Resolves when nothing is half done that requests must not see; null: nothing is. */
  readonly busy: Promise<void> | null;
  /** Ends it and removes all that is kept of it, which may take longer. */
  delete(): void | Promise<void>;
  /**
   * Ends it and keeps everything: it serves nobody any more once this has
   * begun, and is ended when it is done.
   */
  stopping(): Work<void>;
  /** @returns messages removed @throws ApiError */
  purge(request: PurgeRequest): number | Promise<number>;
  /** @throws ApiError `noMessageFound`, or what is wrong with the request */
  getMessage(request: MessageRequest): StoredMsg;
  /** Resolves when all consumers know of it. @throws ApiError */
  deleteMessage(sequence: number, erase: boolean): void | Promise<void>;
  /** @throws ApiError */
  createConsumer(
    config: ConsumerConfig,
    action: ConsumerAction,
    pedantic: boolean,
  ): ManagedConsumer;
}

/** A consumer, as the API manages it. */
export interface ManagedConsumer {
  readonly name: string;
  readonly config: ConsumerConfig;
  /** Whether it serves a mirror or source and is not told of. */
  readonly internal: boolean;
  readonly offlineReason: string;
  /**
   * Resolves when it has found out about its stream what {@link info} tells;
   * null: it has.
   */
  complete(): Promise<void> | null;
  info(): ConsumerInfo;
  /** How far it has come. */
  position(): ConsumerState;
  delete(): void;
  /** Told once its creator has been answered: what is paused is told of. */
  created(): void;
  /** @param until RFC 3339; null: resumes. @throws ApiError */
  pause(until: string | null): void;
  /** @throws ApiError */
  unpin(group: string): void;
}
