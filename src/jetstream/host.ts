/**
 * The surroundings of an account's streams.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import type { JetStreamLimits } from "../config/mod.ts";
import type { Message } from "../protocol/mod.ts";
import type { AccountStores } from "../store/mod.ts";
import type { JetStreamAccount } from "./account.ts";
import type { Advisories } from "./advisories.ts";
import { AssetAdvisories } from "./asset_advisories.ts";
import type {
  AlarmClock,
  ConsumerHost,
  Dispatcher,
  ReplyTarget,
} from "./consumer/mod.ts";
import type { RateLimiter } from "../log/mod.ts";
import type { JetStreamContext } from "./context.ts";
import { AccountMember } from "./member.ts";
import type { StreamHost } from "./stream/contract.ts";
import type { JetStreamAccountLimits } from "./types/infos.ts";
import type { StreamConfig } from "./types/stream_config.ts";

/** What hosts of all accounts share. */
export interface HostParts {
  readonly context: JetStreamContext;
  readonly advisories: Advisories;
  readonly openBatches: { atomic: number; fast: number };
  readonly rollups: StreamHost["rollups"];
  /** Empty: none. */
  readonly domain: string;
  /** Told of stores that can't store. */
  readonly storeFailed: StreamHost["storeFailed"];
  readonly dispatcher: Dispatcher;
  readonly alarms: AlarmClock;
  /** Which warnings may be logged now. */
  readonly complaints: RateLimiter;
}

/** What clients may hand over before it is safe, unless it is configured. */
const INTAKE = { messages: 100_000, bytes: 128 * 1024 * 1024 };

/** One per account. */
export class AccountHost implements StreamHost, ConsumerHost {
  readonly account: Account;
  readonly stores: AccountStores;
  readonly domain: string;
  readonly openBatches: { atomic: number; fast: number };
  readonly rollups: StreamHost["rollups"];
  readonly storeFailed: StreamHost["storeFailed"];
  readonly intakeLimits: StreamHost["intakeLimits"];
  readonly advisories: AssetAdvisories;
  readonly context: JetStreamContext;
  readonly dispatcher: Dispatcher;
  readonly alarms: AlarmClock;
  readonly clock: StreamHost["clock"];
  readonly timers: StreamHost["timers"];
  readonly random: StreamHost["random"];
  readonly logger: StreamHost["logger"];
  readonly flushQueue: StreamHost["flushQueue"];
  readonly #owner: JetStreamAccount;
  readonly #member: AccountMember;
  readonly #complaints: RateLimiter;

  constructor(
    owner: JetStreamAccount,
    stores: AccountStores,
    parts: HostParts,
  ) {
    const { context, advisories, openBatches, domain } = parts;
    const { maxBufferedMessages, maxBufferedSize } = context.options.jetstream;
    this.#owner = owner;
    this.#complaints = parts.complaints;
    this.context = context;
    this.intakeLimits = {
      messages: maxBufferedMessages || INTAKE.messages,
      bytes: maxBufferedSize || INTAKE.bytes,
    };
    this.storeFailed = parts.storeFailed;
    this.dispatcher = parts.dispatcher;
    this.alarms = parts.alarms;
    this.#member = new AccountMember(owner.account, context);
    this.account = owner.account;
    this.stores = stores;
    this.domain = domain;
    this.openBatches = openBatches;
    this.rollups = parts.rollups;
    this.clock = context.clock;
    this.timers = context.timers;
    this.random = context.random;
    this.logger = context.logger;
    this.flushQueue = context.flushQueue;
    this.advisories = new AssetAdvisories(owner.account, advisories, domain);
  }

  get limits(): JetStreamLimits {
    return this.context.options.jetstream.limits;
  }

  get maxPayload(): number {
    return this.context.options.maxPayload;
  }

  get maxPending(): number {
    return this.context.options.maxPending;
  }

  get usage(): StreamHost["usage"] {
    return this.#owner.usage;
  }

  get consumers(): ConsumerHost {
    return this;
  }

  get longAckSubjects(): boolean {
    return this.context.featureFlags.get("js_ack_fc_v2") ?? false;
  }

  accountLimits(replicas: number): JetStreamAccountLimits | null {
    return this.#owner.usage.select(replicas)?.limits ?? null;
  }

  replyTarget(subject: string): ReplyTarget {
    return this.context.accounts.replyTarget(this.account, subject);
  }

  /** Bound: streams hand it on. */
  readonly publish = (message: Message): boolean =>
    this.#member.publish(message);

  warnRarely(text: string): void {
    if (this.#complaints.admits(text)) this.logger.warn(text);
  }

  streamConfig(name: string): StreamConfig | undefined {
    return this.#owner.streamConfig(name);
  }

  streamConfigs(): Iterable<StreamConfig> {
    return this.#owner.streamConfigs();
  }
}
