/**
 * Clients that publish and consume until the server is killed.
 *
 * @module
 */

import type { Journal } from "./journal.ts";
import type { Received, Wire } from "./wire.ts";

/** Messages that a publisher has under way. */
const IN_FLIGHT = 200;
/** Messages that a consumer asks for at once. */
const PULL = 50;
/** One delivery of so many is not acknowledged. */
const FORGOTTEN = 10;

/** Publishes to `<stream>.<n>` as fast as acknowledgements come. */
export class Publisher implements AsyncDisposable {
  readonly #wire: Wire;
  readonly #stream: string;
  readonly #journal: Journal;
  readonly #next: () => number;

  constructor(
    wire: Wire,
    stream: string,
    journal: Journal,
    next: () => number,
  ) {
    this.#wire = wire;
    this.#stream = stream;
    this.#journal = journal;
    this.#next = next;
    wire.onMessage = (message) => this.#acknowledged(message);
  }

  async start(): Promise<void> {
    for (let i = 0; i < IN_FLIGHT; i++) await this.#publish();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#wire[Symbol.asyncDispose]();
  }

  #publish(): Promise<void> {
    const body = String(this.#next());
    const subject = `${this.#stream}.${Number(body) % 100}`;
    return this.#wire.publish(subject, body, `p${body}`);
  }

  #acknowledged({ subject, body }: Received): void {
    const sequence = Number(/"seq":(\d+)/.exec(body)?.[1] ?? 0);
    const number = subject.slice(1);
    if (sequence > 0) this.#journal.noteStored(sequence, number);
    void this.#publish();
  }
}

/** Pulls, and acknowledges most of what it gets. */
export class Worker implements AsyncDisposable {
  readonly #wire: Wire;
  readonly #stream: string;
  readonly #journal: Journal;
  #deliveries = 0;

  constructor(wire: Wire, stream: string, journal: Journal) {
    this.#wire = wire;
    this.#stream = stream;
    this.#journal = journal;
    wire.onMessage = (message) => this.#delivered(message);
  }

  async start(): Promise<void> {
    for (let i = 0; i < 2; i++) await this.#pull();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#wire[Symbol.asyncDispose]();
  }

  #pull(): Promise<void> {
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.worker`;
    return this.#wire.publish(subject, `{"batch":${PULL}}`, "m");
  }

  #delivered({ reply, headers }: Received): void {
    if (headers !== "" || reply === "") return;
    this.#deliveries++;
    if (this.#deliveries % PULL === 0) void this.#pull();
    if (this.#deliveries % FORGOTTEN === 0) return;
    const sequence = Number(reply.split(".")[5]);
    this.#journal.noteConsumed(sequence);
    void this.#wire.publish(reply, "+ACK");
  }
}
