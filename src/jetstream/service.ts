/**
 * JetStream of a server: from its start to its end.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import { formatDuration } from "../config/mod.ts";
import { finish, inSlices } from "../connection/mod.ts";
import { quoteText, RateLimiter } from "../log/mod.ts";
import { Base62 } from "../account/mod.ts";
import type { AccountStores } from "../store/mod.ts";
import { JetStreamAccount } from "./account.ts";
import { Advisories } from "./advisories.ts";
import { ApiDispatcher, type DispatcherContext } from "./api/dispatcher.ts";
import type { ApiContext } from "./api/context.ts";
import { allEndpoints } from "./api/endpoints.ts";
import type { ManagedConsumer, ManagedStream, StreamMaker } from "./assets.ts";
import { AlarmClock, Dispatcher } from "./consumer/mod.ts";
import type { JetStreamContext } from "./context.ts";
import { commonFailure, outOfSpaceText } from "./disk_failure.ts";
import { ApiError } from "./errors.ts";
import { AccountHost, type HostParts } from "./host.ts";
import { logStart } from "./log.ts";
import {
  moveOldDirectories,
  removeAccount,
  removeStaging,
} from "./old_directories.ts";
import { recoverAccount } from "./recovery.ts";
import { Passages } from "./passages.ts";
import { prepareDirectory, type Settings, settle } from "./settings.ts";
import { type FilesContext, FilesRestoration } from "./snapshot/files.ts";
import { SnapshotRestorer } from "./snapshot/restorer.ts";
import { Speaker } from "./speaker.ts";
import { RollupAllowance } from "./stream/mod.ts";
import type { CreateConsumerRequest } from "./types/consumer_config.ts";
import { CLUSTER_INFO, type ClusterInfo } from "./types/infos.ts";
import type { StorageType, StreamConfig } from "./types/stream_config.ts";
import { AccountUsage, ServerUsage, type TierLimits } from "./usage.ts";

/** Chars of a name that nobody else has. */
const NAME_LENGTH = 8;
/** The same of one that nobody can guess. */
const ID_LENGTH = 22;
/** Milliseconds between two complaints about the same. */
const COMPLAINT_INTERVAL = 10_000;

/** What the name of an account with claims looks like. */
const ACCOUNT_KEY = /^A[A-Z2-7]{55}$/;

/** What the service is put together from. */
export interface JetStreamParts {
  /** Opens what is kept of an account. @param directory of all accounts */
  readonly stores: (account: string, directory: string) => AccountStores;
  readonly maker: StreamMaker;
}

/** Accounts for which JetStream is to be enabled, with their limits. */
export type WantedAccounts = ReadonlyMap<Account, TierLimits>;

/** One per server. */
export class JetStream implements DispatcherContext, ApiContext {
  readonly server: JetStreamContext;
  readonly speaker: Speaker;
  readonly advisories: Advisories;
  readonly settings: Settings;
  readonly usage: ServerUsage;
  readonly domain: string;
  readonly api = { total: 0, errors: 0, inflight: 0 };
  readonly accounts: Map<string, JetStreamAccount> = new Map();
  readonly #parts: JetStreamParts;
  readonly #hostParts: HostParts;
  readonly #dispatcher: ApiDispatcher;
  readonly #letters: Base62;
  #complained = -Infinity;
  #enabled = false;
  /** Whether there are clients, who must not be held up. */
  #isServing = false;
  readonly #passages: Passages;
  #stopped: Promise<void> | null = null;
  #hasGivenUp = false;

  constructor(server: JetStreamContext, parts: JetStreamParts) {
    const { jetstream } = server.options;
    this.server = server;
    this.domain = jetstream.domain;
    this.settings = settle(jetstream, server.disk, server.process);
    const { maxMemory, maxStore } = this.settings;
    this.usage = new ServerUsage({ memory: maxMemory, file: maxStore });
    this.speaker = new Speaker(server);
    this.advisories = new Advisories(server, this.speaker);
    this.#parts = parts;
    this.#passages = new Passages(server.logger);
    this.#letters = new Base62(server.random);
    this.#hostParts = {
      context: server,
      advisories: this.advisories,
      openBatches: { atomic: 0, fast: 0 },
      rollups: new RollupAllowance(server.flushQueue, server.clock),
      domain: this.domain,
      dispatcher: new Dispatcher(server.flushQueue, server.clock),
      alarms: new AlarmClock(server.clock, server.timers),
      complaints: new RateLimiter(server.clock, server.timers),
      storeFailed: (config, error) => this.#storeFailed(config, error),
    };
    this.#dispatcher = new ApiDispatcher(this, allEndpoints(this));
  }

  /** Whether it runs: not before its start, and no more once it had to give up. */
  get isEnabled(): boolean {
    return this.#enabled;
  }

  get clock(): JetStreamContext["clock"] {
    return this.server.clock;
  }

  /**
   * Brings everything back and begins to serve.
   * @param isServing whether the server has clients already
   * @returns resolves when everything is back; nothing when it is already
   * @throws Error; then it is to be stopped
   */
  start(wanted: WantedAccounts, isServing: boolean): void | Promise<void> {
    const { logger, clock, disk, accounts, options } = this.server;
    const begun = clock.monotonic();
    logger.notice("Starting JetStream");
    prepareDirectory(disk, this.settings.storeDirectory);
    logStart(logger, options, this.settings);
    this.#tidy();
    if (accounts.system !== null) this.#dispatcher.start(accounts.system);
    this.#enabled = true;
    this.#isServing = isServing;
    const returning: Promise<void>[] = [];
    try {
      for (const [account, limits] of wanted) {
        const back = this.enable(account, limits);
        if (back instanceof Promise) returning.push(back);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Error enabling jetstream on configured accounts: ${reason}`,
        { cause: error },
      );
    }
    this.#isServing = true;
    const end = () => {
      if (this.settings.fromFreeSpace) {
        this.usage.most.file += Math.floor(this.usage.used.file / 4) * 3;
      }
      const took = formatDuration(clock.monotonic() - begun);
      logger.notice(`Took ${took} to start JetStream`);
    };
    return returning.length > 0 ? Promise.all(returning).then(end) : end();
  }

  /** Accounts with JWTs of which something is stored, enabled or not. */
  storedAccounts(): string[] {
    return this.server.disk.list(this.settings.storeDirectory)
      .filter((name) => ACCOUNT_KEY.test(name));
  }

  /** Brings order to what former servers have left. @throws DiskError */
  #tidy(): void {
    const { logger, disk, accounts, options } = this.server;
    const { storeDirectory, isTemporary } = this.settings;
    const hasClaims = options.resolver !== undefined;
    removeStaging(disk, storeDirectory);
    // There may be anything beside a directory that nobody has chosen.
    if (isTemporary) return;
    moveOldDirectories({
      disk,
      directory: storeDirectory,
      isAccount: (name) =>
        accounts.get(name) !== null || (hasClaims && ACCOUNT_KEY.test(name)),
      moved: (from, to) =>
        logger.notice(
          `JetStream relocated account ${quoteText(from)} to ${quoteText(to)}`,
        ),
    });
  }

  /**
   * Ends all streams and keeps what they have. Whoever calls this again waits
   * for the same.
   */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    if (!this.#enabled) return;
    const { logger, flushQueue } = this.server;
    logger.notice("Initiating JetStream Shutdown...");
    this.#enabled = false;
    this.#dispatcher.stop();
    // What there is to say to clients is said before they are sent away.
    flushQueue.begin();
    try {
      for (const account of this.accounts.values()) {
        this.#passages.leave(account);
      }
    } finally {
      flushQueue.end();
    }
    this.accounts.clear();
    await this.#passages.empty();
    this.#hostParts.alarms.close();
    this.#hostParts.complaints.close();
    logger.notice("JetStream Shutdown");
  }

  /**
   * Enables JetStream for an account, or gives it new limits.
   * @returns resolves when its streams are back; nothing when they are already
   * @throws ApiError when the server has not that much
   */
  enable(account: Account, limits: TierLimits): void | Promise<void> {
    if (!this.#enabled) return;
    const present = this.accounts.get(account.name);
    if (present !== undefined) {
      this.#checkRoom(difference(present.usage.limits, limits));
      present.usage.limits = limits;
      return;
    }
    this.#checkRoom(limits);
    const { context, advisories } = this.#hostParts;
    const usage = new AccountUsage(
      this.usage,
      limits,
      (storage) => this.#complain(storage),
    );
    const stores = this.#parts.stores(
      account.name,
      this.settings.storeDirectory,
    );
    const enabled = new JetStreamAccount({
      account,
      context,
      usage,
      serverUsage: this.usage,
      advisories,
      maker: this.#parts.maker,
      host: (owner) => new AccountHost(owner, stores, this.#hostParts),
    });
    this.accounts.set(account.name, enabled);
    const work = recoverAccount(enabled, stores, this.server);
    // Before the start nobody is there who would have to wait.
    if (!this.#isServing) return finish(work);
    return this.#passages.come(enabled, async () => {
      const forget = await stores.lookAhead?.();
      try {
        await inSlices(work, this.server);
      } finally {
        forget?.();
      }
    });
  }

  returning(account: JetStreamAccount): Promise<void> | null {
    return this.#passages.returning(account);
  }

  /** Lets streams take more altogether; less than now changes nothing. */
  grow(memory: number, file: number): void {
    const { most } = this.usage;
    most.memory = Math.max(most.memory, memory);
    most.file = Math.max(most.file, file);
  }

  /** Disables JetStream for an account; what it has is kept. */
  disable(name: string): void {
    const account = this.accounts.get(name);
    if (account === undefined) return;
    this.accounts.delete(name);
    this.#passages.leave(account);
  }

  jetstreamOf(account: Account): JetStreamAccount | null {
    return this.accounts.get(account.name) ?? null;
  }

  clusterInfo(): ClusterInfo {
    return { ...CLUSTER_INFO.zero(), leader: this.server.name };
  }

  createStream(
    account: JetStreamAccount,
    config: StreamConfig,
    pedantic: boolean,
  ): ManagedStream {
    try {
      return account.create(config, pedantic);
    } catch (error) {
      const told = ApiError.from(error, "streamCreate");
      if (!told.is("streamStoreFailed")) throw told;
      this.server.logger.warn(
        `Stream create failed for '${account.name} > ${config.name}': ${told.message}`,
      );
      throw new ApiError("streamCreate", {
        err: "error creating store for stream",
      }, { cause: error });
    }
  }

  createConsumer(
    account: JetStreamAccount,
    stream: ManagedStream,
    { config, action, pedantic }: CreateConsumerRequest,
  ): ManagedConsumer {
    try {
      return stream.createConsumer(config, action, pedantic);
    } catch (error) {
      const told = ApiError.from(error, "consumerCreate");
      if (!told.is("consumerStoreFailed")) throw told;
      this.server.logger.warn(
        `Consumer create failed for '${account.name} > ${stream.name} > ${config.durable_name}': ${told.message}`,
      );
      throw new ApiError("consumerCreate", {
        err: "error creating store for consumer",
      }, { cause: error });
    }
  }

  drawName(): string {
    return this.#letters.draw(NAME_LENGTH);
  }

  drawId(): string {
    return this.#letters.draw(ID_LENGTH);
  }

  async purgeAccount(name: string): Promise<void> {
    const { logger, disk, accounts } = this.server;
    const { storeDirectory } = this.settings;
    await this.#passages.settle(name, () => this.accounts.get(name));
    const account = this.accounts.get(name);
    const streams = account?.streams ?? new Map<string, ManagedStream>();
    logger.notice(
      `Purge request for account ${name} (streams: ${streams.size}, hasAccount: ${
        accounts.get(name) !== null
      })`,
    );
    // Others may come while these go; none may be left when its files go.
    while (streams.size > 0) {
      for (const stream of [...streams.values()]) await account?.delete(stream);
    }
    try {
      await removeAccount(disk, storeDirectory, name, this.drawName());
    } catch (error) {
      throw ApiError.from(error, "streamGeneralError");
    }
  }

  later(action: () => void): void {
    this.server.flushQueue.atEnd({ onBatchEnd: action });
  }

  restorer(account: JetStreamAccount, config: StreamConfig): SnapshotRestorer {
    const { clock, disk, logger, options } = this.server;
    const now = () => clock.nowNanos();
    const files: FilesContext = {
      disk,
      account,
      config,
      directory: this.settings.storeDirectory,
      stores: (directory) => this.#parts.stores(account.name, directory),
      id: this.drawName(),
      now,
      complain: (text) => logger.error(text),
    };
    return new SnapshotRestorer({
      account,
      config,
      now,
      maxPayload: options.maxPayload,
      files: () => new FilesRestoration(files),
    });
  }

  /**
   * Checks that the server has what an account may use, on top of what others
   * may. @throws ApiError
   */
  #checkRoom(limits: TierLimits): void {
    const added = totals(limits);
    const others = { memory: 0, file: 0 };
    for (const { usage } of this.accounts.values()) {
      const { memory, file } = totals(usage.limits);
      others.memory += memory;
      others.file += file;
    }
    const { reserved, most } = this.usage;
    const exceeds = (storage: "memory" | "file") =>
      Math.max(reserved[storage], others[storage]) + added[storage] >
        most[storage];
    if (exceeds("memory")) throw new ApiError("memoryResourcesExceeded");
    if (exceeds("file")) throw new ApiError("storageResourcesExceeded");
  }

  /**
   * When the disk is full or must not be written to, nothing can be stored
   * safely any more; so nothing is served until somebody has made room and the
   * server is told to start again.
   */
  #storeFailed(config: StreamConfig, error: unknown): void {
    const failure = commonFailure(error);
    if (failure === null || !this.#enabled || this.#hasGivenUp) return;
    this.#hasGivenUp = true;
    const { logger, timers } = this.server;
    if (failure === "EACCES") {
      const text =
        "Filesystem permission denied while writing msg, disabling JetStream";
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn(`${text}: ${reason}`);
    } else {
      logger.error(outOfSpaceText(config));
      this.#adviseOfSpace(config.name);
    }
    // Whoever has noticed is in the middle of something.
    timers.soon(() => void this.stop());
  }

  #adviseOfSpace(stream: string): void {
    const { name, id } = this.server;
    this.advisories.advise(
      null,
      "SERVER.OUT_OF_STORAGE",
      "server_out_of_space",
      () => ({
        server: name,
        server_id: id,
        stream,
        cluster: "",
        domain: this.domain || undefined,
      }),
    );
  }

  /** Says that there is no room, but not again and again. */
  #complain(storage: StorageType): void {
    const now = this.server.clock.monotonic();
    if (now - this.#complained <= COMPLAINT_INTERVAL) return;
    this.#complained = now;
    this.server.logger.error(
      `JetStream ${storage} resource limits exceeded for server`,
    );
  }
}

/** Bytes that all tiers together may use. */
function totals(limits: TierLimits): { memory: number; file: number } {
  const total = { memory: 0, file: 0 };
  for (const { max_memory, max_storage } of limits.values()) {
    if (max_memory > 0) total.memory += max_memory;
    if (max_storage > 0) total.file += max_storage;
  }
  return total;
}

/** What new limits allow more than the old ones. */
function difference(old: TierLimits, next: TierLimits): TierLimits {
  return new Map([...next].map(([tier, limits]) => {
    const before = old.get(tier);
    return [tier, {
      ...limits,
      max_memory: limits.max_memory - (before?.max_memory ?? 0),
      max_storage: limits.max_storage - (before?.max_storage ?? 0),
    }];
  }));
}
