/**
 * A consumer: binds state, mode and acknowledgements to its stream.
 *
 * @module
 */

import { shortHash } from "../../account/mod.ts";
import type { Work } from "../../connection/mod.ts";
import type {
  ConsumerState,
  ConsumerStore,
  StreamStore,
} from "../../store/mod.ts";
import { SubjectFilter, subjectFromText } from "../../subject/mod.ts";
import { formatTime, parseTime, ZERO_TIME } from "../json/time.ts";
import type {
  ConsumedStream,
  StreamConsumer,
  StreamHost,
  Tally,
} from "../stream/contract.ts";
import type { ConsumerConfig } from "../types/consumer_config.ts";
import type { ConsumerInfo } from "../types/infos.ts";
import { CONSUMER_META } from "../types/meta.ts";
import { ackPrefixes, AckSubjectWriter } from "./ack_subject.ts";
import { AckDesk, type AckOwner } from "./acks.ts";
import { Clearance } from "./clearance.ts";
import { filtersOf, parseSampling } from "./config/mod.ts";
import { Cursor } from "./cursor.ts";
import { Delivery, type DeliveryOwner } from "./delivery.ts";
import type { Deliverer } from "./dispatcher.ts";
import { Inactivity } from "./inactivity.ts";
import { consumerInfo } from "./info.ts";
import { reportAcknowledged } from "./interest.ts";
import { Preparation } from "./preparation.ts";
import { Outlet } from "./outlet.ts";
import { PullMode } from "./pull_mode.ts";
import { PushMode, type PushOwner } from "./push_mode.ts";
import { Reception } from "./reception.ts";
import { Replay } from "./replay.ts";
import { Settlement } from "./settlement.ts";
import {
  Backlog,
  type DeliveryPolicy,
  DeliveryState,
  NO_SLOT,
  savedState,
} from "./state/mod.ts";
import { GONE, Telling } from "./telling.ts";
import { Timekeeper } from "./timekeeper.ts";
import { pauseConsumer } from "./update.ts";

const NANOS_PER_MILLI = 1_000_000;

/** What the state depends on. */
export function policyOf(config: ConsumerConfig): DeliveryPolicy {
  return {
    ack: config.ack_policy,
    ackWait: config.ack_wait / NANOS_PER_MILLI,
    backoff: config.backoff.map((wait) => wait / NANOS_PER_MILLI),
    maxDeliver: Math.max(0, config.max_deliver),
    maxAckPending: config.max_ack_pending,
  };
}

/** Whether anything is kept of a consumer. */
export function isKept({ direct, mem_storage }: ConsumerConfig): boolean {
  return !direct && !mem_storage;
}

/** What there is of a consumer that comes back. */
export interface ConsumerOrigin {
  readonly state: DeliveryState;
  /** What it is kept in, of that state; null: that is not open yet. */
  readonly kept: ConsumerStore | null;
}

/** One per consumer; times without a word are monotonic milliseconds. */
export class Consumer
  implements StreamConsumer, Deliverer, DeliveryOwner, PushOwner, AckOwner {
  queued = false;
  readonly offlineReason = "";
  readonly host: StreamHost;
  readonly state: DeliveryState;
  readonly backlog = new Backlog();
  readonly cursor: Cursor;
  readonly outlet: Outlet;
  readonly mode: PullMode | PushMode;
  readonly delivery: Delivery;
  readonly acks: AckDesk;
  readonly inactivity = new Inactivity();
  readonly telling: Telling;
  readonly flowPrefix: string;
  /** How far it has come. */
  readonly position = (): ConsumerState => savedState(this.state);
  /** Null for consumers that nothing is kept of. */
  readonly kept: ConsumerStore | null;
  filters: readonly string[];
  /** Wall clock, milliseconds; 0: never. */
  lastDelivered = 0;
  lastAcknowledged = 0;
  closed = false;
  readonly preparation = new Preparation(this);
  readonly #reception: Reception;
  readonly clearance = new Clearance(
    this,
    (...gone) => this.#forget(...gone),
  );
  readonly #settlement = new Settlement(this);
  readonly #timekeeper: Timekeeper;

  constructor(
    readonly stream: ConsumedStream,
    readonly name: string,
    /** Replaced as a whole on update. */
    public config: ConsumerConfig,
    /** Nanoseconds since the Unix epoch. */
    readonly createdAt: bigint,
    origin?: ConsumerOrigin,
  ) {
    const { host } = stream;
    this.host = host;
    this.state = origin?.state ?? new DeliveryState(policyOf(config));
    this.filters = filtersOf(config);
    const filter = SubjectFilter.of(...this.filters);
    this.cursor = new Cursor(stream, this.state, filter);
    this.outlet = new Outlet(host.consumers.context, () => this.ready());
    const names = {
      stream: subjectFromText(stream.name),
      consumer: subjectFromText(name),
      domain: subjectFromText(host.domain),
      accountHash: shortHash(host.account.name),
    };
    const kind = host.consumers.longAckSubjects ? "long" : "short";
    const acks = ackPrefixes("ACK", names);
    const flows = ackPrefixes("FC", names);
    this.flowPrefix = flows[kind];
    this.acks = new AckDesk(this, acks);
    this.telling = new Telling(this);
    this.delivery = new Delivery(this, new AckSubjectWriter(acks[kind]));
    this.#timekeeper = new Timekeeper(this);
    this.#reception = new Reception(this, names, flows);
    this.mode = config.deliver_subject === ""
      ? new PullMode(this)
      : new PushMode(this, host.clock.monotonic());
    this.kept = origin?.kept ??
      (isKept(config) ? stream.store.consumer(name, this.position) : null);
    const lasts = config.durable_name !== "";
    this.inactivity.configure(config, lasts, host.random);
    this.adopt();
  }

  get streamName(): string {
    return this.stream.name;
  }

  get store(): StreamStore {
    return this.stream.store;
  }

  get internal(): boolean {
    return this.config.direct;
  }

  get inactiveThreshold(): number {
    return this.config.inactive_threshold;
  }

  get maxAckPending(): number {
    return this.config.max_ack_pending;
  }

  get burst(): number {
    const { config, host } = this.stream;
    const { maxPayload } = host.account.limits;
    if (config.max_msg_size > 0) return config.max_msg_size;
    return maxPayload > 0 ? maxPayload : host.maxPayload;
  }

  get reports(): boolean {
    return this.stream.config.retention !== "limits";
  }

  /**
   * Begins to serve. State and position are settled.
   * @param start finds out where to begin, if that is not known yet
   */
  open(start: Work<void> | null = null): void {
    const { account, clock } = this.host;
    this.preparation.begin(start);
    const { ack_policy: ack, replay_policy: replay } = this.config;
    if (replay === "original") {
      this.delivery.replay = new Replay(this.store.lastSequence);
    }
    if (ack === "all" || ack === "explicit") this.acks.open(account);
    this.#reception.open(account);
    this.stream.addConsumer(this);
    if (this.mode instanceof PushMode) this.mode.open();
    else this.inactivity.start(clock.monotonic());
    this.clearance.begin();
    this.ready();
    this.rearm();
  }

  /** Takes over those fields of the configuration that parts keep in their own form. */
  adopt(): void {
    const { config } = this;
    this.state.policy = policyOf(config);
    const samples = parseSampling(config.sample_freq);
    this.telling.samples = typeof samples === "number" ? samples : 0;
    const until = parseTime(config.pause_until ?? ZERO_TIME) ?? 0n;
    this.#timekeeper.pause(Number(until) / NANOS_PER_MILLI);
  }

  /** Keeps the configuration, and the name that was drawn for it. */
  keepConfig(): void {
    const { config, name } = this;
    this.kept?.writeMeta(CONSUMER_META.write({
      ...config,
      name: config.durable_name === "" ? name : config.name,
      Created: formatTime(this.createdAt),
      Name: name,
    }));
  }

  /** Messages that are still to be delivered, as far as they are counted. */
  countPending(): number {
    this.preparation.complete();
    const { lastSequence, messages } = this.store;
    return this.backlog.within(this.state.next, lastSequence, messages);
  }

  complete(): Promise<void> | null {
    const prepared = this.preparation.complete();
    const settled = this.#settlement.done;
    if (prepared === null || settled === null) return prepared ?? settled;
    return Promise.all([prepared, settled]).then(() => {});
  }

  /** It is known where it begins, and how much there is. */
  prepared(): void {
    if (this.closed) return;
    this.clearance.begin(GONE.deleted);
    this.ready();
  }

  info(): ConsumerInfo {
    return consumerInfo(this);
  }

  // What the stream tells.

  stored(sequence: number, tally: Tally | null): boolean {
    return this.backlog.stored(sequence, tally);
  }

  settled(): void {
    if (this.mode.isReady) this.ready();
  }

  removed(sequence: number, removal: number): void {
    const { state } = this;
    if (sequence >= state.next) this.preparation.removed(sequence, removal);
    const { stalled } = state;
    this.#forget(sequence, GONE.deleted);
    if (stalled) this.ready();
  }

  removedMany(): void {
    this.preparation.due = true;
    this.ready();
  }

  *purged(first: number, last: number, wider: boolean): Work<void> {
    const { store, state } = this;
    const { next } = state;
    const remains = (sequence: number) => store.load(sequence) !== null;
    const start = first === 0 && !wider ? last + 1 : first;
    const removed = yield* state.purging(start, wider ? remains : null);
    if (removed) this.acknowledgedNow();
    else this.kept?.changed();
    // Of what it has passed over, some may be told to be gone only now.
    if (state.next > next) this.preparation.due = true;
    this.ready();
  }

  needsAck(sequence: number): boolean {
    return this.state.needs(sequence);
  }

  checkInterest(): Work<number> {
    return reportAcknowledged(this);
  }

  streamUpdated(): void {
    this.ready();
  }

  // What the API asks.

  created(): void {
    if (this.isPaused(this.host.clock.now())) this.tellPaused();
  }

  pause(until: string | null): void {
    pauseConsumer(this, until);
  }

  unpin(group: string): void {
    if (this.mode instanceof PullMode) this.mode.pins.unpin(group, "admin");
  }

  /** Begins anew at a sequence. */
  restartAt(sequence: number): void {
    this.cursor.beginWith(null);
    this.state.startAt(sequence);
    this.lastDelivered = 0;
    this.lastAcknowledged = 0;
    this.kept?.changed();
    this.stream.rewound();
    const isInterest = this.stream.config.retention === "interest";
    this.preparation.begin(isInterest ? this.checkInterest() : null);
    this.ready();
  }

  delete(): void {
    if (this.closed) return;
    this.telling.changed("delete");
    this.#close(true);
    this.kept?.delete();
  }

  stop(): void {
    if (this.closed) return;
    this.#close(false);
    this.kept?.stop();
  }

  // What acknowledging and delivering need.

  /** Finer where it is measured how long acknowledgements take. */
  wallNow(): number {
    const { clock } = this.host;
    return this.telling.samples > 0
      ? Number(clock.nowNanos()) / NANOS_PER_MILLI
      : clock.now();
  }

  isPaused(wall: number): boolean {
    return this.#timekeeper.isPaused(wall);
  }

  /** Nanoseconds since the epoch; null: it was never paused. */
  get pausedUntil(): bigint | null {
    return parseTime(this.config.pause_until ?? "");
  }

  tellPaused(): void {
    const until = this.config.pause_until;
    this.telling.paused(until, this.isPaused(this.host.clock.now()));
  }

  touched(): void {
    const { inactivity, mode } = this;
    if (this.config.inactive_threshold <= 0) return;
    const now = this.host.clock.monotonic();
    if (mode instanceof PullMode) mode.queue.active = now;
    if (inactivity.isRunning) inactivity.start(now);
  }

  deliveredNow(wall: number): void {
    this.lastDelivered = Math.floor(wall);
    this.kept?.changed();
  }

  acknowledgedNow(): void {
    this.lastAcknowledged = this.host.clock.now();
    this.kept?.changed();
  }

  settle(): void {
    this.#settlement.begin();
  }

  /** Delivers all that is pending once more. */
  expireAll(): void {
    this.state.expireAll();
    this.#timekeeper.checkPending();
  }

  report(sequence: number): void {
    this.stream.retention.acked(sequence);
  }

  tellExceeded(): void {
    this.telling.exceeded();
    this.kept?.changed();
  }

  request(reply: string, payload: Uint8Array): void {
    this.#reception.request(reply, payload);
  }

  vanished(sequence: number): void {
    this.#forget(sequence, GONE.deleted);
  }

  interestChanged(interested: boolean): void {
    const { inactivity } = this;
    if (interested) inactivity.stop();
    else if (!inactivity.isRunning) {
      inactivity.start(this.host.clock.monotonic());
    }
    this.rearm();
  }

  /** How logs name it. */
  get label(): string {
    return `${this.host.account.label} > ${this.streamName} > ${this.name}`;
  }

  rearm(): void {
    this.#timekeeper.rearm();
  }

  ready(): void {
    if (!this.closed) this.host.consumers.dispatcher.ready(this);
  }

  takeTurn(quantum: number): boolean {
    if (this.closed || !this.stream.admits(this)) return false;
    try {
      return this.#takeTurn(quantum);
    } catch (error) {
      // Others have their turn next: whatever it is, it is not to end the loop.
      this.failed(error);
      return false;
    }
  }

  /** The stream could not be read. */
  failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.host.logger.error(
      `Received an error looking up message for consumer '${this.label}': ${reason}`,
    );
  }

  #takeTurn(quantum: number): boolean {
    const now = this.host.clock.monotonic();
    this.#reception.answer();
    const { preparation } = this;
    if (preparation.due && preparation.complete() === null) {
      this.clearance.begin(GONE.deleted);
    }
    if (preparation.done !== null || !this.clearance.goOn()) return false;
    this.mode.begin(now);
    const halt = this.delivery.run(quantum, now);
    if (halt !== null) this.mode.rest(halt, now);
    this.rearm();
    return halt === null;
  }

  /** A message is gone; if it was pending, it is as if it were given up. */
  #forget(sequence: number, reason: string): void {
    const { state } = this;
    const slot = state.find(sequence);
    if (slot === NO_SLOT) {
      if (state.redelivered.delete(sequence)) this.kept?.changed();
      return;
    }
    const reference = {
      streamSequence: sequence,
      consumerSequence: state.pending.consumerSequence(slot),
      // The figure of the Go server, which leaves out the first of several.
      deliveries: Math.max(1, state.deliveries(sequence) - 1),
    };
    state.forget(sequence);
    this.acknowledgedNow();
    this.telling.terminated(reference, reason);
  }

  #close(deleted: boolean): void {
    const { account } = this.host;
    this.closed = true;
    this.#timekeeper.stop();
    const { ack_policy: ack } = this.config;
    if (ack === "all" || ack === "explicit") this.acks.close(account);
    this.#reception.close(account);
    this.mode.close(deleted);
    this.stream.removeConsumer(this);
  }
}
