/**
 * The streams of an account in its directory.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type {
  AccountStores,
  StoredStream,
  StreamStore,
  StreamStoreOptions,
  UnreadableStream,
} from "../contract.ts";
import { HashKey, HighwayHash, keyContext } from "../format/mod.ts";
import { type BlockSupply, MemoryAccountStores } from "../memory/mod.ts";
import { findStream, type FoundStream } from "./found_stream.ts";
import { Listings } from "./listings.ts";
import { FileStreamStore } from "./file_stream_store.ts";
import type { FileSurroundings, StreamPlace } from "./surroundings.ts";
import { type EncryptionSettings, KeyRing } from "./key_ring.ts";
import { readMeta } from "./meta_file.ts";
import { BATCHES, CONSUMERS, META_KEY, SNAPSHOTS, STREAMS } from "./names.ts";
import { isUnfinished } from "./restoring.ts";
import { SealedFiles, SealedStream } from "./sealed_files.ts";
import { PLAIN } from "./secrecy.ts";
import { StreamConsumers } from "./stream_consumers.ts";
import { Sweeper } from "./sweeper.ts";

/** Bytes of a block of what is staged: some blocks are in memory. */
const STAGED_BLOCK = 128 * 1024;

/** What file stores need. */
export interface FileStoreSettings
  extends Omit<FileSurroundings, "hash" | "sweeper" | "listings"> {
  /** Where streams in memory get large blocks; default: from the platform. */
  readonly supply?: BlockSupply;
  /** `<store_dir>/jetstream/<account>`. */
  readonly directory: string;
  /** Null: nothing is encrypted. */
  readonly encryption?: EncryptionSettings | null;
}

/** Streams in files, and those that are to be in memory. */
export class FileAccountStores implements AccountStores {
  readonly #settings: FileStoreSettings;
  readonly #surroundings: FileSurroundings;
  readonly #memory: MemoryAccountStores;
  readonly #sweeper: Sweeper;
  readonly #ring: KeyRing | null;
  /** The stream that was looked at, and is to be opened. */
  #found:
    | {
      readonly name: string;
      readonly found: FoundStream;
      readonly place: StreamPlace;
    }
    | null = null;

  constructor(settings: FileStoreSettings) {
    this.#settings = settings;
    this.#sweeper = new Sweeper(settings.disk, settings.turns);
    this.#surroundings = {
      ...settings,
      hash: HighwayHash.inArena(),
      listings: new Listings(settings.disk),
      sweeper: this.#sweeper,
    };
    this.#memory = new MemoryAccountStores(settings);
    const { encryption, random } = settings;
    this.#ring = encryption ? new KeyRing(encryption, random) : null;
  }

  get #root(): string {
    return `${this.#settings.directory}/${STREAMS}`;
  }

  async lookAhead(): Promise<() => void> {
    const { listings, disk } = this.#surroundings;
    if (disk.exists(this.#root)) {
      for (const name of await disk.listLater(this.#root)) {
        await listings.lookAhead(`${this.#root}/${name}/${CONSUMERS}`);
      }
    }
    return () => listings.forget();
  }

  *recovering(): Work<{
    readonly streams: readonly StoredStream[];
    readonly unreadable: readonly UnreadableStream[];
  }> {
    const { disk, directory } = this.#settings;
    const streams: StoredStream[] = [];
    const unreadable: UnreadableStream[] = [];
    const leftovers = `${directory}/${SNAPSHOTS}`;
    if (disk.exists(leftovers)) this.#sweeper.sweep(leftovers);
    if (!disk.exists(this.#root)) return { streams, unreadable };
    for (const name of this.#surroundings.listings.take(this.#root)) {
      const path = `${this.#root}/${name}`;
      if (!disk.stat(path).isDirectory) continue;
      // Deleted, and the process ended before everything was gone.
      if (name.startsWith(".")) this.#sweeper.sweep(path);
      else if (isUnfinished(disk, path)) this.#sweeper.sweepAside(path);
      else {
        const place = this.#place(name);
        const read = this.#read(name, place);
        if ("meta" in read) {
          streams.push({
            name,
            ...read,
            encryption: this.#encryptionOf(place),
            findingConsumers: (visit) =>
              this.#consumers(name, place).finding(visit),
          });
        } else unreadable.push({ name, reason: read.reason });
      }
      yield;
    }
    return { streams, unreadable };
  }

  #encryptionOf(
    { directory, encrypted, secrecy }: StreamPlace,
  ): StoredStream["encryption"] {
    if (!encrypted) return "kept";
    if (!this.#settings.disk.exists(`${directory}/${META_KEY}`)) return "added";
    return secrecy.isOutdated || secrecy.wasSealedAnew ? "renewed" : "kept";
  }

  #consumers(
    stream: string,
    { directory, consumerSecrecy }: StreamPlace,
  ): StreamConsumers {
    return new StreamConsumers({
      ...this.#surroundings,
      stream,
      directory,
      secrecyOf: consumerSecrecy,
    });
  }

  #read(
    name: string,
    { directory, secrecy, encrypted }: StreamPlace,
  ): ReturnType<typeof readMeta> {
    const { disk } = this.#settings;
    const { hash } = this.#surroundings;
    const key = HashKey.ofStream(name);
    if (!encrypted && disk.exists(`${directory}/${META_KEY}`)) {
      return {
        reason: "Error decrypting our stream metafile: encryption not enabled",
      };
    }
    try {
      return readMeta({ disk, directory, hash, key, secrecy }, "stream");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { reason: `Error decrypting our stream metafile: ${reason}` };
    }
  }

  *finding(name: string): Work<void> {
    this.#forgetFound();
    const place = this.#place(name);
    const found = yield* findStream(name, this.#surroundings, place);
    this.#found = { name, found, place };
  }

  #forgetFound(): void {
    for (const block of this.#found?.found.recovered.blocks ?? []) {
      block.close();
    }
    this.#found = null;
  }

  open(options: StreamStoreOptions): StreamStore {
    const known = this.#found;
    const isKnown = options.storage === "file" && known?.name === options.name;
    if (isKnown) this.#found = null;
    else this.#forgetFound();
    if (options.storage === "memory") return this.#memory.open(options);
    const { place, found } = isKnown
      ? known
      : { place: this.#place(options.name), found: undefined };
    return new FileStreamStore(options, this.#surroundings, place, found);
  }

  stage(stream: string, options: StreamStoreOptions): StreamStore {
    const { name } = options;
    const directory = `${this.#root}/${stream}/${BATCHES}/${name}`;
    this.#sweeper.sweepNow(directory);
    const surroundings = { ...this.#surroundings, blockSize: STAGED_BLOCK };
    const place = this.#place(name, directory);
    return new FileStreamStore(options, surroundings, place);
  }

  staged(stream: string, options: StreamStoreOptions): StreamStore | null {
    const { name } = options;
    const directory = `${this.#root}/${stream}/${BATCHES}/${name}`;
    if (!this.#settings.disk.exists(directory)) return null;
    const place = this.#place(name, directory);
    return new FileStreamStore(options, this.#surroundings, place);
  }

  dropStaged(stream: string): void {
    this.#sweeper.sweepNow(`${this.#root}/${stream}/${BATCHES}`);
  }

  #place(name: string, directory = `${this.#root}/${name}`): StreamPlace {
    const { disk } = this.#settings;
    const ring = this.#ring;
    if (ring === null) {
      return {
        directory,
        encrypted: false,
        secrecy: PLAIN,
        consumerSecrecy: () => PLAIN,
      };
    }
    return {
      directory,
      encrypted: true,
      secrecy: new SealedStream(disk, ring, directory, name),
      consumerSecrecy: (consumer) =>
        new SealedFiles(
          disk,
          ring,
          `${directory}/${CONSUMERS}/${consumer}`,
          keyContext.consumer(name, consumer),
        ),
    };
  }
}
