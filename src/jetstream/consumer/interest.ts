/**
 * What a consumer no longer needs of its stream.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Consumer } from "./consumer.ts";

/** Messages that are looked at in one step, if not many may need them. */
const STEP = 32;
const MANY = 64;

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
