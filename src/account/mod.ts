/**
 * Accounts: isolated subject spaces with their subscriptions and mappings,
 * the distribution of messages inside them, and what they export to and
 * import from each other.
 *
 * Contract: no I/O, no protocol state; a receiver decides how a message
 * reaches its peer. Nothing crosses the border of an account but by an import
 * that the other account's exports allow.
 *
 * @module
 */

export * from "./account.ts";
export type { Activation } from "./activation.ts";
export type { ClientInfo } from "./client_info.ts";
export { toNanos } from "./client_info.ts";
export type { AccountContext } from "./context.ts";
export { dispatch, dispatchTo } from "./dispatch.ts";
export { distribute } from "./distribute.ts";
export type { ReplyTarget } from "./exchange.ts";
export { setHeader } from "./headers.ts";
export type { AccountLinks, ImportState } from "./links.ts";
export { SubjectMappings } from "./mappings.ts";
export { Base62, nodeName as shortHash } from "./base62.ts";
export { Accounts } from "./registry.ts";
export { SERVICE_REPLY_PREFIX } from "./response_desk.ts";
export type { PendingResponse } from "./responses.ts";
export * from "./subscription.ts";
