/**
 * JetStream in a server: when it runs, and for which accounts.
 *
 * @module
 */

import { type Account, GLOBAL_ACCOUNT } from "../account/mod.ts";
import {
  AccountLookupError,
  type ClaimedAccount,
  type JetStreamClaims,
  type JetStreamLimitClaims,
} from "../auth/mod.ts";
import type {
  AccountJetStreamLimits,
  JetStreamOptions,
  Options,
} from "../config/mod.ts";
import {
  ApiError,
  consumerFactory,
  JetStream,
  type JetStreamAccountLimits,
  type JetStreamParts,
  streamMaker,
  type TierLimits,
} from "../jetstream/mod.ts";
import type { Runtime } from "../runtime/mod.ts";
import {
  BlockSupply,
  type EncryptionSettings,
  FileAccountStores,
} from "../store/mod.ts";
import type { ServerState } from "./state.ts";

/** What an account may use that nobody has limited. */
const UNLIMITED: JetStreamAccountLimits = {
  max_memory: -1,
  max_storage: -1,
  max_streams: -1,
  max_consumers: -1,
  max_ack_pending: -1,
  memory_max_stream_bytes: -1,
  storage_max_stream_bytes: -1,
  max_bytes_required: false,
};

/** What this server's JetStream is made of. */
export function jetStreamParts(
  runtime: Runtime,
  state: ServerState,
): JetStreamParts {
  const supply = new BlockSupply(runtime);
  return {
    stores: (account, directory) =>
      new FileAccountStores({
        ...runtime,
        supply,
        turns: state.turns,
        directory: `${directory}/${account}`,
        syncInterval: state.options.jetstream.syncInterval,
        syncAlways: state.options.jetstream.syncAlways,
        encryption: encryptionOf(state.options.jetstream, account),
        warn: (text) => state.logger.warn(text),
      }),
    maker: streamMaker(consumerFactory),
  };
}

/** How the files of an account are encrypted. */
function encryptionOf(
  { key, previousKey, cipher }: JetStreamOptions,
  account: string,
): EncryptionSettings | null {
  if (key === "") return null;
  return {
    account,
    secret: key,
    previousSecret: previousKey,
    cipher: cipher ?? "chacha",
  };
}

/** Starts and ends JetStream, and has it follow the accounts. */
export class JetStreamSwitch {
  /** Null unless it was started and runs still. */
  service: JetStream | null = null;
  readonly #state: ServerState;
  readonly #parts: JetStreamParts;
  /** Resolves when those that ran before have ended. */
  #stopped: Promise<unknown> = Promise.resolve();
  #hasEnded = false;

  constructor(state: ServerState, parts: JetStreamParts) {
    this.#state = state;
    this.#parts = parts;
  }

  get isEnabled(): boolean {
    return this.service?.isEnabled ?? false;
  }

  /** Before there are clients. @throws Error; then it is to be ended */
  start(): void {
    void this.#start(false);
  }

  #start(isServing: boolean): void | Promise<void> {
    this.service = new JetStream(this.#state, this.#parts);
    return this.service.start(this.#wanted(), isServing);
  }

  /** Ends it for good; resolves when everything is kept. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#stop();
  }

  #stop(): Promise<unknown> {
    const { service } = this;
    this.service = null;
    return this.#stopped = Promise.all([this.#stopped, service?.stop()]);
  }

  /**
   * Follows the options in force, which are new. Comes only once that before
   * is over.
   */
  async reload(): Promise<void> {
    const { options: { jetstream }, logger } = this.#state;
    if (!jetstream.enabled) await this.#stop();
    else if (this.service?.isEnabled !== true) {
      const stopped = this.#stop();
      logger.notice("Restarting JetStream");
      await stopped;
      if (this.#hasEnded) return;
      try {
        await this.#start(true);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.warn(`Can't start JetStream: ${reason}`);
        await this.#stop();
      }
    } else {
      this.service.grow(jetstream.maxMemory, jetstream.maxStore);
      try {
        this.follow();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        logger.error(error.message);
      }
    }
  }

  /**
   * Gets to know accounts of which something is stored: nobody may have asked
   * for their JWTs yet.
   */
  async meetStored(): Promise<void> {
    const { claimedAccounts } = this.#state;
    if (claimedAccounts === null) return;
    const names = this.service?.storedAccounts() ?? [];
    await Promise.all(names.map(async (name) => {
      try {
        await claimedAccounts.lookup(name);
      } catch (error) {
        // What it has stays where it is until somebody knows it.
        if (!(error instanceof AccountLookupError)) throw error;
      }
    }));
  }

  /** Enables and disables accounts as the options in force demand. */
  follow(): void {
    const { service } = this;
    if (service === null) return;
    const wanted = this.#wanted();
    const names = new Set([...wanted.keys()].map(({ name }) => name));
    for (const name of [...service.accounts.keys()]) {
      if (!names.has(name)) service.disable(name);
    }
    for (const [account, limits] of wanted) {
      void service.enable(account, limits);
    }
  }

  /** Has one account follow its JWT. @returns resolves when its streams are there */
  followClaims(
    account: Account,
    { claims, label }: ClaimedAccount,
  ): void | Promise<void> {
    const limits = claimedLimits(claims.jetstream);
    try {
      if (limits === null) this.service?.disable(account.name);
      else return this.service?.enable(account, limits);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#state.logger.error(
        `Error configuring jetstream for account [${label}]: ${error.message}`,
      );
    }
  }

  #wanted(): Map<Account, TierLimits> {
    const { accounts, options, claimedAccounts } = this.#state;
    const wanted = new Map<Account, TierLimits>();
    for (const account of accounts) {
      const claims = claimedAccounts?.get(account.name)?.claims.jetstream;
      const limits = claims === undefined
        ? configuredLimits(account.name, options)
        : claimedLimits(claims);
      if (limits !== null) wanted.set(account, limits);
    }
    return wanted;
  }
}

/** Null when JetStream is not enabled for the account. */
function configuredLimits(
  name: string,
  { accounts, systemAccount, trustedKeys }: Options,
): TierLimits | null {
  const others = accounts.filter((account) =>
    account.name !== GLOBAL_ACCOUNT &&
    account.name !== (systemAccount || "$SYS")
  );
  const limits = accounts.find((account) => account.name === name)?.jetstream;
  if (limits !== undefined) return new Map([["", asLimits(limits)]]);
  const isAlone = name === GLOBAL_ACCOUNT && others.length === 0 &&
    trustedKeys.length === 0;
  return isAlone ? new Map([["", UNLIMITED]]) : null;
}

function asLimits(limits: AccountJetStreamLimits): JetStreamAccountLimits {
  return {
    max_memory: limits.maxMemory,
    max_storage: limits.maxStore,
    max_streams: limits.maxStreams,
    max_consumers: limits.maxConsumers,
    max_ack_pending: limits.maxAckPending,
    memory_max_stream_bytes: limits.memoryMaxStreamBytes,
    storage_max_stream_bytes: limits.storeMaxStreamBytes,
    max_bytes_required: limits.maxBytesRequired,
  };
}

/** Null when the claims allow no JetStream. */
function claimedLimits({ limits, tiers }: JetStreamClaims): TierLimits | null {
  const allowed = tiers.size > 0 ? [...tiers.values()] : [limits];
  const isEnabled = allowed.some(({ memoryStorage, diskStorage }) =>
    memoryStorage !== 0 || diskStorage !== 0
  );
  if (!isEnabled) return null;
  if (tiers.size === 0) return new Map([["", fromClaims(limits)]]);
  return new Map(
    [...tiers].map(([tier, each]) => [tier, fromClaims(each)]),
  );
}

function fromClaims(limits: JetStreamLimitClaims): JetStreamAccountLimits {
  return {
    max_memory: limits.memoryStorage,
    max_storage: limits.diskStorage,
    max_streams: limits.streams,
    max_consumers: limits.consumers,
    max_ack_pending: orUnlimited(limits.maxAckPending),
    memory_max_stream_bytes: orUnlimited(limits.memoryMaxStreamBytes),
    storage_max_stream_bytes: orUnlimited(limits.diskMaxStreamBytes),
    max_bytes_required: limits.maxBytesRequired,
  };
}

/** Claims that say nothing of a limit mean none. */
function orUnlimited(limit: number): number {
  return limit > 0 ? limit : -1;
}
