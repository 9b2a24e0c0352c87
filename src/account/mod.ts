/**
 * Accounts: isolated subject spaces with their subscriptions and mappings,
 * and the distribution of messages inside them.
 *
 * Contract: no I/O, no protocol state; a receiver decides how a message
 * reaches its peer.
 *
 * @module
 */

export * from "./account.ts";
export { distribute } from "./distribute.ts";
export { SubjectMappings } from "./mappings.ts";
export { Accounts } from "./registry.ts";
export * from "./subscription.ts";
