/**
 * What a consumer no longer needs of its stream, and what it no longer gets.
 *
 * @module
 */

import type { Consumer } from "./consumer.ts";
import { NO_SLOT } from "./state/mod.ts";
import { GONE } from "./telling.ts";

/** So many pending messages are looked up; of more, what is gone shows when it is due. */
const LOOKUPS_MAX = 2000;

/**
 * Reports to the stream what is acknowledged and still there.
 * @returns the first sequence that the consumer still needs
 */
export function reportAcknowledged(
  { state, store, stream, cursor: { filter } }: Consumer,
): number {
  let needed = Infinity;
  let message = store.loadNext(filter, store.firstSequence);
  while (message !== null && message.sequence < state.next) {
    const { sequence } = message;
    if (!state.needs(sequence)) stream.acked(sequence);
    else needed = Math.min(needed, sequence);
    message = store.loadNext(filter, sequence + 1);
  }
  return Math.min(needed, message?.sequence ?? store.lastSequence + 1);
}

/** Finds pending messages that have left the stream without a word. */
export function giveUpGone(
  { state, store, kept }: Consumer,
  giveUp: (sequence: number, reason: string) => void,
): void {
  const { pending } = state;
  const { firstSequence } = store;
  if (state.dropRedelivered(firstSequence)) kept?.changed();
  const looksUp = pending.count <= LOOKUPS_MAX;
  for (let slot = pending.first; slot !== NO_SLOT;) {
    const sequence = pending.sequence(slot);
    const following = pending.after(slot);
    if (sequence < firstSequence) giveUp(sequence, GONE.limits);
    else if (!looksUp) return;
    else if (store.load(sequence) === null) giveUp(sequence, GONE.deleted);
    slot = following;
  }
}
