/**
 * The state of a consumer as machines without I/O: where it begins, what it
 * delivered, what waits for acknowledgement, what it has before it.
 *
 * Contract: no clock, no timers; a message is known by its sequences alone.
 *
 * @module
 */

export { Backlog } from "./backlog.ts";
export * from "./delivery_policy.ts";
export * from "./delivery_state.ts";
export { NO_SLOT, PendingTable } from "./pending_table.ts";
export { RedeliveryQueue } from "./redelivery_queue.ts";
export { restoringState, rewinding, savedState } from "./saved_state.ts";
export * from "./start.ts";
