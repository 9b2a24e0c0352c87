/**
 * Stores that are opened without the stream that they belong to.
 *
 * @module
 */

import type {
  AccountStores,
  StoreLimits,
  StreamStore,
  StreamStoreOptions,
} from "../store/mod.ts";
import type { StorageType } from "./types/stream_config.ts";

/** Nothing goes of its own accord. */
const UNLIMITED: StoreLimits = {
  maxMessages: -1,
  maxBytes: -1,
  maxMessagesPerSubject: -1,
  maxAge: 0n,
  discard: "old",
  discardNewPerSubject: false,
  allowTtl: false,
  markDeletes: false,
  compression: "none",
};

/** How to open a store to take something out of it. */
export function bareOptions(
  name: string,
  storage: StorageType,
): StreamStoreOptions {
  return {
    name,
    storage,
    limits: UNLIMITED,
    firstSequence: 0,
    listener: { changed() {}, expiring: () => false },
    ttlOf: () => 0,
    asyncFlush: false,
  };
}

/** Opens it. @throws StoreError, DiskError */
export function openBare(
  stores: AccountStores,
  name: string,
  storage: StorageType,
): StreamStore {
  return stores.open(bareOptions(name, storage));
}
