/**
 * Responses that are waited for across accounts: state without I/O.
 *
 * A request that enters the account of a service gets a reply subject of that
 * account's own, and the response that comes to it goes on to the reply
 * subject that the requestor gave.
 *
 * @module
 */

import type { ResponseType } from "../config/mod.ts";
import { hasWildcard, matchesPattern } from "../subject/mod.ts";
import type { Account } from "./account.ts";
import type { ServiceExport } from "./exports.ts";
import type { SampleHeaders } from "./sampling.ts";
import type { Producer } from "./subscription.ts";

/** What is measured of a request. */
export interface Measurement {
  readonly requestor: Producer;
  readonly headers: SampleHeaders;
  /** Subject of the report. */
  readonly subject: string;
  /** Wall time of the request, milliseconds. */
  readonly started: number;
  /** The same on the monotonic clock. */
  readonly startedMonotonic: number;
}

/** What is known of an awaited response when its request goes out. */
export interface ExpectedResponse {
  /** Account in which the response arrives; that of the service, unless a response asks back. */
  readonly account: Account;
  /** Reply subject in that account: `_R_.…`. */
  readonly subject: string;
  /** Reply subject that the requestor gave. */
  readonly reply: string;
  /** Account of the requestor. */
  readonly requestor: Account;
  /** The service that is to answer. */
  readonly service: ServiceExport;
  /** Whether the requestor lets the service know who it is. */
  readonly share: boolean;
  /** Null when the latency of this request is not measured. */
  readonly measurement: Measurement | null;
}

/** A response that is awaited. */
export class PendingResponse implements ExpectedResponse {
  readonly account: Account;
  readonly subject: string;
  readonly reply: string;
  readonly requestor: Account;
  readonly service: ServiceExport;
  readonly share: boolean;
  readonly measurement: Measurement | null;
  readonly type: ResponseType;
  /** Whether a measurement was reported. */
  reported = false;
  /** Monotonic time of the request, or of the last part of the response. */
  active: number;

  constructor(expected: ExpectedResponse, now: number) {
    this.account = expected.account;
    this.subject = expected.subject;
    this.reply = expected.reply;
    this.requestor = expected.requestor;
    this.service = expected.service;
    this.share = expected.share;
    this.measurement = expected.measurement;
    this.type = expected.service.responseType;
    this.active = now;
  }
}

/** What the services of one account still have to answer. */
export class PendingResponses {
  readonly #bySubject = new Map<string, PendingResponse>();
  /** Least recently active first. */
  readonly #byService = new Map<ServiceExport, Set<PendingResponse>>();

  get size(): number {
    return this.#bySubject.size;
  }

  [Symbol.iterator](): Iterator<PendingResponse> {
    return this.#bySubject.values();
  }

  /** Services that owe a response. */
  get services(): ServiceExport[] {
    return [...this.#byService.keys()];
  }

  get(subject: string): PendingResponse | undefined {
    return this.#bySubject.get(subject);
  }

  add(response: PendingResponse): void {
    this.#bySubject.set(response.subject, response);
    const { service } = response;
    const awaited = this.#byService.get(service);
    if (awaited === undefined) {
      this.#byService.set(service, new Set([response]));
    } else awaited.add(response);
  }

  /** @returns whether it was awaited */
  delete(response: PendingResponse): boolean {
    if (!this.#bySubject.delete(response.subject)) return false;
    const awaited = this.#byService.get(response.service);
    awaited?.delete(response);
    if (awaited?.size === 0) this.#byService.delete(response.service);
    return true;
  }

  /** Something of the response has come: the wait begins anew. */
  touch(response: PendingResponse, now: number): void {
    response.active = now;
    const awaited = this.#byService.get(response.service);
    if (awaited?.delete(response)) awaited.add(response);
  }

  /** The responses of a service that have been awaited for too long. */
  overdue(service: ServiceExport, now: number): PendingResponse[] {
    const overdue: PendingResponse[] = [];
    for (const response of this.#byService.get(service) ?? []) {
      if (response.active + service.responseThreshold > now) break;
      overdue.push(response);
    }
    return overdue;
  }

  /** Monotonic time at which a service next has an overdue response; null: never. */
  deadline(service: ServiceExport): number | null {
    for (const { active } of this.#byService.get(service) ?? []) {
      return active + service.responseThreshold;
    }
    return null;
  }
}

/** What the requestors of one account wait for, by the reply subject that they gave. */
export class AwaitedReplies {
  readonly #byReply = new Map<string, Set<PendingResponse>>();

  get size(): number {
    return this.#byReply.size;
  }

  add(response: PendingResponse): void {
    const { reply } = response;
    const awaited = this.#byReply.get(reply);
    if (awaited === undefined) this.#byReply.set(reply, new Set([response]));
    else awaited.add(response);
  }

  delete(response: PendingResponse): void {
    const awaited = this.#byReply.get(response.reply);
    awaited?.delete(response);
    if (awaited?.size === 0) this.#byReply.delete(response.reply);
  }

  /**
   * Reply subjects that subscriptions to `subjects` may have been for, without
   * those that are listened to all the same.
   */
  orphaned(
    subjects: readonly string[],
    hasInterest: (reply: string) => boolean,
  ): string[] {
    if (this.#byReply.size === 0) return [];
    const patterns = subjects.filter(hasWildcard);
    const literals = subjects.filter((subject) =>
      this.#byReply.has(subject) && !hasInterest(subject)
    );
    if (patterns.length === 0) return literals;
    // One look at each reply, however many subscriptions end at once.
    const matched = [...this.#byReply.keys()].filter((reply) =>
      !hasInterest(reply) &&
      patterns.some((pattern) => matchesPattern(reply, pattern))
    );
    return [...literals, ...matched];
  }

  /** The responses to one reply subject. */
  of(reply: string): PendingResponse[] {
    return [...this.#byReply.get(reply) ?? []];
  }
}
