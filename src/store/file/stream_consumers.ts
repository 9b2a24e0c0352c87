/**
 * The consumers of a stream in files.
 *
 * @module
 */

import type { Turns, Work } from "../../connection/mod.ts";
import type { Clock, Disk, Timers } from "../../runtime/mod.ts";
import type {
  ConsumerState,
  ConsumerStore,
  StoredConsumer,
} from "../consumer_contract.ts";
import { HashKey, type HighwayHash } from "../format/mod.ts";
import { convertConsumer } from "./conversion.ts";
import { makeDirectory } from "./directories.ts";
import { FileConsumerStore } from "./file_consumer.ts";
import type { Listings } from "./listings.ts";
import { Lane } from "./lane.ts";
import { type MetaParts, readMeta, sealMeta } from "./meta_file.ts";
import { CONSUMERS } from "./names.ts";
import type { SmallFileSecrecy } from "./secrecy.ts";

/** What is needed to keep consumers. */
export interface ConsumersParts {
  readonly disk: Disk;
  readonly listings: Listings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly turns: Turns;
  readonly hash: HighwayHash;
  readonly stream: string;
  /** The stream's directory. */
  readonly directory: string;
  readonly syncAlways: boolean;
  readonly secrecyOf: (name: string) => SmallFileSecrecy;
  readonly warn: (text: string) => void;
}

/** Finds, opens and stops them. */
export class StreamConsumers {
  readonly #parts: ConsumersParts;
  readonly #open = new Set<FileConsumerStore>();
  readonly #lane: Lane;

  constructor(parts: ConsumersParts) {
    this.#parts = parts;
    this.#lane = new Lane(parts.clock, parts.turns);
  }

  get #root(): string {
    return `${this.#parts.directory}/${CONSUMERS}`;
  }

  prepare(): void {
    const { disk, syncAlways } = this.#parts;
    makeDirectory(disk, this.#root, syncAlways);
  }

  /** Tells of those that are on disk and can be read, one in each step. */
  *finding(visit: (found: StoredConsumer) => void): Work<void> {
    const { disk, listings, warn } = this.#parts;
    if (!disk.exists(this.#root)) return;
    for (const name of listings.take(this.#root)) {
      yield;
      if (!disk.stat(`${this.#root}/${name}`).isDirectory) continue;
      const read = this.#read(name);
      if ("meta" in read) visit({ name, ...read });
      else warn(`    ${read.reason}`);
    }
  }

  #read(name: string): ReturnType<typeof readMeta> {
    try {
      const meta = this.#meta(name);
      convertConsumer(meta);
      sealMeta(meta);
      return readMeta(meta, "consumer");
    } catch (error) {
      return { reason: `Error decrypting our consumer metafile: ${error}` };
    }
  }

  open(name: string, state: () => ConsumerState): ConsumerStore {
    const { clock, timers, turns, syncAlways, warn } = this.#parts;
    const store: FileConsumerStore = new FileConsumerStore({
      ...this.#meta(name),
      clock,
      timers,
      turns,
      lane: this.#lane,
      durable: syncAlways,
      state,
      warn,
      closed: () => this.#open.delete(store),
    });
    this.#open.add(store);
    return store;
  }

  /** Closes them: all of the stream will be deleted. */
  discard(): void {
    for (const store of [...this.#open]) store.discard();
  }

  stop(): void {
    for (const store of [...this.#open]) store.stop();
  }

  #meta(name: string): MetaParts {
    const { disk, hash, stream, secrecyOf } = this.#parts;
    return {
      disk,
      hash,
      directory: `${this.#root}/${name}`,
      key: HashKey.ofConsumer(stream, name),
      secrecy: secrecyOf(name),
    };
  }
}
