/**
 * When a consumer that nobody uses is removed.
 *
 * @module
 */

import type { Random } from "../../runtime/mod.ts";
import type { ConsumerConfig } from "../types/consumer_config.ts";

const NANOS_PER_MILLI = 1_000_000;
/** Nanoseconds that ephemeral consumers have unless they say otherwise. */
export const EPHEMERAL_THRESHOLD = 5_000_000_000;
/** Milliseconds; many consumers of one client should not go at once. */
const JITTER_MIN = 100;
const JITTER = 900;

/** Times are monotonic milliseconds. */
export class Inactivity {
  /** Milliseconds that it may stay unused; 0: as long as it likes. */
  #threshold = 0;
  #endsAt = Infinity;

  get threshold(): number {
    return this.#threshold;
  }

  /** When to look whether it is still used; Infinity: not at all. */
  get endsAt(): number {
    return this.#endsAt;
  }

  get isRunning(): boolean {
    return this.#endsAt !== Infinity;
  }

  /** Takes over the threshold of a configuration; one that does not last has one in any case. */
  configure(config: ConsumerConfig, lasts: boolean, random: Random): void {
    const pull = config.deliver_subject === "";
    const given = config.inactive_threshold;
    const implied = !lasts && given <= 0;
    const nanos = implied ? EPHEMERAL_THRESHOLD : Math.max(0, given);
    const jitter = implied || (pull && nanos > 0)
      ? JITTER_MIN + random.below(JITTER)
      : 0;
    this.#threshold = nanos / NANOS_PER_MILLI + jitter;
  }

  /** Begins to wait, if it may be removed at all. */
  start(now: number): void {
    this.#endsAt = this.#threshold > 0 ? now + this.#threshold : Infinity;
  }

  /** Looks again at that time. */
  postpone(until: number): void {
    this.#endsAt = until;
  }

  stop(): void {
    this.#endsAt = Infinity;
  }
}
