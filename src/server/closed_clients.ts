/**
 * The clients that left most recently, for monitoring.
 *
 * @module
 */

import type { ClientSession } from "../client/mod.ts";
import type { CloseReason } from "../connection/mod.ts";

/** What is remembered of a client. */
export interface ClosedClient {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  readonly user: string;
  readonly account: string;
  /** Wall times, milliseconds. */
  readonly started: number;
  readonly stopped: number;
  readonly reason: CloseReason;
  readonly subscriptions: number;
  readonly messagesIn: number;
  readonly bytesIn: number;
  readonly messagesOut: number;
  readonly bytesOut: number;
}

/** A ring that forgets the oldest. */
export class ClosedClients {
  readonly #entries: ClosedClient[] = [];
  readonly #capacity: number;
  /** Clients ever added. */
  total = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(session: ClientSession, reason: CloseReason, now: number): void {
    const { connect, counters } = session;
    const entry: ClosedClient = {
      id: session.id,
      host: session.host,
      port: session.port,
      name: connect.name,
      lang: connect.lang,
      version: connect.version,
      user: session.user,
      account: session.account.name,
      started: session.started,
      stopped: now,
      reason,
      subscriptions: session.subscriptions.size,
      messagesIn: counters.messagesIn,
      bytesIn: counters.bytesIn,
      messagesOut: counters.messagesOut,
      bytesOut: counters.bytesOut,
    };
    if (this.#capacity > 0) this.#entries[this.total % this.#capacity] = entry;
    this.total++;
  }

  /** Oldest first. */
  list(): ClosedClient[] {
    if (this.total <= this.#capacity) return [...this.#entries];
    const oldest = this.total % this.#capacity;
    return [
      ...this.#entries.slice(oldest),
      ...this.#entries.slice(0, oldest),
    ];
  }
}
