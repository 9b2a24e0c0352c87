/**
 * JetStream: streams, consumers and the API to them.
 *
 * Contract: knows accounts and stores, and never the server; speaks in an
 * account as a member of it. An acknowledgement leaves only when what it
 * acknowledges is as safe as the options demand.
 *
 * @module
 */

export type { JetStreamAccount } from "./account.ts";
export { type AccountStats, accountStats } from "./account_stats.ts";
export type * from "./assets.ts";
export { consumerFactory } from "./consumer/mod.ts";
export type { JetStreamContext } from "./context.ts";
export * from "./errors.ts";
export { streamMaker } from "./stream/mod.ts";
export {
  JetStream,
  type JetStreamParts,
  type WantedAccounts,
} from "./service.ts";
export { friendlyBytes, JetStreamStartError } from "./settings.ts";
export * from "./types/consumer_config.ts";
export * from "./types/infos.ts";
export * from "./types/placement.ts";
export * from "./types/stream_config.ts";
export type { TierLimits } from "./usage.ts";
export { API_LEVEL } from "./versioning.ts";
