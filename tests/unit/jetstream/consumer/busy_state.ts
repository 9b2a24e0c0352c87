/**
 * A state in which very much is pending.
 *
 * @module
 */

import { DeliveryState } from "../../../../src/jetstream/consumer/state/mod.ts";

/** Messages 1 to `pending` were delivered at time 0. @param ackWait milliseconds */
export function busyState(pending: number, ackWait: number): DeliveryState {
  const state = new DeliveryState({
    ack: "explicit",
    ackWait,
    backoff: [],
    maxDeliver: 0,
    maxAckPending: 0,
  });
  for (let i = 1; i <= pending; i++) {
    state.next = i + 1;
    state.deliver(i, 0);
  }
  return state;
}
