/**
 * The end of a session that its user's credentials set.
 *
 * @module
 */

import { CloseReason } from "../connection/mod.ts";
import { ERR_AUTH_EXPIRED } from "../protocol/mod.ts";
import type { Timer } from "../runtime/mod.ts";
import type { ClientSession } from "./session.ts";

/** Belongs to one session. */
export class Expiry {
  readonly #session: ClientSession;
  #timer: Timer | null = null;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** Ends the session at wall time `at` (milliseconds); undefined: never. */
  set(at: number | undefined): void {
    this.stop();
    if (at === undefined) return;
    const { timers, clock } = this.#session.context;
    const delay = Math.max(0, at - clock.now());
    this.#timer = timers.after(delay, () => {
      // The wall clock may have been set back meanwhile.
      if (clock.now() < at) this.set(at);
      else this.#end();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #end(): void {
    const session = this.#session;
    session.sendError(ERR_AUTH_EXPIRED);
    session.logDebug(ERR_AUTH_EXPIRED);
    session.close(CloseReason.AuthenticationExpired);
  }
}
