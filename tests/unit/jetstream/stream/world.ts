/**
 * A stream in an account in virtual time, over a store in memory.
 *
 * @module
 */

import type { Work } from "../../../../src/connection/mod.ts";
import { Accounts } from "../../../../src/account/mod.ts";
import { emptyLimits } from "../../../../src/config/jetstream_fields.ts";
import { dispatch } from "../../../../src/account/dispatch.ts";
import {
  type Account,
  type AccountContext,
  type ClientInfo,
  type Producer,
  type Receiver,
  Subscription,
} from "../../../../src/account/mod.ts";
import { finish, FlushQueue } from "../../../../src/connection/mod.ts";
import { ApiError } from "../../../../src/jetstream/errors.ts";
import type {
  ConsumerConfig,
} from "../../../../src/jetstream/types/consumer_config.ts";
import { CONSUMER_CONFIG } from "../../../../src/jetstream/types/consumer_config.ts";
import {
  STREAM_CONFIG,
  type StreamConfig,
} from "../../../../src/jetstream/types/stream_config.ts";
import {
  CONSUMER_INFO,
  type ConsumerInfo,
} from "../../../../src/jetstream/types/infos.ts";
import type { ConsumerHost } from "../../../../src/jetstream/consumer/mod.ts";
import type {
  ConsumerFactory,
  StreamConsumer,
  StreamHost,
  Tally,
} from "../../../../src/jetstream/stream/contract.ts";
import { checkConfig } from "../../../../src/jetstream/stream/config/check.ts";
import type { ConfigContext } from "../../../../src/jetstream/stream/config/context.ts";
import {
  RollupAllowance,
  Stream,
} from "../../../../src/jetstream/stream/mod.ts";
import {
  type AccountStores,
  type ConsumerState,
  MemoryAccountStores,
} from "../../../../src/store/mod.ts";
import {
  Chunk,
  decodeByteString,
  encodeByteString,
  Message,
} from "../../../../src/protocol/mod.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { Scheduler } from "../../../sim/ports/scheduler.ts";
import { SimClock, SimTimers } from "../../../sim/ports/time.ts";
import { options } from "../../config/options_harness.ts";
import { LogRecorder } from "../../../tools/log_recorder.ts";

/** A message as a member of the account saw it. */
export interface Seen {
  readonly subject: string;
  readonly reply: string;
  /** Without its end; empty: none. */
  readonly headers: string;
  readonly body: string;
}

/** What is told of a batch or a stream. */
export type Event = readonly string[];

/** Nothing but a list of what it was told. */
export class FakeConsumer implements StreamConsumer {
  readonly log: string[] = [];
  /** Sequences that it waits for an acknowledgement of. */
  readonly wanted = new Set<number>();
  readonly config: ConsumerConfig = CONSUMER_CONFIG.zero();
  readonly offlineReason = "";
  readonly inactiveThreshold = 0;
  readonly maxAckPending = 0;
  constructor(
    readonly name: string,
    readonly filters: readonly string[] = [],
    readonly internal = false,
  ) {}
  complete(): null {
    return null;
  }
  position(): ConsumerState {
    const nowhere = { consumer: 0, stream: 0 };
    return {
      delivered: nowhere,
      ackFloor: nowhere,
      pending: new Map(),
      redelivered: new Map(),
    };
  }

  info(): ConsumerInfo {
    return CONSUMER_INFO.zero();
  }
  created(): void {}
  pause(): void {}
  unpin(): void {}
  stored(sequence: number, _tally: Tally | null): boolean {
    this.wanted.add(sequence);
    this.log.push(`stored ${sequence}`);
    return false;
  }
  settled(): void {
    this.log.push("settled");
  }
  removed(sequence: number): void {
    this.log.push(`removed ${sequence}`);
  }
  removedMany(): void {
    this.log.push("removed many");
  }
  *purged(first: number, last: number, wider: boolean): Work<void> {
    yield;
    this.log.push(`purged ${first} ${last} ${wider}`);
  }
  needsAck(sequence: number): boolean {
    return this.wanted.has(sequence);
  }
  *checkInterest(): Work<number> {
    yield;
    return Math.min(...this.wanted, Infinity);
  }
  streamUpdated(): void {
    this.log.push("updated");
  }
  stop(): void {
    this.log.push("stopped");
  }
  delete(): void {
    this.log.push("deleted");
  }
}

/** An account with streams and a member that talks to them. */
export class StreamWorld implements Receiver, Producer {
  readonly seesImports = true;
  readonly sends = true;
  readonly scheduler = new Scheduler();
  readonly timers = new SimTimers(this.scheduler, {
    alive: true,
    busyUntil: 0,
  });
  readonly clock = new SimClock(this.scheduler, 0, 1000);
  readonly random = new SeededRandom(7n);
  readonly turns = { next: () => this.timers.sleep(0) };
  readonly flushQueue = new FlushQueue(this.turns);
  readonly logger = new LogRecorder();
  readonly account: Account;
  readonly host: StreamHost;
  readonly streams = new Map<string, Stream>();
  readonly events: string[][] = [];
  /** Bytes by storage. */
  readonly used = { memory: 0, file: 0 };
  /** Of streams that are made from now on. */
  readonly intakeLimits = { messages: 1_000_000, bytes: 1 << 30 };
  /** Bytes that may still be stored. */
  room = Infinity;
  /** What storing anything is refused with. */
  refusal: ApiError | null = null;
  seen: Seen[] = [];
  /** What consumers share; streams alone need none. */
  consumerHost: ConsumerHost | null = null;
  factory: ConsumerFactory = {
    create: () => {
      throw new ApiError("consumerCreate", { err: "not here" });
    },
    check: () => {},
    recovering: (_stream, { name }) => {
      this.events.push(["recovered", name]);
      return nothing();
    },
  };
  /** What accounts need. */
  get accountContext(): AccountContext {
    return this.#context;
  }

  readonly #context;

  /** Takes what is delivered here instead. */
  taker: ((subscription: Subscription, message: Message) => boolean) | null =
    null;

  constructor(parts: { stores?: AccountStores; domain?: string } = {}) {
    this.#context = {
      clock: this.clock,
      timers: this.timers,
      random: this.random,
      name: "S",
      counters: { messagesOut: 0, bytesOut: 0 },
    };
    const accounts = new Accounts(
      options("no_system_account: true\n"),
      this.#context,
    );
    this.account = accounts.global;
    this.account.subscribe(new Subscription(this, "_INBOX.>", null, "1"));
    this.host = this.#makeHost(
      parts.stores ?? new MemoryAccountStores(this),
      parts.domain ?? "",
    );
  }

  /** Surroundings for checking configurations. */
  get context(): ConfigContext {
    return {
      random: this.random,
      duplicateWindowMax: 0,
      streamConfig: (name) => this.streams.get(name)?.config,
      maxBytes: () => ({ required: false, limit: 0 }),
    };
  }

  /** A stream with defaults but for what is given. */
  stream(given: Partial<StreamConfig>, recovering = false): Stream {
    const config = checkConfig(
      { ...STREAM_CONFIG.zero(), storage: "memory", ...given },
      this.context,
      false,
    );
    const stream = new Stream(config, this.host, this.factory, {
      created: this.clock.nowNanos(),
      recovering,
      restoring: false,
    });
    this.streams.set(stream.name, stream);
    if (recovering) {
      finish(stream.remembering());
      stream.recovered();
    }
    return stream;
  }

  /** Updates a stream as the API would. */
  update(stream: Stream, change: Partial<StreamConfig>): void {
    stream.update({ ...stream.config, ...change });
  }

  /** Publishes in a batch of its own. */
  publish(
    subject: string,
    body = "",
    headers: Readonly<Record<string, string>> = {},
    reply = "",
  ): void {
    this.flushQueue.begin();
    this.enqueue(subject, body, headers, reply);
    this.flushQueue.end();
  }

  /** Publishes into the batch at hand. */
  enqueue(
    subject: string,
    body = "",
    headers: Readonly<Record<string, string>> = {},
    reply = "",
  ): void {
    dispatch(
      this.account,
      messageOf(subject, body, headers, reply),
      this,
      this.#context,
    );
  }

  /** Has a message delivered in a batch of its own. */
  hand(message: Message): void {
    this.flushQueue.begin();
    dispatch(this.account, message, this, this.#context);
    this.flushQueue.end();
  }

  /** Publishes and gives back the answers, parsed. */
  request(
    subject: string,
    body = "",
    headers: Readonly<Record<string, string>> = {},
  ): unknown {
    const [answer] = this.ask(subject, body, headers);
    return answer === undefined || answer.body === ""
      ? answer
      : JSON.parse(answer.body);
  }

  /** Publishes and gives back the answers. */
  ask(
    subject: string,
    body = "",
    headers: Readonly<Record<string, string>> = {},
    reply = "_INBOX.answer",
  ): Seen[] {
    this.seen = [];
    this.publish(subject, body, headers, reply);
    return this.seen;
  }

  deliver(subscription: Subscription, message: Message): boolean {
    if (this.taker !== null) return this.taker(subscription, message);
    const { chunk, bodyStart, bodyEnd, headerSize } = message;
    const split = bodyStart + Math.max(0, headerSize);
    this.seen.push({
      subject: message.subject(),
      reply: message.reply(),
      headers: decodeByteString(chunk.bytes, bodyStart, split),
      body: decodeByteString(chunk.bytes, split, bodyEnd),
    });
    return true;
  }

  /** Also listens here. */
  listen(subject: string): void {
    this.account.subscribe(new Subscription(this, subject, null, "2"));
  }

  /** Lets time pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.scheduler.now + milliseconds;
    while (this.scheduler.next <= end) await this.scheduler.step();
    this.scheduler.advanceTo(end);
  }

  throttle(): boolean {
    return false;
  }

  clientInfo(): ClientInfo {
    return {};
  }

  measureRoundTrip(): void {}

  #makeHost(stores: AccountStores, domain: string): StreamHost {
    const told = (...event: string[]) => this.events.push(event);
    const consumers = () => this.consumerHost;
    return {
      account: this.account,
      clock: this.clock,
      timers: this.timers,
      random: this.random,
      logger: this.logger,
      flushQueue: this.flushQueue,
      stores,
      domain,
      limits: emptyLimits(),
      maxPayload: 1 << 20,
      maxPending: 64 << 20,
      intakeLimits: this.intakeLimits,
      warnRarely: (text) => this.logger.warn(text),
      usage: {
        refusal: (_storage, _replicas, bytes) =>
          bytes > this.room
            ? new ApiError("accountResourcesExceeded")
            : this.refusal,
        exhaustion: () =>
          this.refusal?.is("insufficientResources") ? this.refusal : null,
        changed: (storage, _replicas, bytes) => {
          this.used[storage] += bytes;
          this.room -= bytes;
        },
      },
      advisories: {
        streamChanged: (stream, action) => void told(action, stream),
        batchAbandoned: (stream, batch, reason) =>
          void told("abandoned", stream, batch, reason),
      },
      publish: (message) =>
        dispatch(this.account, message, this, this.#context),
      streamConfig: (name) => this.streams.get(name)?.config,
      streamConfigs: () =>
        [...this.streams.values()].map((each) => each.config),
      openBatches: { atomic: 0, fast: 0 },
      rollups: new RollupAllowance(this.flushQueue, this.clock),
      storeFailed: ({ name }) => void told("failed", name),
      get consumers(): ConsumerHost {
        const host = consumers();
        if (host === null) throw new Error("streams ask nothing of it");
        return host;
      },
    };
  }
}

/**
 * Has time pass with each look at it, milliseconds: whatever may take turns
 * takes many.
 */
export function slowDown(clock: SimClock, each = 1): void {
  const monotonic = clock.monotonic.bind(clock);
  let looked = 0;
  clock.monotonic = () => monotonic() + (looked += each);
}

/** A message as a client publishes it. */
export function messageOf(
  subject: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  reply: string,
): Message {
  const lines = Object.entries(headers).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  const block = lines.length === 0 ? "" : `NATS/1.0\r\n${lines.join("")}\r\n`;
  const message = new Message();
  message.setSubject(subject);
  message.replyChunk = Chunk.of(encodeByteString(reply));
  message.replyEnd = reply.length;
  message.chunk = Chunk.of(encodeByteString(block + body));
  message.bodyEnd = message.chunk.size;
  message.headerSize = block === "" ? -1 : block.length;
  return message;
}

function* nothing(): Work<void> {}
