/**
 * Streams and consumers that a restart forgets.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { ConsumerState, ConsumerStore } from "../consumer_contract.ts";
import type {
  AccountStores,
  StreamStore,
  StreamStoreOptions,
} from "../contract.ts";
import { MessageStore, type StoreSurroundings } from "../messages/mod.ts";
import type { BlockSupply } from "./block_supply.ts";
import { MemoryEngine } from "./memory_engine.ts";

/** What streams in memory need of their surroundings. */
export interface MemorySurroundings extends StoreSurroundings {
  /** Where they get large blocks; default: from the platform. */
  readonly supply?: BlockSupply;
}

/** A stream in memory. */
class MemoryStreamStore extends MessageStore implements StreamStore {
  readonly storage = "memory";
  readonly #engine: MemoryEngine;

  constructor(options: StreamStoreOptions, surroundings: MemorySurroundings) {
    const { random, supply } = surroundings;
    let built: MemoryEngine | undefined;
    super(
      options,
      surroundings,
      (positions) => built = new MemoryEngine(positions, random, supply),
    );
    if (built === undefined) throw new Error("no engine");
    this.#engine = built;
    if (options.firstSequence > 0) this.log.clear(options.firstSequence - 1);
  }

  flush(): void {
    this.log.endBatch();
    this.#engine.settle();
  }

  settled(): null {
    return null;
  }

  writeMeta(): void {}

  // deno-lint-ignore require-yield
  *keptSchedules(): Work<null> {
    return null;
  }

  keptSources(): null {
    return null;
  }

  keepSources(): void {}

  *findingConsumers(): Work<void> {}

  consumer(): ConsumerStore {
    return new MemoryConsumerStore();
  }

  utilization(): { readonly total: number; readonly reported: number } {
    return { total: this.#engine.totalBytes, reported: this.log.bytes };
  }

  stop(): void {
    this.#engine.settle();
    this.close();
  }

  // deno-lint-ignore require-yield
  *stopping(): Work<void> {
    this.stop();
  }

  condemn(): void {}

  delete(): void {
    this.close();
    this.log.clear(this.log.lastSequence);
  }
}

/** Has nothing to keep: the state lives with the consumer. */
class MemoryConsumerStore implements ConsumerStore {
  // deno-lint-ignore require-yield
  *loading(): Work<ConsumerState | null> {
    return null;
  }

  writeMeta(): void {}

  changed(): void {}

  flush(): void {}

  *flushing(): Work<void> {}

  stop(): void {}

  delete(): void {}
}

/** The stores of an account of which nothing is kept. */
export class MemoryAccountStores implements AccountStores {
  readonly #surroundings: MemorySurroundings;

  constructor(surroundings: MemorySurroundings) {
    this.#surroundings = surroundings;
  }

  // deno-lint-ignore require-yield
  *recovering(): Work<{ readonly streams: []; readonly unreadable: [] }> {
    return { streams: [], unreadable: [] };
  }

  open(options: StreamStoreOptions): StreamStore {
    return new MemoryStreamStore(options, this.#surroundings);
  }

  stage(_stream: string, options: StreamStoreOptions): StreamStore {
    return this.open(options);
  }

  staged(): null {
    return null;
  }

  dropStaged(): void {}
}
