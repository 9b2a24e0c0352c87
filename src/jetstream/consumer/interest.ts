/**
 * What a consumer no longer needs of a stream that lets go of such messages.
 *
 * @module
 */

import type { Consumer } from "./consumer.ts";

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
