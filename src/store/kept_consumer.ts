/**
 * States of consumers that do not run.
 *
 * @module
 */

import type { Work } from "../connection/mod.ts";
import type { ConsumerState } from "./consumer_contract.ts";
import { StoreError, type StreamStore } from "./contract.ts";

/**
 * Reads the state that a stream keeps of a consumer, step by step; null: nothing
 * was written yet. @throws StoreError corruptState
 */
export function* loadingConsumer(
  stream: Pick<StreamStore, "consumer">,
  name: string,
): Work<ConsumerState | null> {
  const store = stream.consumer(name, () => {
    throw new StoreError("closed");
  });
  try {
    return yield* store.loading();
  } finally {
    store.stop();
  }
}
