/**
 * Stores: the messages of streams and the state of their consumers, in memory
 * and on disk, in the Go server's formats.
 *
 * Contract: knows sequences, subjects, limits and bytes; no stream semantics,
 * no client, no account. Bodies of messages and configurations are opaque.
 *
 * @module
 */

export * from "./consumer_contract.ts";
export * from "./contract.ts";
export * from "./format/mod.ts";
export {
  type EncryptionSettings,
  FileAccountStores,
  type FileStoreSettings,
} from "./file/mod.ts";
export { BlockSupply, MemoryAccountStores } from "./memory/mod.ts";
export { NameQueue } from "./index/name_queue.ts";
export { DeliveryList, PairList } from "./row_lists.ts";
export type { StoreSurroundings } from "./messages/mod.ts";
