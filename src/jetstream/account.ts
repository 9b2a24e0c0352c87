/**
 * JetStream of one account: its streams and what it may use.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import { inSlices, type Work } from "../connection/mod.ts";
import { quoteText } from "../log/mod.ts";
import { StoreError } from "../store/mod.ts";
import { subjectFromText, subjectsCollide } from "../subject/mod.ts";
import type { Advisories } from "./advisories.ts";
import type { ManagedStream, StreamBirth, StreamMaker } from "./assets.ts";
import type { JetStreamContext } from "./context.ts";
import { ApiError } from "./errors.ts";
import type { OfflineStream } from "./offline.ts";
import { checkConfig } from "./stream/config/check.ts";
import type { ConfigContext } from "./stream/config/context.ts";
import { checkNewOrigins } from "./stream/config/origins.ts";
import { checkUpdate } from "./stream/config/update.ts";
import type { StreamHost } from "./stream/contract.ts";
import { STREAM_CONFIG, type StreamConfig } from "./types/stream_config.ts";
import { type AccountUsage, reservation, type ServerUsage } from "./usage.ts";
import { withLevelOf } from "./versioning.ts";

/** Answers to requests. */
export interface ApiCount {
  total: number;
  errors: number;
}

/** What an account is made of. */
export interface AccountParts {
  readonly account: Account;
  readonly context: JetStreamContext;
  readonly usage: AccountUsage;
  readonly serverUsage: ServerUsage;
  readonly advisories: Advisories;
  readonly maker: StreamMaker;
  readonly host: (account: JetStreamAccount) => StreamHost;
}

/** Keeps the streams by name. */
export class JetStreamAccount implements ConfigContext {
  readonly account: Account;
  readonly usage: AccountUsage;
  readonly host: StreamHost;
  readonly api: ApiCount = { total: 0, errors: 0 };
  readonly random: JetStreamContext["random"];
  readonly #context: JetStreamContext;
  readonly #serverUsage: ServerUsage;
  readonly #maker: StreamMaker;
  readonly #streams = new Map<string, ManagedStream>();
  /** Names of streams whose files have come from elsewhere, and are looked at. */
  readonly #arriving = new Set<string>();
  /** Deletions that are under way. */
  readonly #deleting = new Set<Promise<void>>();
  #stopped = false;

  constructor(parts: AccountParts) {
    this.account = parts.account;
    this.usage = parts.usage;
    this.random = parts.context.random;
    this.#context = parts.context;
    this.#serverUsage = parts.serverUsage;
    this.#maker = parts.maker;
    this.host = parts.host(this);
  }

  get name(): string {
    return this.account.name;
  }

  /** Whether JetStream was disabled for it; then it takes no streams. */
  get stopped(): boolean {
    return this.#stopped;
  }

  get streams(): ReadonlyMap<string, ManagedStream> {
    return this.#streams;
  }

  get duplicateWindowMax(): number {
    return this.#context.options.jetstream.limits.duplicateWindow * 1e6;
  }

  streamConfig(name: string): StreamConfig | undefined {
    return this.#streams.get(name)?.config;
  }

  *streamConfigs(): Iterable<StreamConfig> {
    for (const { config } of this.#streams.values()) yield config;
  }

  maxBytes(
    { num_replicas, storage }: StreamConfig,
  ): { readonly required: boolean; readonly limit: number } {
    const limits = this.usage.select(num_replicas)?.limits;
    if (limits === undefined) return { required: false, limit: 0 };
    const limit = storage === "memory"
      ? limits.memory_max_stream_bytes
      : limits.storage_max_stream_bytes;
    return { required: limits.max_bytes_required, limit };
  }

  /** @throws ApiError `streamNotFound` */
  stream(name: string): ManagedStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new ApiError("streamNotFound");
    return stream;
  }

  /** Streams with a subject that has something in common with `filter` (text; empty: all). */
  filteredStreams(filter: string): ManagedStream[] {
    const streams = [...this.#streams.values()];
    if (filter === "") return streams;
    const pattern = subjectFromText(filter);
    return streams.filter(({ config }) =>
      config.subjects.some((subject) =>
        subjectsCollide(pattern, subjectFromText(subject))
      )
    );
  }

  /** Whether a stream of that name is there, or about to be. */
  hasName(name: string): boolean {
    return this.#streams.has(name) || this.#arriving.has(name);
  }

  /**
   * Keeps a name for a stream whose files have come from elsewhere until it is
   * recovered. @returns to be called then, or if that fails
   */
  keepName(name: string): () => void {
    this.#arriving.add(name);
    return () => this.#arriving.delete(name);
  }

  /** A configuration with what it leaves open. @throws ApiError */
  checked(given: StreamConfig, pedantic: boolean): StreamConfig {
    return checkConfig(given, this, pedantic);
  }

  /** Checks the limits that a client's new stream must keep. @throws ApiError */
  checkNew(config: StreamConfig): void {
    const selected = this.usage.select(config.num_replicas);
    if (selected === null) throw new ApiError("noLimits");
    const { max_streams } = selected.limits;
    if (max_streams > 0 && this.#count(selected.tier, config) >= max_streams) {
      throw new ApiError("maximumStreamsLimit");
    }
    const others = this.#reserved(selected.tier, config);
    this.usage.checkReservation(selected, config, config.max_bytes, others);
  }

  /**
   * Checks whether there is room for a new stream that takes so many bytes on
   * top of what it reserves. @throws ApiError
   */
  checkRoom(config: StreamConfig, bytes: number): void {
    const selected = this.usage.select(config.num_replicas);
    if (selected === null) throw new ApiError("noLimits");
    const others = this.#reserved(selected.tier, config);
    const most = (config.max_bytes < 0 ? 1 : config.max_bytes) + bytes;
    this.usage.checkReservation(selected, config, most, others);
  }

  /**
   * Checks whether a stream may store so many bytes now. @throws ApiError
   */
  checkUsage({ storage, num_replicas }: StreamConfig, bytes: number): void {
    if (this.usage.refusal(storage, num_replicas, bytes) === null) return;
    throw new ApiError(
      storage === "memory"
        ? "memoryResourcesExceeded"
        : "storageResourcesExceeded",
    );
  }

  /**
   * Creates a stream; one that is there already and the same is as good.
   * @throws ApiError
   */
  create(given: StreamConfig, pedantic: boolean): ManagedStream {
    const config = checkConfig(given, this, pedantic);
    if (config.num_replicas > 1) {
      throw new ApiError("streamReplicasNotSupported");
    }
    const present = this.#streams.get(config.name);
    if (present !== undefined) return sameOrRefused(present, config);
    if (this.#arriving.has(config.name)) throw new ApiError("streamNameExist");
    const selected = this.usage.select(config.num_replicas);
    if (selected === null) throw new ApiError("noLimits");
    const others = this.#reserved(selected.tier, config);
    this.usage.checkReservation(selected, config, config.max_bytes, others);
    checkNewOrigins(config);
    this.#checkOverlap(config, null);
    const created = this.#context.clock.nowNanos();
    const birth = { created, recovering: false, restoring: false };
    return this.#open(config, birth);
  }

  /**
   * Creates a stream that is to be filled from a snapshot.
   * @param config checked
   * @param bytes that it is going to take
   * @throws ApiError
   */
  restore(config: StreamConfig, bytes: number): ManagedStream {
    if (this.hasName(config.name)) {
      throw new ApiError("streamNameExistRestoreFailed");
    }
    const selected = this.usage.select(config.num_replicas);
    if (selected === null) throw new ApiError("noLimits");
    const others = this.#reserved(selected.tier, config);
    const most = Math.max(config.max_bytes, bytes);
    this.usage.checkReservation(selected, config, most, others);
    checkNewOrigins(config);
    this.#checkOverlap(config, null);
    const created = this.#context.clock.nowNanos();
    const birth = { created, recovering: false, restoring: true };
    return this.#open(config, birth);
  }

  /** Brings back a stream that was found on disk. @throws ApiError, StoreError */
  recover(given: StreamConfig, created: bigint): ManagedStream {
    const config = checkConfig(given, this, false);
    if (config.num_replicas > 1) {
      throw new ApiError("streamReplicasNotSupported");
    }
    if (this.usage.select(config.num_replicas) === null) {
      throw new ApiError("noLimits");
    }
    this.#checkOverlap(config, null);
    const birth = { created, recovering: true, restoring: false };
    return this.#open(config, birth);
  }

  /** Keeps a stream that can't run, so that it can be told of. */
  keepOffline(stream: OfflineStream): void {
    const present = this.#streams.get(stream.name);
    if (present !== undefined) this.#serverUsage.release(present.config);
    this.#streams.set(stream.name, stream);
  }

  /** Resolves when what the new configuration removes is gone. @throws ApiError */
  update(
    stream: ManagedStream,
    given: StreamConfig,
    pedantic: boolean,
  ): void | Promise<void> {
    const old = stream.config;
    const config = checkUpdate(old, given, this, pedantic);
    this.#checkGrowth(old, config);
    checkConsumerLimits(stream, config);
    this.#checkOverlap(config, stream);
    const updated = stream.update(config);
    this.#serverUsage.release(old);
    this.#serverUsage.reserve(config);
    return updated;
  }

  /** Removes a stream; resolves when nothing is kept of it any more. */
  delete(stream: ManagedStream): void | Promise<void> {
    this.#streams.delete(stream.name);
    if (stream.offlineReason === "") this.#serverUsage.release(stream.config);
    const deleted = stream.delete();
    if (!(deleted instanceof Promise)) return;
    const end = () => void this.#deleting.delete(deleted);
    this.#deleting.add(deleted);
    deleted.then(end, end);
    return deleted;
  }

  /**
   * Ends all streams and keeps what they have: none is found any more.
   * @returns resolves when nobody touches their files any more
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const { offlineReason, config } of streams) {
      if (offlineReason === "") this.#serverUsage.release(config);
    }
    await inSlices(this.#stopping(streams), this.#context);
    await Promise.allSettled(this.#deleting);
  }

  *#stopping(streams: readonly ManagedStream[]): Work<void> {
    for (const stream of streams) {
      try {
        yield* stream.stopping();
      } catch (error) {
        // The others must end all the same.
        this.#context.logger.error(
          `Error stopping stream ${
            quoteText(`${this.name} > ${stream.name}`)
          }: ${error}`,
        );
      }
      yield;
    }
  }

  #open(config: StreamConfig, birth: StreamBirth): ManagedStream {
    // Whoever asks may have done so before it was disabled.
    if (this.#stopped) throw new ApiError("notEnabledForAccount");
    let stream: ManagedStream;
    try {
      stream = this.#maker.create(config, this.host, birth);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw ApiError.from(error, "streamStoreFailed");
    }
    this.#streams.set(stream.name, stream);
    this.#serverUsage.reserve(stream.config);
    return stream;
  }

  /** Checks whether a stream may take as much as it wants to from now on. */
  #checkGrowth(old: StreamConfig, config: StreamConfig): void {
    const selected = this.usage.select(config.num_replicas) ??
      this.usage.select(old.num_replicas);
    if (selected === null) throw new ApiError("noLimits");
    const growth = Math.max(
      0,
      Math.max(config.max_bytes, 0) - Math.max(old.max_bytes, 0),
    );
    const { tier } = selected;
    const others = this.#reserved(tier, config) +
      reservation(tier, config.num_replicas, config.max_bytes - growth);
    this.usage.checkReservation(selected, config, growth, others);
  }

  #checkOverlap({ subjects }: StreamConfig, self: ManagedStream | null): void {
    const own = subjects.map(subjectFromText);
    for (const stream of this.#streams.values()) {
      if (stream === self) continue;
      const others = stream.config.subjects.map(subjectFromText);
      if (own.some((a) => others.some((b) => subjectsCollide(a, b)))) {
        throw new ApiError("streamSubjectOverlap");
      }
    }
  }

  /** Streams of a tier, apart from the one in question. */
  #others(tier: string, { name, num_replicas }: StreamConfig): StreamConfig[] {
    const replicas = Math.max(1, num_replicas);
    return [...this.streamConfigs()].filter((config) =>
      config.name !== name &&
      (tier === "" || Math.max(1, config.num_replicas) === replicas)
    );
  }

  #count(tier: string, config: StreamConfig): number {
    return this.#others(tier, config).length;
  }

  #reserved(tier: string, config: StreamConfig): number {
    return this.#others(tier, config)
      .filter(({ storage }) => storage === config.storage)
      .reduce(
        (sum, { num_replicas, max_bytes }) =>
          sum + reservation(tier, num_replicas, max_bytes),
        0,
      );
  }
}

/** A stream that is there already, if it is what was asked for. */
function sameOrRefused(
  present: ManagedStream,
  config: StreamConfig,
): ManagedStream {
  const wanted = STREAM_CONFIG.write(withLevelOf(config, present.config));
  if (wanted === STREAM_CONFIG.write(present.config)) return present;
  throw new ApiError("streamNameExist");
}

/** @throws ApiError naming consumers that want more than new limits allow */
function checkConsumerLimits(
  { config: { consumer_limits: old }, consumers }: ManagedStream,
  { consumer_limits: limits }: StreamConfig,
): void {
  const { inactive_threshold: threshold, max_ack_pending: pending } = limits;
  const changed = (threshold > 0 && threshold !== old.inactive_threshold) ||
    (pending > 0 && pending !== old.max_ack_pending);
  if (!changed) return;
  const violating = [...consumers.values()].filter(({ config }) =>
    (threshold > 0 && config.inactive_threshold > threshold) ||
    (pending > 0 && config.max_ack_pending > pending)
  );
  if (violating.length === 0) return;
  const names = violating.map(({ name }) => name).join(", ");
  throw new ApiError("streamUpdate", {
    err: `change to limits violates consumers: ${names}`,
  });
}
