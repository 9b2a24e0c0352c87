/**
 * What is kept of a consumer when its server crashes.
 *
 * @module
 */

import { finish } from "../../../../src/connection/mod.ts";
import type { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import type { Stream } from "../../../../src/jetstream/stream/stream.ts";
import type {
  ConsumerState,
  ConsumerStore,
  StreamStore,
} from "../../../../src/store/mod.ts";
import type { ConsumerWorld } from "./world.ts";

/** Keeps what a consumer's store was given, and gives it to the next. */
export class KeptStates {
  state: ConsumerState | null = null;
  meta = "";
  /** Whether an orderly end keeps what changed last. */
  savesAtEnd = true;
  #live: (() => ConsumerState) | null = null;

  /** Makes the store of a stream keep consumers here. */
  keepFor(store: StreamStore): void {
    store.consumer = (_name, state): ConsumerStore => {
      const saved = this.state;
      let hasChanged = false;
      this.#live = state;
      return {
        // deno-lint-ignore require-yield
        *loading() {
          return saved;
        },
        writeMeta: (text) => void (this.meta = text),
        changed: () => void (hasChanged = true),
        flush() {},
        *flushing() {},
        stop: () => {
          if (this.savesAtEnd && hasChanged) this.save();
        },
        delete() {},
      };
    };
  }

  /** A copy of the state as it is. */
  save(): void {
    const live = this.#live?.();
    if (live === undefined) return;
    this.state = {
      delivered: { ...live.delivered },
      ackFloor: { ...live.ackFloor },
      pending: new Map(live.pending),
      redelivered: new Map(live.redelivered),
    };
  }
}

/** Ends a consumer as a crash does, and brings it back. */
export function revive(
  world: ConsumerWorld,
  stream: Stream,
  consumer: Consumer,
): Consumer {
  const { config, createdAt, name } = consumer;
  consumer.stop();
  const found = { name, config, created: createdAt };
  finish(world.factory.recovering(stream, found));
  return stream.consumers.get(name) as Consumer;
}
