/**
 * The consumers of one filter.
 *
 * @module
 */

import { Bag, type IndexedSubscription } from "../../subject/mod.ts";
import type { StreamConsumer, Tally } from "./contract.ts";
import { Needs } from "./needs.ts";

/** Consumers that are asked whether they need a message without a hint who does. */
const FEW = 64;

/**
 * What is stored for a filter is counted here, once for all of its consumers:
 * there may be thousands. Each is told of messages until it counts by this.
 */
export class Audience implements IndexedSubscription, Tally {
  readonly queue = null;
  stored = 0;
  /** Whether there is something to deliver at the end of the batch. */
  signalled = false;
  readonly #members = new Bag<StreamConsumer>();
  /** Those that are told of each message, and what they may count by. */
  readonly #attentive = new Map<StreamConsumer, Tally | null>();
  #needs: Needs | null = null;

  constructor(readonly subject: string) {}

  get members(): readonly StreamConsumer[] {
    return this.#members.members;
  }

  get isEmpty(): boolean {
    return this.members.length === 0;
  }

  add(consumer: StreamConsumer): void {
    this.#members.add(consumer);
  }

  remove(consumer: StreamConsumer): void {
    this.#members.delete(consumer);
    this.#attentive.delete(consumer);
  }

  /**
   * Tells a member of each message from now on.
   * @param alone whether it has no other filter, and so may count by this one
   */
  attend(consumer: StreamConsumer, alone: boolean): void {
    this.#attentive.set(consumer, alone ? this : null);
  }

  /** A message was stored. */
  tell(sequence: number): void {
    this.stored++;
    if (this.#attentive.size === 0) return;
    for (const [consumer, tally] of this.#attentive) {
      if (consumer.stored(sequence, tally)) this.#attentive.delete(consumer);
    }
  }

  /** Whether any member needs a message. */
  needs(sequence: number): boolean {
    const { members } = this;
    return members.length > FEW
      ? (this.#needs ??= new Needs()).any(members, sequence)
      : members.some((consumer) => consumer.needsAck(sequence));
  }
}
