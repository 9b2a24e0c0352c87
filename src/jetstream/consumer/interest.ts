/**
 * What a consumer no longer needs of its stream, and what it no longer gets.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Consumer } from "./consumer.ts";
import { GONE } from "./telling.ts";

/** Messages that are looked at in one step, if not many may need them. */
const STEP = 32;
const MANY = 64;
/** So many pending messages are looked up; of more, what is gone shows when it is due. */
const LOOKUPS_MAX = 2000;

/**
 * Reports to the stream what is acknowledged and still there, step by step.
 * @returns the first sequence that the consumer still needs
 */
export function* reportAcknowledged(
  { state, store, stream, cursor }: Consumer,
): Work<number> {
  let needed = Infinity;
  const step = stream.consumers.size > MANY ? 1 : STEP;
  let sequence = store.firstMatch(cursor.filter, store.firstSequence);
  for (let i = 1; sequence !== 0 && sequence < state.next; i++) {
    if (!state.needs(sequence)) stream.retention.letGo(sequence);
    else needed = Math.min(needed, sequence);
    if (i % step === 0) yield;
    sequence = store.firstMatch(cursor.filter, sequence + 1);
  }
  return Math.min(needed, sequence || store.lastSequence + 1);
}

/** Finds pending messages that have left the stream without a word, step by step. */
export function* givingUpGone(
  { state, store, kept }: Consumer,
  beginningGone: string,
  giveUp: (sequence: number, reason: string) => void,
): Work<void> {
  const { pending } = state;
  if (yield* state.droppingRedelivered(store.firstSequence)) kept?.changed();
  const looksUp = pending.count <= LOOKUPS_MAX;
  let looks = 0;
  for (const slot of pending.walk()) {
    const sequence = pending.sequence(slot);
    if (sequence < store.firstSequence) giveUp(sequence, beginningGone);
    else if (!looksUp) return;
    else if (store.load(sequence) === null) giveUp(sequence, GONE.deleted);
    if (++looks % STEP === 0) yield;
  }
}
