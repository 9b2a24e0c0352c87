/**
 * The tie between a stream and one of its origins: asks for a consumer there,
 * listens to it, and asks again when it falls silent or something is missing.
 *
 * It speaks to the origin's API as any client does, so it makes no difference
 * where the origin is.
 *
 * @module
 */

import { Base62, Subscription } from "../../account/mod.ts";
import type { Message } from "../../protocol/mod.ts";
import type { Timer } from "../../runtime/mod.ts";
import { ApiError, type ApiErrorBody } from "../errors.ts";
import type { Stream } from "../stream/stream.ts";
import type { StreamSourceInfo } from "../types/infos.ts";
import { IDENTITY_HEADER, type OriginConsumer, parseAnswer } from "./answer.ts";
import {
  type ControlMessage,
  type Delivery,
  parseControl,
  parseDelivery,
} from "./delivery.ts";
import { Ear } from "./ear.ts";
import type { Origin, OriginRequest, StartPoint } from "./origin.ts";
import { Progress } from "./progress.ts";

/** Milliseconds between two requests, at least. */
const REQUEST_INTERVAL = 2000;
/** More for each failure, and at most. */
const BACKOFF = 10_000;
const BACKOFF_MAX = 120_000;
/** Milliseconds by which requests of many streams are spread. */
const JITTER_MIN = 100;
const JITTER = 100;
/** Milliseconds that an origin has for its answer. */
const CREATE_TIMEOUT = 30_000;
const RESET_TIMEOUT = 5000;
/** Milliseconds of silence after which the consumer is taken for gone. */
const SILENCE_MAX = 10_000;
/** Levels of the API that are asked for, one after the other. */
const LEVELS = [5, 4, 0] as const;
const NAME_LENGTH = 8;

/** Heartbeats that tell of the same stall until somebody should know. */
const STALLS_MAX = 3;

/** What a consumer waits for. */
interface Stall {
  /** Where it wants an answer; empty: it does not wait. */
  readonly subject: string;
  /** Heartbeats that have told so. */
  readonly times: number;
}

const NO_STALL: Stall = { subject: "", times: 0 };

/** What a mirror or a source makes of what comes. */
export interface Copy {
  readonly origin: Origin;
  /** Where the consumer is to begin. */
  start(): StartPoint;
  /**
   * A consumer is there and will deliver what comes behind `delivered`.
   * @returns the sequence that is accounted for, which may be later
   */
  connected(consumer: OriginConsumer): number;
  /** The stream of that name is another one now; it is copied from its start. */
  recreated(): void;
  /**
   * Stores a message that comes next.
   * @param previous the sequence that was accounted for before
   * @returns whether it was stored, or need not be
   */
  take(message: Message, delivery: Delivery, previous: number): boolean;
  /** Identity of the origin as far as known; empty: unknown. */
  readonly identity: string;
}

/** One tie. */
export class Link {
  readonly progress: Progress = new Progress();
  readonly #stream: Stream;
  readonly #copy: Copy;
  readonly #names: Base62;
  readonly #ear: Ear;
  #answers: Subscription | null = null;
  #messages: Subscription | null = null;
  /** Name of the consumer that is listened to; empty: none. */
  #consumer = "";
  #level: number = LEVELS[0];
  #failures = 0;
  #error: ApiErrorBody | null = null;
  #stall = NO_STALL;
  /** Milliseconds; 0: never. */
  #heard = 0;
  #asked = -Infinity;
  #timer: Timer | null = null;
  #health: Timer | null = null;

  constructor(stream: Stream, copy: Copy) {
    this.#stream = stream;
    this.#copy = copy;
    this.#names = new Base62(stream.host.random);
    this.#ear = new Ear((subscription, message) =>
      this.#hear(subscription, message)
    );
  }

  /** Whether the consumer is there. */
  get isConnected(): boolean {
    return this.#consumer !== "";
  }

  /** Begins, or begins anew. */
  open(): void {
    this.#disconnect();
    this.#level = LEVELS[0];
    const { clock, random, timers } = this.#stream.host;
    const since = clock.monotonic() - this.#asked;
    const wait = Math.max(0, REQUEST_INTERVAL - since) +
      Math.min(BACKOFF_MAX, BACKOFF * this.#failures) +
      JITTER_MIN + random.below(JITTER);
    this.#timer?.cancel();
    this.#timer = timers.after(wait, () => this.#request());
    this.#health ??= timers.every(SILENCE_MAX, () => this.#check());
  }

  /** Ends. */
  close(): void {
    this.#disconnect();
    this.#timer?.cancel();
    this.#health?.cancel();
    this.#timer = null;
    this.#health = null;
  }

  /** What clients are told of it. */
  info(): StreamSourceInfo {
    const { source, kind } = this.#copy.origin;
    const { clock } = this.#stream.host;
    // Mirrors tell what they filter by once they have asked for it.
    const tellsFilter = source.subject_transforms.length === 0 &&
      (kind === "source" || this.#asked >= 0);
    return {
      name: source.name,
      external: source.external,
      lag: this.progress.lag,
      seq: 0,
      active: this.#heard === 0 ? -1 : (clock.now() - this.#heard) * 1e6,
      error: this.#stall.times < STALLS_MAX
        ? this.#error
        : new ApiError("sourceConsumerFlowControlStalled").toJSON(),
      filter_subject: tellsFilter ? source.filter_subject : "",
      subject_transforms: source.subject_transforms,
    };
  }

  #request(): void {
    const { host, closed } = this.#stream;
    if (closed) return;
    this.#asked = host.clock.monotonic();
    this.#error = null;
    const { origin } = this.#copy;
    const reply = `$JSC.R.${this.#names.draw(NAME_LENGTH)}`;
    this.#answers = this.#listen(reply);
    const deliver = origin.deliverPrefix + this.#names.draw(NAME_LENGTH);
    const request = origin.isDurable ? origin.reset() : origin.create({
      start: this.#copy.start(),
      deliver,
      suffix: this.#level === 0 ? this.#names.draw(NAME_LENGTH) : "",
    });
    this.#say(request, reply);
    const wait = origin.isDurable ? RESET_TIMEOUT : CREATE_TIMEOUT;
    this.#timer = host.timers.after(wait, () => this.#fail(null));
  }

  #say({ subject, body }: OriginRequest, reply: string): void {
    let headers = "";
    const { origin, identity } = this.#copy;
    if (this.#level > 0 && !(origin.isDurable && origin.kind === "mirror")) {
      // Mirrors need nothing of level 5.
      const level = origin.kind === "mirror" ? 4 : this.#level;
      headers = `NATS/1.0\r\nNats-Required-Api-Level: ${level}\r\n`;
      if (level === LEVELS[0]) headers += `${IDENTITY_HEADER}: ${identity}\r\n`;
      headers += "\r\n";
    }
    this.#stream.answers.send({
      subject,
      reply,
      headers,
      body: new TextEncoder().encode(body),
    });
    this.#stream.touch();
  }

  #hear(subscription: Subscription, message: Message): void {
    if (subscription === this.#answers) this.#answered(message);
    // What another account lets us have comes under a subscription of its own.
    else if (this.#messages !== null) this.#receive(message);
  }

  /** Takes a message, which may have to wait: limits count what is half displaced. */
  #receive(message: Message): void {
    const { backlog, host } = this.#stream;
    this.#heard = host.clock.now();
    if (!backlog.isWaiting) return this.#received(message);
    const copy = backlog.copy(message);
    backlog.push(() => {
      if (this.#messages !== null) this.#received(copy);
    });
  }

  #answered(message: Message): void {
    const answer = parseAnswer(message);
    const { kind } = this.#copy.origin;
    if (answer === "malformed") return this.#misunderstood(kind);
    if (answer === "incomplete") {
      return this.#fail(
        new ApiError(failureOf(kind), {
          err: "invalid consumer create response",
        }),
      );
    }
    if ("err_code" in answer) return this.#refused(answer);
    const { origin } = this.#copy;
    if (origin.isDurable && answer.ackPolicy !== "flow_control") {
      return this.#fail(
        new ApiError(
          origin.kind === "mirror"
            ? "mirrorConsumerRequiresAckFC"
            : "sourceConsumerRequiresAckFC",
        ),
      );
    }
    this.#connect(answer);
  }

  /** There may still come an answer that can be read. */
  #misunderstood(kind: "mirror" | "source"): void {
    const { host } = this.#stream;
    host.logger.warn(`JetStream bad ${kind} consumer create response`);
    if (kind === "mirror") this.#error = new ApiError("invalidJSON").toJSON();
  }

  #refused(error: ApiErrorBody): void {
    const is = (kind: "requiredApiLevel" | "invalidJSON") =>
      error.err_code === new ApiError(kind).err_code;
    const mismatch = new ApiError("consumerStreamIdentityMismatch");
    if (error.err_code === mismatch.err_code) {
      this.#copy.recreated();
      this.progress.begin(0);
      return this.open();
    }
    if (this.#level > 0 && (is("requiredApiLevel") || is("invalidJSON"))) {
      const next = this.#copy.origin.kind === "mirror"
        ? 0
        : LEVELS[LEVELS.findIndex((each) => each === this.#level) + 1] ?? 0;
      this.#level = next;
      this.#disconnect();
      return this.#request();
    }
    this.#fail(error);
  }

  /** @param error null: there was no answer */
  #fail(error: ApiErrorBody | null): void {
    this.#failures++;
    if (error !== null) this.#tell(error);
    this.open();
    this.#error = error;
  }

  #tell({ description, err_code }: ApiErrorBody): void {
    const { host, name } = this.#stream;
    const { origin } = this.#copy;
    host.logger.warn(
      origin.kind === "mirror"
        ? `JetStream error response for create mirror consumer: ${description} (${err_code})`
        : `JetStream error response for stream ${name} create source consumer ${origin.name}: ${description} (${err_code})`,
    );
  }

  #connect(consumer: OriginConsumer): void {
    this.#disconnect();
    this.#failures = 0;
    this.#error = null;
    this.#heard = this.#stream.host.clock.now();
    this.progress.begin(this.#copy.connected(consumer));
    this.#consumer = consumer.name;
    const durable = this.#copy.origin.source.consumer?.deliver_subject;
    this.#messages = this.#listen(durable ?? consumer.deliver);
  }

  #received(message: Message): void {
    const control = parseControl(message);
    if (control !== null) return this.#control(control);
    this.#stall = NO_STALL;
    const delivery = parseDelivery(message.reply());
    // What a consumer before this one sent may come late.
    if (delivery === null || delivery.consumer !== this.#consumer) return;
    const previous = this.progress.stream;
    const verdict = this.progress.judge(delivery);
    if (verdict === "ignore") return;
    if (verdict === "again") return this.open();
    if (this.#copy.take(message, delivery, previous)) return;
    this.progress.takeBack(previous);
    this.open();
  }

  #control({ reply, lastConsumer, stalled }: ControlMessage): void {
    if (reply !== "") return this.#acknowledge(reply);
    if (lastConsumer > 0 && lastConsumer !== this.progress.consumer) {
      return this.open();
    }
    if (stalled === "") this.#stall = NO_STALL;
    else this.#goOn(stalled);
  }

  /** The consumer waits for an answer that was sent, and is sent again. */
  #goOn(subject: string): void {
    const times = this.#stall.subject === subject ? this.#stall.times + 1 : 1;
    this.#stall = { subject, times };
    if (times === STALLS_MAX) {
      const { host, name } = this.#stream;
      const { origin } = this.#copy;
      host.logger.warn(
        `JetStream stream '${host.account.name} > ${name}' ${origin.kind} '${origin.name}' is stalled on flow control, replies are not reaching the consumer`,
      );
    }
    this.#acknowledge(subject);
  }

  /** Lets the consumer go on when what it sent so far is safe. */
  #acknowledge(subject: string): void {
    const { consumer, stream } = this.progress;
    this.#stream.outbox.send({
      subject,
      headers: `NATS/1.0\r\nNats-Last-Consumer: ${consumer}\r\n` +
        `Nats-Last-Stream: ${stream}\r\n\r\n`,
      // The origin may let go of what is acknowledged.
      kind: "sequel",
    });
    this.#stream.touch();
  }

  #check(): void {
    if (!this.isConnected) return;
    const { clock } = this.#stream.host;
    if (clock.now() - this.#heard > SILENCE_MAX) this.open();
  }

  #listen(subject: string): Subscription {
    const subscription = new Subscription(this.#ear, subject, null, "1");
    this.#stream.host.account.subscribe(subscription);
    return subscription;
  }

  #disconnect(): void {
    const { account } = this.#stream.host;
    for (const each of [this.#answers, this.#messages]) {
      if (each !== null) account.unsubscribe(each);
    }
    this.#answers = null;
    this.#messages = null;
    this.#consumer = "";
    this.#stall = NO_STALL;
    this.#timer?.cancel();
    this.#timer = null;
  }
}

function failureOf(kind: "mirror" | "source") {
  return kind === "mirror"
    ? "mirrorConsumerSetupFailed" as const
    : "sourceConsumerSetupFailed" as const;
}
