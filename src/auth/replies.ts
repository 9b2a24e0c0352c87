/**
 * Leave to answer: reply subjects that a user with `allow_responses` was
 * given in requests.
 *
 * @module
 */

import type { ResponsePermission } from "../config/mod.ts";
import type { Clock } from "../runtime/mod.ts";

/** Replies kept before expired ones are looked for. */
const PRUNE_COUNT = 4096;
/** The longest that expired replies are kept, milliseconds. */
const PRUNE_INTERVAL = 1000;

interface Grant {
  readonly since: number;
  used: number;
}

/** Belongs to one connection. */
export class ReplyGrants {
  readonly #limits: ResponsePermission;
  readonly #clock: Clock;
  readonly #grants = new Map<string, Grant>();
  #sincePrune = 0;
  #lastPrune: number;

  constructor(limits: ResponsePermission, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#lastPrune = clock.monotonic();
  }

  /** Remembers the reply subject of a request that was delivered. */
  grant(reply: string): void {
    const now = this.#clock.monotonic();
    // Deleted first, so that the map stays in the order of age.
    this.#grants.delete(reply);
    this.#grants.set(reply, { since: now, used: 0 });
    this.#sincePrune++;
    if (
      this.#sincePrune > PRUNE_COUNT || now - this.#lastPrune > PRUNE_INTERVAL
    ) this.#prune(now);
  }

  /** Uses up one answer to `subject`; false when there is no leave (any more). */
  use(subject: string): boolean {
    const grant = this.#grants.get(subject);
    if (grant === undefined) return false;
    grant.used++;
    const { max } = this.#limits;
    const expired = this.#expired(grant);
    if (expired || (max > 0 && grant.used >= max)) {
      this.#grants.delete(subject);
    }
    return !expired;
  }

  #expired(grant: Grant, now = this.#clock.monotonic()): boolean {
    const { expires } = this.#limits;
    return expires > 0 && now - grant.since > expires;
  }

  #prune(now: number): void {
    for (const [reply, grant] of this.#grants) {
      // All others are younger.
      if (!this.#expired(grant, now)) break;
      this.#grants.delete(reply);
    }
    this.#sincePrune = 0;
    this.#lastPrune = now;
  }
}
