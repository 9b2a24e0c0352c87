/**
 * Consumers: what each client of a stream has got, acknowledged and is still
 * to get.
 *
 * Contract: a consumer knows its stream by `ConsumedStream` alone. Nothing is
 * delivered beyond what the stream has settled, and its floors never pass what
 * was acknowledged. Deliveries happen at the end of batches and in turns of
 * their own, never while somebody else's message is being distributed.
 *
 * @module
 */

export { Alarm, AlarmClock } from "./alarm_clock.ts";
export * from "./contract.ts";
export { type Deliverer, Dispatcher } from "./dispatcher.ts";
export { consumerFactory } from "./factory.ts";
