/**
 * Delivers to a subject as long as somebody listens.
 *
 * @module
 */

import { Base62 } from "../../account/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import { Destination } from "./destination.ts";
import { FlowWindow } from "./flow_window.ts";
import { type Halt, idleHeartbeat, type Mode, type ModeOwner } from "./mode.ts";
import { RateLimit } from "./rate_limit.ts";

const NANOS_PER_MILLI = 1_000_000;
/** Chars by which flow control tells its requests apart. */
const FLOW_ID_LENGTH = 4;

/** What a push consumer needs beside what all need. */
export interface PushOwner extends ModeOwner {
  /** Bytes of the largest message: so many may go out at once. */
  readonly burst: number;
  /** What subjects of answers to flow control begin with, byte string. */
  readonly flowPrefix: string;
  /** Somebody listens, or nobody does any more. */
  interestChanged(interested: boolean): void;
}

/** The mode of consumers with a deliver subject. */
export class PushMode implements Mode {
  readonly hasEnded = false;
  #destination: Destination;
  readonly #owner: PushOwner;
  readonly #flow: FlowWindow | null;
  readonly #letters: Base62;
  readonly #heartbeat: number;
  #limit: RateLimit | null = null;
  /** Queue group whose interest is watched; null: those without one. */
  #group: string | null = null;
  #active = false;
  #heartbeatAt: number;
  /** Size of the message that is being sent. */
  #size = 0;

  constructor(owner: PushOwner, now: number) {
    this.#owner = owner;
    const { config, host } = owner;
    this.#destination = this.#destinationOf();
    this.#flow = config.flow_control ? new FlowWindow() : null;
    this.#letters = new Base62(host.random);
    this.#heartbeat = config.idle_heartbeat / NANOS_PER_MILLI;
    this.#heartbeatAt = this.#heartbeat > 0 ? now + this.#heartbeat : Infinity;
    this.limitRate(now);
  }

  /** Begins to listen for interest; tells at once whether there is some. */
  open(): void {
    this.#watch();
  }

  /** Whether anybody listens. */
  get isActive(): boolean {
    return this.#active;
  }

  get isReady(): boolean {
    return this.#active && !this.isHeldUp && this.#flow?.isFull !== true;
  }

  get isHeldUp(): boolean {
    return this.#destination.isBehind;
  }

  get nextEvent(): number {
    return this.#heartbeatAt;
  }

  begin(): void {
    // Nobody asks for anything.
  }

  delay(size: number, now: number): number {
    return this.#limit?.delay(size, now) ?? 0;
  }

  claim(size: number): Destination {
    this.#size = size;
    return this.#destination;
  }

  sent(destination: Destination, now: number): void {
    this.#limit?.take(this.#size);
    if (this.#heartbeat > 0) this.#heartbeatAt = now + this.#heartbeat;
    const flow = this.#flow;
    if (flow === null) return;
    const { outlet, config, state } = this.#owner;
    const due = flow.sent(outlet.routedSize(destination)) ||
      (flow.id === "" && config.ack_policy === "flow_control" &&
        state.stalled);
    if (due) this.#askForAnswer(flow);
  }

  failed(destination: Destination, now: number): void {
    this.sent(destination, now);
    this.#setActive(!destination.listeners.isEmpty);
  }

  rest(_halt: Halt): void {
    // Nobody waits for an end.
  }

  onEvent(now: number): void {
    if (now < this.#heartbeatAt) return;
    this.#heartbeatAt = now + this.#heartbeat;
    if (!this.#active) return;
    const { outlet, state, config } = this.#owner;
    const flow = this.#flow;
    const stalledBy = flow !== null && flow.id !== ""
      ? `\r\nNats-Consumer-Stalled: ${flow.id}`
      : "";
    outlet.sendStatus(this.#destination, idleHeartbeat(state) + stalledBy);
    const owed = config.ack_policy === "flow_control" &&
      state.pending.count > 0;
    if (flow !== null && flow.id === "" && owed) this.#askForAnswer(flow);
  }

  /** An answer to flow control. @returns whether it was waited for */
  answered(subject: string): boolean {
    if (this.#flow?.answered(subject) !== true) return false;
    this.#owner.ready();
    return true;
  }

  /** Takes over the rate of the configuration. */
  limitRate(now: number): void {
    const { config: { rate_limit_bps: bits }, burst } = this.#owner;
    this.#limit = bits === 0 ? null : new RateLimit(bits, burst, now);
  }

  /** Delivers to where the configuration says from now on. */
  redirect(): void {
    this.#unwatch();
    this.#destination = this.#destinationOf();
    this.#watch();
  }

  close(): void {
    this.#unwatch();
    this.#active = false;
  }

  #destinationOf(): Destination {
    const { config: { deliver_subject: subject }, host } = this.#owner;
    return new Destination(host.account, subjectFromText(subject));
  }

  #askForAnswer(flow: FlowWindow): void {
    const id = this.#owner.flowPrefix + this.#letters.draw(FLOW_ID_LENGTH);
    flow.ask(id);
    this.#owner.outlet.sendStatus(
      this.#destination,
      "100 FlowControl Request",
      id,
    );
  }

  readonly #onInterest = (interested: boolean): void =>
    this.#setActive(interested);

  #setActive(active: boolean): void {
    if (active && !this.#active) this.#owner.ready();
    this.#active = active;
    this.#owner.interestChanged(active);
  }

  #watch(): void {
    const { config: { deliver_group: group }, host } = this.#owner;
    this.#group = group === "" ? null : subjectFromText(group);
    host.account.subscriptions.watchInterest(
      this.#destination.subject,
      this.#group,
      this.#onInterest,
    );
  }

  #unwatch(): void {
    this.#owner.host.account.subscriptions.unwatchInterest(
      this.#destination.subject,
      this.#group,
      this.#onInterest,
    );
  }
}
