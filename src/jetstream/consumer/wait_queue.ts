/**
 * Requests that wait for messages.
 *
 * @module
 */

import type { Destination } from "./destination.ts";

/** The priority group that a request is for. */
export interface RequestGroup {
  readonly group: string;
  /** Served only while so many messages are pending; 0: always. */
  readonly minPending: number;
  /** Served only while so many acknowledgements are pending; 0: always. */
  readonly minAckPending: number;
  /** Lower ones are served first. */
  readonly priority: number;
  /** Whom the group is pinned to, as the client or the server said last. */
  pin: string;
}

/** What is asked for. Times are monotonic milliseconds. */
export interface Wish {
  /** Where messages go. */
  readonly inbox: Destination;
  /** Whose interest counts: the inbox of who asks, maybe in another account. */
  readonly target: Destination;
  /** Messages to be delivered. */
  readonly batch: number;
  /** Bytes that may be delivered; 0: no limit. */
  readonly bytes: number;
  /** Infinity: never. */
  readonly expires: number;
  /** Milliseconds; 0: none. */
  readonly heartbeat: number;
  readonly noWait: boolean;
  readonly received: number;
  readonly group: RequestGroup | null;
}

/** A request. Times are monotonic milliseconds. */
export class WaitingRequest {
  /** Its neighbours in the queue, a ring. */
  previous: WaitingRequest = this;
  next: WaitingRequest = this;
  readonly inbox: Destination;
  readonly target: Destination;
  /** Messages that are still to be delivered. */
  batch: number;
  /** Bytes that may still be delivered; 0: no limit. */
  bytes: number;
  readonly expires: number;
  readonly heartbeat: number;
  readonly noWait: boolean;
  readonly group: RequestGroup | null;
  /** Messages delivered for it. */
  delivered = 0;
  /** When to send a heartbeat; Infinity: never. */
  heartbeatAt: number;

  constructor(wish: Wish) {
    const { received, heartbeat } = wish;
    this.inbox = wish.inbox;
    this.target = wish.target;
    this.batch = wish.batch;
    this.bytes = wish.bytes;
    this.expires = wish.expires;
    this.heartbeat = heartbeat;
    this.noWait = wish.noWait;
    this.group = wish.group;
    this.heartbeatAt = heartbeat > 0 ? received + heartbeat : Infinity;
  }
}

/**
 * First in, first out; who gets a message and wants more goes to the end. By
 * priority, it goes to the end of those with its own.
 *
 * A ring, in which going to the end is one step of the whole: the collector
 * wants to know of each reference from an old object to a new one, and there
 * would be some for each message.
 */
export class WaitQueue {
  #head: WaitingRequest | null = null;
  #size = 0;
  #withoutWait = 0;
  readonly #max: number;
  /** Whether requests that come, or come back, go before those of lower priority. */
  byPriority: boolean;
  /** Last activity; monotonic. */
  active = -Infinity;
  /** When the next request expires or wants a heartbeat, or earlier. */
  nextEvent = Infinity;

  constructor(max: number, byPriority: boolean) {
    this.#max = max;
    this.byPriority = byPriority;
  }

  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get isFull(): boolean {
    return this.#size >= this.#max;
  }

  /** Whether some are not to wait for messages to come. */
  get hasNoWait(): boolean {
    return this.#withoutWait > 0;
  }

  get first(): WaitingRequest | null {
    return this.#head;
  }

  get last(): WaitingRequest | null {
    return this.#head?.previous ?? null;
  }

  /** The one behind `request`; null: it is the last. */
  after({ next }: WaitingRequest): WaitingRequest | null {
    return next === this.#head ? null : next;
  }

  /** Adds a request at its place. There must be room. */
  add(wish: Wish): WaitingRequest {
    const request = new WaitingRequest(wish);
    this.#insert(request);
    this.#size++;
    if (request.noWait) this.#withoutWait++;
    this.active = wish.received;
    this.expect(request);
    return request;
  }

  /** Takes the times of a request into account. */
  expect({ expires, heartbeatAt }: WaitingRequest): void {
    this.nextEvent = Math.min(this.nextEvent, expires, heartbeatAt);
  }

  /** Gives a message to the first. @returns whether it wants no more and is gone */
  serve(request: WaitingRequest): boolean {
    request.delivered++;
    request.batch--;
    if (request.batch <= 0) {
      this.remove(request);
      return true;
    }
    this.requeue(request);
    return false;
  }

  /** Moves a request behind those of its rank. */
  requeue(request: WaitingRequest): void {
    const { next } = request;
    if (next === request) return;
    if (request === this.#head && !this.byPriority) {
      this.#head = next;
      return;
    }
    this.#unlink(request);
    this.#insert(request);
  }

  remove(request: WaitingRequest): void {
    this.#unlink(request);
    this.#size--;
    if (request.noWait) this.#withoutWait--;
    if (this.#size === 0) this.nextEvent = Infinity;
  }

  /** In front of the first one of a lower rank, or of the first of all: at the end. */
  #insert(request: WaitingRequest): void {
    const head = this.#head;
    if (head === null) {
      this.#head = request;
      return;
    }
    let before = head.previous;
    if (this.byPriority) {
      const rank = rankOf(request);
      while (rankOf(before) > rank) {
        if (before === head) {
          this.#head = request;
          before = head.previous;
          break;
        }
        before = before.previous;
      }
    }
    const after = before.next;
    request.previous = before;
    request.next = after;
    before.next = request;
    after.previous = request;
  }

  #unlink(request: WaitingRequest): void {
    const { previous, next } = request;
    if (request === this.#head) this.#head = next === request ? null : next;
    previous.next = next;
    next.previous = previous;
    request.previous = request;
    request.next = request;
  }
}

function rankOf({ group }: WaitingRequest): number {
  return group === null ? Infinity : group.priority;
}
