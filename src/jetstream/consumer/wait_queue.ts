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

/** A request. Times are monotonic milliseconds. */
export class WaitingRequest {
  previous: WaitingRequest | null = null;
  next: WaitingRequest | null = null;
  /** Messages delivered for it. */
  delivered = 0;
  /** When to send a heartbeat; Infinity: never. */
  heartbeatAt: number;

  constructor(
    /** Where messages go. */
    readonly inbox: Destination,
    /** Whose interest counts: the inbox of who asks, maybe in another account. */
    readonly target: Destination,
    /** Messages that are still to be delivered. */
    public batch: number,
    /** Bytes that may still be delivered; 0: no limit. */
    public bytes: number,
    /** Infinity: never. */
    readonly expires: number,
    /** Milliseconds; 0: none. */
    readonly heartbeat: number,
    readonly noWait: boolean,
    readonly received: number,
    readonly group: RequestGroup | null,
  ) {
    this.heartbeatAt = heartbeat > 0 ? received + heartbeat : Infinity;
  }
}

/**
 * First in, first out; who gets a message and wants more goes to the end. By
 * priority, it goes to the end of those with its own.
 */
export class WaitQueue {
  #head: WaitingRequest | null = null;
  #tail: WaitingRequest | null = null;
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

  /** Adds a request at its place. There must be room. */
  add(request: WaitingRequest): void {
    this.#insert(request);
    this.#size++;
    if (request.noWait) this.#withoutWait++;
    this.active = request.received;
    this.expect(request);
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
    if (request.next !== null) this.requeue(request);
    return false;
  }

  /** Moves a request behind those of its rank. */
  requeue(request: WaitingRequest): void {
    this.#unlink(request);
    this.#insert(request);
  }

  remove(request: WaitingRequest): void {
    this.#unlink(request);
    this.#size--;
    if (request.noWait) this.#withoutWait--;
    if (this.#size === 0) this.nextEvent = Infinity;
  }

  #insert(request: WaitingRequest): void {
    let before = this.#tail;
    if (this.byPriority) {
      const rank = rankOf(request);
      while (before !== null && rankOf(before) > rank) before = before.previous;
    }
    const after = before === null ? this.#head : before.next;
    request.previous = before;
    request.next = after;
    if (before === null) this.#head = request;
    else before.next = request;
    if (after === null) this.#tail = request;
    else after.previous = request;
  }

  #unlink(request: WaitingRequest): void {
    const { previous, next } = request;
    if (previous === null) this.#head = next;
    else previous.next = next;
    if (next === null) this.#tail = previous;
    else next.previous = previous;
    request.previous = null;
    request.next = null;
  }
}

function rankOf({ group }: WaitingRequest): number {
  return group === null ? Infinity : group.priority;
}
