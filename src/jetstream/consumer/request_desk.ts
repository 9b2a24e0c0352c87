/**
 * Decides what becomes of requests for messages.
 *
 * @module
 */

import { formatDuration } from "../../config/mod.ts";
import { Destination } from "./destination.ts";
import type { ModeOwner } from "./mode.ts";
import type { Pins } from "./pins.ts";
import {
  parsePullRequest,
  type PullRequestBody,
  PullRequestError,
} from "./pull_request.ts";
import type { WaitQueue, Wish } from "./wait_queue.ts";

const NANOS_PER_MILLI = 1_000_000;
/** A full queue is gone through that often at most, milliseconds. */
const SCAN_INTERVAL = 1000;
const PRIORITY_MAX = 9;

/** A request as it came in. */
export interface IncomingRequest {
  /** Byte string. */
  readonly reply: string;
  readonly payload: Uint8Array;
}

/** Requests that wait, and what they wait for. */
interface Waiting {
  readonly queue: WaitQueue;
  readonly pins: Pins;
  scan(drained: boolean, now: number): number;
}

/** Puts requests in the queue or refuses them. */
export class RequestDesk {
  readonly #owner: ModeOwner;
  readonly #waiting: Waiting;
  #lastScan = -Infinity;

  constructor(owner: ModeOwner, waiting: Waiting) {
    this.#owner = owner;
    this.#waiting = waiting;
  }

  take({ reply, payload }: IncomingRequest, now: number): void {
    const { outlet } = this.#owner;
    const inbox = this.#inboxOf(reply);
    const refuse = (status: string) => void outlet.sendStatus(inbox, status);
    let wish: Wish;
    let body: PullRequestBody;
    try {
      const parsed = parsePullRequest(payload);
      ({ body } = parsed);
      const fault = this.#overLimits(body) ??
        (parsed.formal ? this.#groupFault(body, now) : null);
      if (fault !== null) return refuse(fault);
      wish = this.#wish(inbox, body, parsed.formal, now);
    } catch (error) {
      if (!(error instanceof PullRequestError)) throw error;
      return refuse(`400 Bad Request - ${error.message}`);
    }
    const { queue } = this.#waiting;
    if (queue.isFull && now - this.#lastScan > SCAN_INTERVAL) {
      this.#lastScan = now;
      this.#waiting.scan(false, now);
    }
    const nothing = body.no_wait ? this.#nothingNow(wish, now) : null;
    if (nothing !== null) {
      queue.active = now;
      return refuse(nothing);
    }
    if (!queue.isFull) queue.add(wish);
    // A client with heartbeats would ask again and again; it notices anyway.
    else if (wish.heartbeat === 0) refuse("409 Exceeded MaxWaiting");
  }

  #overLimits(
    { batch, expires, max_bytes: bytes }: PullRequestBody,
  ): string | null {
    const { config } = this.#owner;
    if (config.max_batch > 0 && batch > config.max_batch) {
      return `409 Exceeded MaxRequestBatch of ${config.max_batch}`;
    }
    if (config.max_expires > 0 && expires > config.max_expires) {
      const most = formatDuration(config.max_expires / NANOS_PER_MILLI);
      return `409 Exceeded MaxRequestExpires of ${most}`;
    }
    return config.max_bytes > 0 && bytes > config.max_bytes
      ? `409 Exceeded MaxRequestMaxBytes of ${config.max_bytes}`
      : null;
  }

  #groupFault(body: PullRequestBody, now: number): string | null {
    const { priority_policy: policy, priority_groups: groups } =
      this.#owner.config;
    const bad = (reason: string) => `400 Bad Request - ${reason}`;
    const limits = body.min_pending !== 0 || body.min_ack_pending !== 0;
    if (limits && policy !== "overflow") {
      return bad("Not a Overflow Priority consumer");
    }
    if (body.id !== "" && policy !== "pinned_client") {
      return bad("Not a Pinned Client Priority consumer");
    }
    if (body.priority < 0 || body.priority > PRIORITY_MAX) {
      return bad(`Priority must be between 0 and ${PRIORITY_MAX}`);
    }
    if (policy === "none") return null;
    if (body.group === "") return bad("Priority Group missing");
    if (!groups.includes(body.group)) return bad("Invalid Priority Group");
    const { pins } = this.#waiting;
    if (pins.current === "" || body.id === "") return null;
    if (body.id !== pins.current) return "423 Nats-Pin-Id mismatch";
    pins.prolong(body.group, now);
    return null;
  }

  /** That of the last request, if it is the same: who goes on asking has one. */
  #inboxOf(reply: string): Destination {
    const last = this.#waiting.queue.last?.inbox;
    return last?.subject === reply
      ? last
      : new Destination(this.#owner.host.account, reply);
  }

  #wish(
    inbox: Destination,
    body: PullRequestBody,
    formal: boolean,
    now: number,
  ): Wish {
    const { account, subject } = this.#owner.host.consumers.replyTarget(
      inbox.subject,
    );
    const target = subject === inbox.subject
      ? inbox
      : new Destination(account, subject);
    return {
      inbox,
      target,
      batch: body.batch,
      bytes: body.max_bytes,
      expires: body.expires === 0
        ? Infinity
        : now + body.expires / NANOS_PER_MILLI,
      heartbeat: Math.max(0, body.idle_heartbeat) / NANOS_PER_MILLI,
      noWait: body.no_wait,
      received: now,
      group: formal
        ? {
          group: body.group,
          minPending: body.min_pending,
          minAckPending: body.min_ack_pending,
          priority: body.priority,
          pin: body.id,
        }
        : null,
    };
  }

  /** What to tell a request that is not to wait; null: there may be messages. */
  #nothingNow({ expires }: Wish, now: number): string | null {
    const { backlog, state } = this.#owner;
    const available = backlog.count + state.queue.count;
    if (available === 0) return expires === Infinity ? "404 No Messages" : null;
    const wanted = this.#waiting.scan(false, now);
    return available < wanted ? "408 Requests Pending" : null;
  }
}
