/**
 * A stream: the messages of some subjects, kept in order.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import type {
  StoredConsumer,
  StoredMessage,
  StoreListener,
  StreamStore,
} from "../../store/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import type {
  FoundConsumer,
  ManagedStream,
  MessageRequest,
  PurgeRequest,
  StreamBirth,
} from "../assets.ts";
import { ApiError } from "../errors.ts";
import { formatTime } from "../json/time.ts";
import { Copies } from "../source/mod.ts";
import type {
  ConsumerAction,
  ConsumerConfig,
} from "../types/consumer_config.ts";
import type {
  StoredMsg,
  StreamSourceInfo,
  StreamState,
} from "../types/infos.ts";
import { STREAM_CONFIG, type StreamConfig } from "../types/stream_config.ts";
import { AtomicBatches } from "./batch/atomic_batches.ts";
import { FastBatches } from "./batch/fast_batches.ts";
import { settleUnfinished } from "./batch/unfinished.ts";
import { Backlog } from "./backlog.ts";
import { Commit } from "./commit.ts";
import { ConsumerIndex } from "./consumer_index.ts";
import type {
  ConsumedStream,
  ConsumerFactory,
  StreamConsumer,
  StreamHost,
} from "./contract.ts";
import { DedupeWindow, idOf, windowOf } from "./dedupe.ts";
import { Doors } from "./doors.ts";
import { Ingest } from "./ingest.ts";
import type { Intake } from "./intake.ts";
import { DeleteMarkers } from "./markers.ts";
import { getMessage } from "./message_get.ts";
import { Outbox } from "./outbox.ts";
import type { PublishedStream } from "./preconditions.ts";
import { Purger } from "./purger.ts";
import { Renaming } from "./renaming.ts";
import type { Republisher } from "./republisher.ts";
import { Responses } from "./responses.ts";
import { Retention } from "./retention.ts";
import { Rollups } from "./rollups.ts";
import type { ScheduleContext } from "./schedule_headers.ts";
import { scheduleContext, Scheduler } from "./scheduler.ts";
import { ttlOfStored } from "./stored_parts.ts";
import {
  checkInside,
  describeState,
  keepNew,
  limitsOf,
} from "./stream_state.ts";
import { Toil } from "./toil.ts";

/** One stream, as the API, consumers and its own parts know it. */
export class Stream
  implements ManagedStream, ConsumedStream, PublishedStream, StoreListener {
  readonly name: string;
  /** The name as a byte string. */
  readonly streamName: string;
  readonly host: StreamHost;
  readonly created: bigint;
  readonly store: StreamStore;
  readonly responses: Responses;
  /** What is sent without waiting for the store. */
  readonly answers: Outbox;
  readonly ingest: Ingest;
  readonly purger: Purger;
  readonly toil: Toil;
  readonly rollups: Rollups;
  readonly backlog: Backlog;
  readonly scheduler: Scheduler;
  readonly atomicBatches: AtomicBatches;
  readonly fastBatches: FastBatches;
  readonly copies: Copies;
  readonly schedules: ScheduleContext;
  readonly index: ConsumerIndex;
  readonly retention: Retention;
  /** Set before anything else happens when the stream ends. */
  closed = false;
  ready: Promise<void> | null = null;
  /** Id of the last message; empty: it has none. */
  lastMsgId = "";
  readonly #factory: ConsumerFactory;
  readonly #commit: Commit;
  readonly #dedupe: DedupeWindow;
  readonly #doors: Doors;
  readonly #markers: DeleteMarkers;
  /** To be called once it runs, with all that was found; null: it does. */
  #complete: (() => void) | null = null;
  #config: StreamConfig;
  #renaming: Renaming;
  /** Bytes that the account is charged with. */
  #charged = 0;

  /** @throws StoreError */
  constructor(
    config: StreamConfig,
    host: StreamHost,
    factory: ConsumerFactory,
    { created, recovering, restoring }: StreamBirth,
  ) {
    this.#config = config;
    this.name = config.name;
    this.streamName = subjectFromText(config.name);
    this.host = host;
    this.created = created;
    this.#factory = factory;
    this.responses = new Responses(config.name, host.domain);
    this.answers = new Outbox(this.responses.prefix);
    this.index = new ConsumerIndex(host.random.below(2 ** 32));
    this.ingest = new Ingest(this);
    this.purger = new Purger(this);
    this.toil = new Toil(this);
    this.rollups = new Rollups(this);
    this.backlog = new Backlog(this);
    this.scheduler = new Scheduler(this);
    this.atomicBatches = new AtomicBatches(this);
    this.fastBatches = new FastBatches(this);
    this.copies = new Copies(this);
    this.schedules = scheduleContext(this);
    this.retention = new Retention(this);
    this.#markers = new DeleteMarkers(this);
    this.#doors = new Doors(this);
    this.#dedupe = new DedupeWindow(windowOf(config), host);
    this.store = this.#open(restoring);
    this.#commit = new Commit(this, this.store.lastSequence);
    this.#renaming = new Renaming(this);
    if (restoring || recovering) {
      // It begins when all that was found with it is back.
      this.#complete = this.toil.begin();
      if (recovering) this.#recover();
      return;
    }
    keepNew(this.store, this.#meta(config));
    finish(this.scheduler.recovering());
    this.#begin();
    host.advisories.streamChanged(this.name, "create");
  }

  get config(): StreamConfig {
    return this.#config;
  }

  /** A stream that runs is not offline. */
  get offlineReason(): string {
    return "";
  }

  get consumers(): ReadonlyMap<string, StreamConsumer> {
    return this.index.byName;
  }

  get busy(): Promise<void> | null {
    return this.rollups.done;
  }

  get republisher(): Republisher | null {
    return this.#renaming.republisher;
  }

  get settledSequence(): number {
    return this.#commit.settledSequence;
  }

  get removals(): number {
    return this.toil.removals;
  }

  /** What clients have handed over and is not safe yet. */
  get intake(): Intake {
    return this.#commit.intake;
  }

  /** What is sent when everything stored until then is safe. */
  get outbox(): Outbox {
    return this.#commit.outbox;
  }

  state(): StreamState {
    return describeState(this.store, this.index.external);
  }

  mirrorInfo(): StreamSourceInfo | null {
    return this.copies.mirrorInfo();
  }

  sourceInfos(): StreamSourceInfo[] {
    return this.copies.sourceInfos();
  }

  update(config: StreamConfig): void | Promise<void> {
    const old = this.#config;
    // What can fail comes first: then nothing has changed.
    this.store.writeMeta(this.#meta(config));
    this.#config = config;
    this.#renaming = new Renaming(this);
    this.#dedupe.resize(windowOf(config));
    if (!config.allow_atomic) this.atomicBatches.clear();
    if (!config.allow_batched) this.fastBatches.clear();
    this.#doors.adjust();
    this.copies.adjust();
    return this.toil.run(this.#adopting(old, config));
  }

  /** What follows from a new configuration for what is there. */
  *#adopting(old: StreamConfig, config: StreamConfig): Work<void> {
    yield* this.store.updatingLimits(limitsOf(config));
    if (config.retention !== old.retention) yield* this.retention.begin();
    this.toil.updated();
    this.host.advisories.streamChanged(this.name, "modify");
  }

  purge({ filter, seq, keep }: PurgeRequest): number | Promise<number> {
    return this.toil.run(this.purger.purging({
      filter: subjectFromText(filter),
      sequence: seq,
      keep,
    }));
  }

  getMessage(request: MessageRequest): StoredMsg {
    return getMessage(this.store, request);
  }

  deleteMessage(sequence: number, erase: boolean): void | Promise<void> {
    const { sealed, deny_delete } = this.#config;
    if (sealed) throw new ApiError("streamSealed");
    if (deny_delete) {
      const err = "message delete not permitted";
      throw new ApiError("streamMsgDeleteFailed", { err });
    }
    checkInside(this.store, sequence);
    return this.toil.runShort(this.#removing(sequence, erase));
  }

  *#removing(sequence: number, erase: boolean): Work<void> {
    const removed = erase
      ? this.store.erase(sequence)
      : this.store.remove(sequence);
    if (!removed) throw new ApiError("sequenceNotFound", { seq: sequence });
    // Consumers hear of it at the end.
    yield;
  }

  createConsumer(
    config: ConsumerConfig,
    action: ConsumerAction,
    pedantic: boolean,
  ): StreamConsumer {
    return this.#factory.create(this, config, action, pedantic);
  }

  findingConsumers(visit: (found: StoredConsumer) => void): Work<void> {
    return this.store.findingConsumers(visit);
  }

  checkConsumer(name: string, config: ConsumerConfig): void {
    this.#factory.check(this, name, config);
  }

  recoveringConsumer(found: FoundConsumer): Work<void> {
    return this.#factory.recovering(this, found);
  }

  *remembering(): Work<void> {
    yield* this.scheduler.recovering();
    if (this.#config.mirror === null) {
      yield* this.#dedupe.recovering(this.store);
    }
  }

  completeRestore(): void {
    if (this.closed) return;
    this.store.flush();
    this.store.writeMeta(this.#meta(this.#config));
    this.#takeUp();
    const begin = () => {
      if (this.closed) return;
      this.#begin();
      this.touch();
      this.host.advisories.streamChanged(this.name, "create");
    };
    const remembering = this.toil.run(this.remembering());
    if (!(remembering instanceof Promise)) return begin();
    this.ready = remembering.then(begin, (error) => this.failed(error))
      .finally(() => this.ready = null);
  }

  recovered(): void {
    if (this.closed) return;
    this.#begin();
    this.retention.check();
  }

  admits(consumer: StreamConsumer): boolean {
    return !this.closed && this.toil.admits(consumer);
  }

  addConsumer(consumer: StreamConsumer): void {
    this.index.add(consumer);
  }

  removeConsumer(consumer: StreamConsumer): void {
    // Of those that end with the stream nobody is to think that they need nothing.
    if (this.closed) return;
    this.index.remove(consumer);
    this.retention.checkSoon();
  }

  refilter(consumer: StreamConsumer): void {
    this.index.refilter(consumer);
    this.retention.checkSoon();
  }

  attend(consumer: StreamConsumer): void {
    this.index.attend(consumer);
  }

  rewound(): void {
    this.index.generation++;
  }

  /** Whoever does this as well, in the middle of it, does what is left. */
  *stopping(): Work<void> {
    if (!this.closed) this.#close();
    for (const consumer of this.consumers.values()) {
      consumer.stop();
      yield;
    }
    yield* this.store.stopping();
    this.#charge(-this.#charged);
  }

  delete(): void | Promise<void> {
    if (this.closed) return;
    this.copies.remove();
    this.#close();
    this.store.condemn();
    return this.toil.run(this.#deleting());
  }

  /** What is left of a stream that has ended; its messages go last. */
  *#deleting(): Work<void> {
    for (const consumer of [...this.consumers.values()]) {
      consumer.delete();
      yield;
    }
    this.host.advisories.streamChanged(this.name, "delete");
    this.store.delete();
    this.#charge(-this.#charged);
  }

  /** Something has changed or is to be sent; it ends with the batch. */
  touch(): void {
    this.#commit.touch();
  }

  /** Under which subject a message is stored. */
  transform(subject: string): string {
    return this.#renaming.stored(subject);
  }

  findDuplicate(id: string): number {
    return this.#dedupe.find(id);
  }

  /** A sequence has been used up by a message with that id; empty: none. */
  noteStored(sequence: number, msgId: string): void {
    this.lastMsgId = msgId;
    if (msgId === "") return;
    this.#dedupe.add(msgId, sequence, this.host.clock.now());
  }

  /** Opens and closes what has changed about where messages come in. */
  adjustDoors(): void {
    this.#doors.adjust();
  }

  /** Sends a request that nobody waits for an answer to, even when it ends. */
  announce(subject: string): void {
    const { host } = this;
    host.timers.soon(() => {
      const outbox = new Outbox("");
      outbox.send({ subject, reply: "$JSC.R.none" });
      outbox.deliver((message) => host.publish(message));
    });
  }

  /** Tells a publisher why its message was not stored. */
  refuse(reply: string, error: ApiError): void {
    this.outbox.send({ subject: reply, body: this.responses.refusal(error) });
  }

  /** The store has failed, which is for people to know. */
  failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.host.logger.error(
      `JetStream failed to store a msg on stream '${this.host.account.name} > ${this.name}': ${reason}`,
    );
    this.host.storeFailed(this.#config, error);
  }

  changed(
    messages: number,
    bytes: number,
    sequence: number,
    subject: string,
  ): void {
    // While the store is being opened there is nobody to tell.
    if (this.store === undefined || this.closed) return;
    this.#charge(bytes);
    if (messages >= 0 || this.index.size === 0) return;
    this.toil.removed(-messages, sequence, subject);
  }

  expiring(message: StoredMessage): boolean {
    return this.#markers.expiring(message);
  }

  #open(restoring: boolean): StreamStore {
    const config = this.#config;
    return this.host.stores.open({
      name: config.name,
      storage: config.storage,
      limits: limitsOf(config),
      firstSequence: config.first_seq,
      listener: this,
      asyncFlush: config.persist_mode === "async",
      restoring,
      schedules: () =>
        this.#config.allow_msg_schedules ? this.scheduler.entries() : null,
      ttlOf: ttlOfStored,
    });
  }

  #charge(bytes: number): void {
    const { storage, num_replicas } = this.#config;
    this.#charged += bytes;
    this.host.usage.changed(storage, num_replicas, bytes);
  }

  #begin(): void {
    this.#complete?.();
    this.#complete = null;
    this.#doors.adjust();
    this.copies.adjust();
    this.retention.start();
  }

  /** Takes up where a server before has ended. */
  #recover(): void {
    this.#charge(this.store.bytes);
    settleUnfinished(this);
    this.#takeUp();
  }

  /** Learns from the messages that are there. */
  #takeUp(): void {
    const { store } = this;
    const last = store.load(store.lastSequence);
    this.lastMsgId = last === null ? "" : idOf(last);
  }

  #close(): void {
    this.closed = true;
    this.#doors.close();
    this.copies.close();
    this.retention.stop();
    this.scheduler.stop();
    this.backlog.clear();
    this.atomicBatches.clear();
    this.fastBatches.clear();
    this.#dedupe.clear();
  }

  /** What is kept of the stream besides its messages. */
  #meta(config: StreamConfig): string {
    const created = formatTime(this.created);
    return `{"Created":"${created}",${STREAM_CONFIG.writeFields(config)}}`;
  }
}
