/**
 * Group commit: what came in with a batch becomes safe at once, and only then
 * do publishers and consumers hear of it.
 *
 * @module
 */

import type { BatchEnd } from "../../connection/mod.ts";
import { ApiError } from "../errors.ts";
import { Intake } from "./intake.ts";
import { Outbox, type Publish } from "./outbox.ts";
import type { Stream } from "./stream.ts";

/** What else happens when a batch is safe, or has failed. */
type Sequel = (() => void) | null;

/** Holds back what tells of messages until these are safe. */
export class Commit implements BatchEnd {
  readonly intake: Intake;
  readonly #stream: Stream;
  /** What tells of the present batch. */
  #outbox: Outbox;
  /** Empty ones, to be used again. */
  readonly #spare: Outbox[] = [];
  #pending = false;
  #settledSequence: number;
  readonly #publish: Publish;

  constructor(stream: Stream, settledSequence: number) {
    this.#stream = stream;
    this.intake = new Intake(stream.host.intakeLimits);
    this.#publish = (message) => stream.host.publish(message);
    this.#outbox = new Outbox(stream.responses.prefix);
    this.#settledSequence = settledSequence;
  }

  /** Messages up to here are as safe as their acknowledgements tell. */
  get settledSequence(): number {
    return this.#settledSequence;
  }

  /** What is sent when everything stored until then is safe. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  /** Something has changed or is to be sent; it ends with the batch. */
  touch(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#stream.host.flushQueue.atEnd(this);
  }

  onBatchEnd(): void {
    this.#pending = false;
    const stream = this.#stream;
    if (stream.closed) return;
    const { answers, rollups } = stream;
    if (!answers.isEmpty) answers.deliver(this.#publish);
    const outbox = this.#outbox;
    const last = stream.store.lastSequence;
    const sequel = rollups.takeSequel();
    let settled: Promise<void> | null;
    try {
      stream.store.flush();
      // The batch lasts until all is done that it has asked for.
      if (rollups.isBusy) return;
      rollups.check();
      settled = stream.store.settled();
    } catch (error) {
      this.intake.settle();
      return this.#fail(outbox, error, sequel);
    }
    if (settled === null) {
      this.intake.settle();
      return this.#settle(outbox, last, sequel);
    }
    this.#outbox = this.#spare.pop() ?? new Outbox(stream.responses.prefix);
    const share = this.intake.postpone();
    settled.then(
      () => {
        this.intake.release(share);
        this.#settle(outbox, last, sequel);
        this.#spare.push(outbox);
      },
      (error: unknown) => {
        this.intake.release(share);
        this.#fail(outbox, error, sequel);
      },
    );
  }

  #settle(outbox: Outbox, last: number, sequel: Sequel): void {
    const { index } = this.#stream;
    this.#settledSequence = last;
    if (!outbox.isEmpty) outbox.deliver(this.#publish);
    index.settled();
    sequel?.();
  }

  /** Nobody is told that a message was stored if it may be lost. */
  #fail(outbox: Outbox, error: unknown, sequel: Sequel): void {
    const { responses } = this.#stream;
    this.#stream.failed(error);
    const refusal = ApiError.from(error, "streamStoreFailed");
    outbox.deliver(this.#publish, responses.refusal(refusal));
    sequel?.();
  }
}
