/**
 * A subject that messages are delivered to.
 *
 * @module
 */

import type { Account, Subscription } from "../../account/mod.ts";
import { Chunk, encodeByteString } from "../../protocol/mod.ts";
import { EMPTY_RESULT, type MatchResult } from "../../subject/mod.ts";

/** Knows who listens, for as long as nothing has changed in the account. */
export class Destination {
  readonly chunk: Chunk;
  /** Whether its receiver has to catch up before it gets more. */
  isBehind = false;
  /** Called when it has caught up; made when it is needed first. */
  caughtUp: (() => void) | null = null;
  #generation = -1;
  #matches: MatchResult<Subscription> = EMPTY_RESULT;

  constructor(
    readonly account: Account,
    /** Byte string. */
    readonly subject: string,
  ) {
    this.chunk = Chunk.of(encodeByteString(subject));
  }

  /** Those who listen to it. */
  get listeners(): MatchResult<Subscription> {
    const { subscriptions } = this.account;
    const { generation } = subscriptions;
    if (generation !== this.#generation) {
      this.#matches = subscriptions.matchSubject(this.subject);
      this.#generation = generation;
    }
    return this.#matches;
  }
}
