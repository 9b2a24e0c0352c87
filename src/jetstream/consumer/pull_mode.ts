/**
 * Delivers to those who ask for it.
 *
 * @module
 */

import type { Destination } from "./destination.ts";
import { Halt, idleHeartbeat, type Mode, type ModeOwner } from "./mode.ts";
import { Pins } from "./pins.ts";
import { type IncomingRequest, RequestDesk } from "./request_desk.ts";
import { type WaitingRequest, WaitQueue } from "./wait_queue.ts";

/** What a request still wanted. */
function leftOver({ batch, bytes }: WaitingRequest): string {
  return `\r\nNats-Pending-Messages: ${batch}\r\nNats-Pending-Bytes: ${bytes}`;
}

/** The mode of consumers without a deliver subject. */
export class PullMode implements Mode {
  readonly queue: WaitQueue;
  readonly pins: Pins;
  isHeldUp = false;
  hasEnded = false;
  /** Requests that this message was not for. */
  #passed = 0;
  /** Whether nobody had the pin when it was asked whom this message is for. */
  #needsPin = false;
  readonly #owner: ModeOwner;
  readonly #desk: RequestDesk;
  #incoming: IncomingRequest[] = [];
  #claimed: WaitingRequest | null = null;

  constructor(owner: ModeOwner) {
    this.#owner = owner;
    const { max_waiting: max, priority_policy: policy } = owner.config;
    this.queue = new WaitQueue(max, policy === "prioritized");
    this.pins = new Pins(owner);
    this.#desk = new RequestDesk(owner, this);
  }

  /** A request has come; it is looked at when it is the consumer's turn. */
  receive(request: IncomingRequest): void {
    this.#incoming.push(request);
    this.#owner.ready();
  }

  get isReady(): boolean {
    return !this.queue.isEmpty;
  }

  get nextEvent(): number {
    return Math.min(this.queue.nextEvent, this.pins.endsAt);
  }

  begin(now: number): void {
    this.hasEnded = false;
    if (this.#incoming.length === 0) return;
    const incoming = this.#incoming;
    this.#incoming = [];
    for (const request of incoming) this.#desk.take(request, now);
  }

  delay(): number {
    return 0;
  }

  claim(size: number, now: number): Destination | null {
    const { queue, pins } = this;
    const pinned = this.#owner.config.priority_policy === "pinned_client";
    if (!this.hasEnded) {
      this.#passed = 0;
      this.#needsPin = pinned && pins.current === "";
    }
    this.hasEnded = false;
    this.isHeldUp = false;
    for (let request = queue.first; request !== null; request = queue.first) {
      if (now >= request.expires) {
        this.#expire(request);
        return this.#ended();
      }
      const fit = pinned ? this.#fitsPin(request, now) : true;
      if (fit === null) return this.#ended();
      const { isBehind } = request.inbox;
      if (isBehind) this.isHeldUp = true;
      if (!fit || isBehind || this.#overflows(request)) {
        queue.requeue(request);
        if (++this.#passed >= queue.size) return null;
        continue;
      }
      if (request.bytes > 0 && !this.#takeBytes(request, size)) {
        if (this.#needsPin) pins.drop();
        return this.#ended();
      }
      if (request.target.listeners.isEmpty) {
        this.#loseInterest(request);
        return this.#ended();
      }
      queue.serve(request);
      this.#claimed = request;
      return request.inbox;
    }
    return null;
  }

  sent(_destination: Destination, now: number): void {
    const request = this.#claimed;
    this.#claimed = null;
    this.queue.active = now;
    if (request === null) return;
    if (request.batch <= 0) {
      if (request.bytes <= 0) return;
      const { outlet } = this.#owner;
      outlet.sendStatus(
        request.inbox,
        `409 Batch Completed${leftOver(request)}`,
      );
    } else if (request.heartbeat > 0) {
      request.heartbeatAt = now + request.heartbeat;
    }
  }

  failed(_destination: Destination, now: number): void {
    const request = this.#claimed;
    const waits = request !== null && request.batch > 0;
    this.sent(_destination, now);
    this.scan(false, now);
    if (!waits) return;
    request.batch++;
    request.delivered--;
  }

  rest(halt: Halt, now: number): void {
    const { queue } = this;
    const drained = halt === Halt.idle;
    if (now < queue.nextEvent && !(drained && queue.hasNoWait)) return;
    this.scan(drained, now);
  }

  onEvent(now: number): void {
    this.pins.onEvent(now);
    if (now >= this.queue.nextEvent) this.scan(true, now);
  }

  /**
   * Ends requests that have expired, are not to wait or lost their interest,
   * and beats for the others.
   * @param drained whether there are no messages to wait for
   * @returns messages that the remaining requests ask for
   */
  scan(drained: boolean, now: number): number {
    const { queue } = this;
    let wanted = 0;
    queue.nextEvent = Infinity;
    for (let request = queue.first; request !== null;) {
      const following = queue.after(request);
      if (now >= request.expires) this.#expire(request);
      else if (
        drained && request.noWait &&
        (request.expires === Infinity || request.delivered > 0)
      ) this.#end(request, "404 No Messages", now);
      else if (request.target.listeners.isEmpty) queue.remove(request);
      else {
        wanted += request.batch;
        this.#beat(request, now);
        queue.expect(request);
      }
      request = following;
    }
    return wanted;
  }

  close(deleted: boolean): void {
    const { queue } = this;
    const { outlet, host } = this.#owner;
    const ended: (readonly [Destination, string])[] = [];
    for (let request = queue.first; request !== null; request = queue.first) {
      queue.remove(request);
      const status = deleted
        ? "409 Consumer Deleted"
        : `409 Server Shutdown${leftOver(request)}`;
      ended.push([request.inbox, status]);
    }
    this.#incoming = [];
    this.pins.drop();
    if (ended.length === 0) return;
    // It may be in the middle of somebody's message that the consumer ends.
    host.consumers.dispatcher.ready({
      queued: false,
      takeTurn() {
        for (const [inbox, status] of ended) outlet.sendStatus(inbox, status);
        return false;
      },
    });
  }

  /**
   * Whether a request may be served as far as the pin is concerned; null when
   * it is refused because it names another.
   */
  #fitsPin(request: WaitingRequest, now: number): boolean | null {
    const { group } = request;
    const needsPin = this.#needsPin;
    const named = group?.pin ?? "";
    if (named !== "" && (needsPin || named !== this.pins.current)) {
      this.#refuse(request, "423 Nats-Wrong-Pin-Id");
      return null;
    }
    if (!needsPin) return named !== "" || this.pins.current === "";
    if (group !== null && group.group !== "") this.pins.assign(group, now);
    return true;
  }

  /** Whether a request is only for when there is more to do. */
  #overflows({ group }: WaitingRequest): boolean {
    const { config, backlog, state } = this.#owner;
    if (config.priority_policy !== "overflow" || group === null) return false;
    const { minPending, minAckPending } = group;
    if (minPending <= 0 && minAckPending <= 0) return false;
    const much = minPending > 0 && minPending <= backlog.count + 1;
    return !much &&
      !(minAckPending > 0 && minAckPending <= state.pending.count);
  }

  /** @returns false when the request has not so many bytes left and is ended */
  #takeBytes(request: WaitingRequest, size: number): boolean {
    if (size > request.bytes) {
      this.#refuse(request, "409 Message Size Exceeds MaxBytes");
      return false;
    }
    request.bytes -= size;
    if (request.bytes === 0) request.batch = 1;
    return true;
  }

  /**
   * A request was told that it is over, maybe by way of the stream itself:
   * what was to be delivered is not there any more.
   */
  #ended(): null {
    this.hasEnded = true;
    return null;
  }

  #refuse(request: WaitingRequest, status: string): void {
    this.queue.remove(request);
    const { outlet } = this.#owner;
    outlet.sendStatus(request.inbox, `${status}${leftOver(request)}`);
  }

  #expire(request: WaitingRequest): void {
    this.#end(
      request,
      `408 Request Timeout${leftOver(request)}`,
      request.expires,
    );
  }

  #end(request: WaitingRequest, status: string, active: number): void {
    const { queue } = this;
    queue.remove(request);
    queue.active = Math.max(queue.active, active);
    this.#owner.outlet.sendStatus(request.inbox, status);
  }

  #loseInterest(request: WaitingRequest): void {
    if (request.target === request.inbox) this.queue.remove(request);
    else this.#refuse(request, "408 Interest Expired");
  }

  #beat(request: WaitingRequest, now: number): void {
    if (now < request.heartbeatAt) return;
    const { outlet, state } = this.#owner;
    outlet.sendStatus(request.inbox, idleHeartbeat(state));
    request.heartbeatAt = now + request.heartbeat;
  }
}
