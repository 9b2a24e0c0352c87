/**
 * The client sessions of a server.
 *
 * @module
 */

import type { ClientSession } from "../client/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import type { Timers } from "../runtime/mod.ts";

/** How long a shutdown waits for what clients are still owed, milliseconds. */
const FAREWELL = 100;

/** Knows greeted sessions by their id, and those that are ending. */
export class Clients {
  readonly #registered = new Map<number, ClientSession>();
  /** Sessions that were made and have not ended, greeted or not. */
  readonly #open = new Set<ClientSession>();
  /** Ended sessions that may have output left. */
  readonly #leaving = new Set<ClientSession>();

  /** Greeted sessions. */
  get count(): number {
    return this.#registered.size;
  }

  created(session: ClientSession): void {
    this.#open.add(session);
  }

  register(session: ClientSession): void {
    this.#registered.set(session.id, session);
  }

  /** Takes a session out that has ended. */
  ended(session: ClientSession): void {
    this.#registered.delete(session.id);
    this.#open.delete(session);
    if (session.connection.dropped) return;
    this.#leaving.add(session);
    void session.connection.flushed().then(() => this.#leaving.delete(session));
  }

  get(id: number): ClientSession | undefined {
    return this.#registered.get(id);
  }

  /** Greeted sessions. */
  open(): Iterable<ClientSession> {
    return this.#registered.values();
  }

  /** All sessions that may be writing. */
  *all(): Generator<ClientSession> {
    yield* this.#open;
    yield* this.#leaving;
  }

  /** Closes all sessions; resolves when what they were owed is written, within limits. */
  async closeAll(timers: Timers): Promise<void> {
    for (const session of [...this.#open]) {
      session.close(CloseReason.ServerShutdown);
    }
    const waiting = [...this.#leaving];
    if (waiting.length === 0) return;
    const { promise: expired, resolve: expire } = Promise.withResolvers<void>();
    const timer = timers.after(FAREWELL, expire);
    await Promise.race([
      Promise.all(waiting.map((session) => session.connection.flushed())),
      expired,
    ]);
    timer.cancel();
    for (const session of waiting) session.close(CloseReason.WriteError);
  }
}
