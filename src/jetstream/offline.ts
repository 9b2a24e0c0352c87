/**
 * Assets that were found on disk and can't run on this server: they are kept
 * as they are, and whoever asks is told why.
 *
 * @module
 */

import type { Work } from "../connection/mod.ts";
import type { ConsumerState } from "../store/mod.ts";
import type { ManagedConsumer, ManagedStream } from "./assets.ts";
import { ApiError } from "./errors.ts";
import { ZERO_TIME } from "./json/time.ts";
import type { ConsumerConfig } from "./types/consumer_config.ts";
import {
  CONSUMER_INFO,
  type ConsumerInfo,
  type StoredMsg,
  STREAM_STATE,
  type StreamState,
} from "./types/infos.ts";
import type { StreamConfig } from "./types/stream_config.ts";

const CLOSED = "stream closed";

const NOWHERE: ConsumerState = {
  delivered: { consumer: 0, stream: 0 },
  ackFloor: { consumer: 0, stream: 0 },
  pending: new Map(),
  redelivered: new Map(),
};

/** A stream of which only the configuration is known. */
export class OfflineStream implements ManagedStream {
  readonly store = null;
  readonly ready = null;
  readonly busy = null;
  readonly consumers: Map<string, ManagedConsumer> = new Map();

  /** @param remove removes what is kept of it */
  constructor(
    readonly config: StreamConfig,
    readonly created: bigint,
    readonly offlineReason: string,
    private readonly remove: () => void,
  ) {}

  get name(): string {
    return this.config.name;
  }

  state(): StreamState {
    return { ...STREAM_STATE.zero(), first_ts: ZERO_TIME, last_ts: ZERO_TIME };
  }

  mirrorInfo(): null {
    return null;
  }

  sourceInfos(): [] {
    return [];
  }

  *findingConsumers(): Work<void> {
    // It has those that it is given.
  }

  completeRestore(): void {
    // It never runs.
  }

  *remembering(): Work<void> {
    // It takes nothing.
  }

  recovered(): void {
    // It stays as it was found.
  }

  *stopping(): Work<void> {
    // It never began.
  }

  delete(): void {
    this.remove();
  }

  update(): never {
    return this.#refuse();
  }

  recoveringConsumer(): never {
    throw new ApiError("streamInvalid");
  }

  checkConsumer(): never {
    throw new ApiError("streamInvalid");
  }

  purge(): never {
    throw new Error(CLOSED);
  }

  getMessage(): StoredMsg {
    return this.#refuse();
  }

  deleteMessage(): never {
    throw new Error(CLOSED);
  }

  createConsumer(): never {
    return this.#refuse();
  }

  #refuse(): never {
    throw new ApiError("streamOfflineReason", { err: this.offlineReason });
  }
}

/** A consumer of which only the configuration is known. */
export class OfflineConsumer implements ManagedConsumer {
  /** @param remove removes it from its stream, and what is kept of it */
  constructor(
    readonly name: string,
    readonly config: ConsumerConfig,
    readonly offlineReason: string,
    private readonly remove: () => void,
  ) {}

  get internal(): boolean {
    return this.config.direct;
  }

  complete(): null {
    return null;
  }

  info(): ConsumerInfo {
    const { name, config } = this;
    return { ...CONSUMER_INFO.zero(), name, config };
  }

  position(): ConsumerState {
    return NOWHERE;
  }

  created(): void {
    // It was created long ago.
  }

  delete(): void {
    this.remove();
  }

  pause(): never {
    return this.#refuse();
  }

  unpin(): never {
    return this.#refuse();
  }

  #refuse(): never {
    throw new ApiError("consumerOfflineReason", { err: this.offlineReason });
  }
}
