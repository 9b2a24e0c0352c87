/**
 * A stream in files.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import type {
  ConsumerState,
  ConsumerStore,
  StoredConsumer,
} from "../consumer_contract.ts";
import type {
  KeptSources,
  StoredMessage,
  StoreListener,
  StreamStore,
  StreamStoreOptions,
} from "../contract.ts";
import { Removal } from "../engine.ts";
import {
  DecodeError,
  decodeSources,
  encodeSources,
  HashKey,
  RecordKind,
  type ScheduleEntry,
  type SourcePosition,
  type Stamped,
} from "../format/mod.ts";
import { MessageStore } from "../messages/mod.ts";
import { BlockAudit } from "./block_audit.ts";
import { BlockDigester } from "./block_digester.ts";
import { BlockEntries } from "./block_entries.ts";
import { BlockRewriter } from "./block_rewriter.ts";
import { blockSizeOf } from "./block_size.ts";
import { StreamConsumers } from "./stream_consumers.ts";
import { SyncGroup } from "./durability.ts";
import type { FileBlock } from "./file_block.ts";
import { FileEngine } from "./file_engine.ts";
import type { Findings } from "./findings.ts";
import { findStream, type FoundStream } from "./found_stream.ts";
import { messagesWithHeader } from "./header_walk.ts";
import { readingSchedules } from "./side_files.ts";
import { Housekeeping } from "./housekeeping.ts";
import { IndexKeeper } from "./index_keeper.ts";
import type { IndexParts } from "./index_writer.ts";
import { type MetaParts, sealMeta, writeMeta } from "./meta_file.ts";
import { MESSAGES, META, SOURCES } from "./names.ts";
import { mark, unmark } from "./restoring.ts";
import { swapMessages } from "./purge_swap.ts";
import { syncing } from "./portions.ts";
import { replaceFile } from "./replace_file.ts";
import type { FileSurroundings, StreamPlace } from "./surroundings.ts";

/** Hears nothing while a store is opened. */
class Gate implements StoreListener {
  isOpen = false;
  readonly #listener: StoreListener;

  constructor(listener: StoreListener) {
    this.#listener = listener;
  }

  changed(messages: number, bytes: number, sequence: number, subject: string) {
    if (!this.isOpen) return;
    this.#listener.changed(messages, bytes, sequence, subject);
  }

  expiring(message: StoredMessage): boolean {
    return this.isOpen && this.#listener.expiring(message);
  }
}

/** Messages and consumers in a directory. */
export class FileStreamStore extends MessageStore implements StreamStore {
  readonly storage = "file";
  readonly #surroundings: FileSurroundings;
  readonly #place: StreamPlace;
  readonly #options: StreamStoreOptions;
  readonly #engine: FileEngine;
  readonly #rewriter: BlockRewriter;
  readonly #digester: BlockDigester;
  readonly #audit: BlockAudit;
  readonly #syncs: SyncGroup;
  readonly #consumers: StreamConsumers;
  readonly #housekeeping: Housekeeping;
  readonly #keeper: IndexKeeper;
  /** What is left to do at the end; null: that has not come. */
  #stopping: Work<void> | null = null;

  /**
   * Opens or creates.
   * @param found what was found already
   * @throws DiskError
   */
  constructor(
    options: StreamStoreOptions,
    surroundings: FileSurroundings,
    place: StreamPlace,
    found: FoundStream = finish(
      findStream(options.name, surroundings, place),
    ),
  ) {
    const gate = new Gate(options.listener);
    const files = {
      ...surroundings,
      directory: `${place.directory}/${MESSAGES}`,
      stream: options.name,
      secrecy: place.secrecy,
      pages: found.pages,
      digests: found.digests,
      forgetPages: (block: FileBlock) => this.#forgetPages(block),
    };
    let built: FileEngine | undefined;
    super(
      { ...options, listener: gate },
      surroundings,
      (positions) =>
        built = new FileEngine({
          ...files,
          blockSize: surroundings.blockSize ??
            blockSizeOf(options, place.encrypted),
          positions,
          completed: (block) => this.#completed(block),
          sparse: (block) => this.#sparse(block),
          emptied: (block) => this.#rewriter.add(block),
          damaged: (block) => this.#audit.suspect(block),
          forgetIndex: () => this.#keeper.forget(),
          cutBehind: (block, sequence) => this.#cutBehind(block, sequence),
          swap: (create) => this.#swap(create),
        }),
      found.messages,
    );
    if (built === undefined) throw new Error("no engine");
    const parts = { ...files, log: this.log, engine: built };
    this.#engine = built;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#place = place;
    this.#rewriter = new BlockRewriter({
      ...parts,
      positions: this.log.index,
      compresses: () => this.limits.compression === "s2",
      rewritten: (block) => this.#digester.add(block),
    });
    this.#digester = new BlockDigester(parts);
    this.#audit = new BlockAudit({
      ...parts,
      isSettled: () => !this.unsettled,
    });
    this.#syncs = new SyncGroup(() => this.#sync());
    this.#consumers = consumersIn(options.name, surroundings, place);
    this.#keeper = this.#keeperOf(parts);
    this.#open(found);
    gate.isOpen = true;
    this.#audit.start();
    this.#digester.addAll();
    this.#housekeeping = new Housekeeping({
      ...parts,
      rewriter: this.#rewriter,
      digester: this.#digester,
      sync: () => this.#syncs.settle(),
      writeIndex: (effort) => this.#keeper.keep(effort),
    });
  }

  #keeperOf(parts: Omit<IndexParts, "entries">): IndexKeeper {
    return new IndexKeeper({
      ...this.#surroundings,
      ...parts,
      entries: new BlockEntries(),
      expiry: this.expiry,
      allowsTtl: () => this.limits.allowTtl,
      schedules: () => this.#options.schedules?.() ?? null,
      isClosed: () => this.closed,
      isSettled: () => !this.unsettled,
    });
  }

  get #messages(): string {
    return `${this.#place.directory}/${MESSAGES}`;
  }

  // Opening

  #open({ recovered, expiries }: FoundStream): void {
    sealMeta(this.#meta);
    if (this.#options.restoring) {
      mark(this.#surroundings.disk, this.#place.directory);
    }
    this.#consumers.prepare();
    this.#recover(recovered);
    const { firstSequence } = this.#options;
    const first = this.log.isUntouched ? 0 : this.log.firstSequence;
    if (firstSequence > first) {
      this.log.clear(firstSequence - 1);
    }
    this.enforceAll(expiries.entries, expiries.stamp);
    this.#engine.flush();
  }

  #recover(recovered: Findings): void {
    const { log } = this;
    const engine = this.#engine;
    for (const block of recovered.blocks) engine.blocks.push(block);
    const [first] = recovered.blocks;
    // Whatever takes the first block away begins another one.
    if (first !== undefined && first.number > 1) log.recoverBeginning();
    const { last, high, low } = recovered.end;
    log.recoverEnd(last, high, low);
    engine.startAt(last, high, low, recovered.isEndKnown);
    if (!recovered.hasNews) engine.unchanged();
    for (const sequence of recovered.tombstones) {
      if (log.index.has(sequence)) log.drop(sequence, Removal.limit);
    }
    engine.markDeleted(recovered.unmarked);
    const lost = recovered.lostSequences(
      log.messages,
      (each) => log.index.has(each),
    );
    if (lost.length > 0) {
      engine.lost = { sequences: lost, bytes: recovered.damagedBytes };
    }
  }

  // Durability

  flush(): void {
    this.log.endBatch();
    this.#engine.flush();
  }

  settled(): Promise<void> | null {
    if (!this.#surroundings.syncAlways || this.#options.asyncFlush) return null;
    const engine = this.#engine;
    const durable = !engine.namesChanged && engine.doomed.length === 0 &&
      engine.blocks.all.every(({ dirty }) => !dirty);
    if (durable && !this.#syncs.busy) return null;
    return this.#syncs.settle();
  }

  /** Makes durable what is written by now. */
  async #sync(): Promise<void> {
    const engine = this.#engine;
    const { disk } = this.#surroundings;
    // What the blocks that go have said must be among what is synced.
    engine.flush();
    const dirty = engine.blocks.all.filter((each) => each.dirty);
    const doomed = [...engine.doomed];
    try {
      for (const block of dirty) await syncUnlessGone(block);
      engine.dropDoomed(doomed);
      // Last, as blocks may have been replaced meanwhile.
      if (engine.namesChanged) {
        engine.namesChanged = false;
        disk.syncDirectory(this.#messages);
      }
      this.#digester.settle(dirty);
    } catch (error) {
      engine.fail(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  // What the engine asks for

  #completed(block: FileBlock): void {
    if (this.limits.compression === "s2") this.#rewriter.add(block);
    else this.#digester.add(block);
  }

  #sparse(block: FileBlock): void {
    if (Housekeeping.isWorthwhile(block)) this.#rewriter.add(block);
  }

  #forgetPages(block: FileBlock): void {
    this.#keeper.forgetPages();
    this.#digester.forget(block);
  }

  #cutBehind(block: FileBlock, sequence: number): void {
    const kept = new Uint8Array(block.size);
    let size = 0;
    let tombstones = 0;
    const walk = this.#engine.walker.walk(block, ({ bytes }, at, record) => {
      if (record.sequence > sequence) return;
      if (record.kind === RecordKind.Tombstone) tombstones++;
      kept.set(bytes.subarray(at, at + record.size), size);
      size += record.size;
    });
    finish(walk);
    if (size === block.size) return;
    block.rewrite(kept.subarray(0, size));
    block.tombstones = tombstones;
  }

  #swap(create: (directory: string) => FileBlock): FileBlock {
    const { disk, sweeper } = this.#surroundings;
    let block: FileBlock | undefined;
    swapMessages(disk, this.#place.directory, sweeper, (directory) => {
      block = create(directory);
    });
    if (block === undefined) throw new Error("nothing was created");
    return block;
  }

  // Configuration, consumers, end

  get #meta(): MetaParts {
    const { disk, hash } = this.#surroundings;
    const { directory, secrecy } = this.#place;
    const key = HashKey.ofStream(this.#options.name);
    return { disk, directory, hash, key, secrecy };
  }

  writeMeta(text: string): void {
    const { disk, syncAlways } = this.#surroundings;
    const { directory } = this.#place;
    writeMeta(this.#meta, text, syncAlways);
    if (this.#options.restoring) unmark(disk, directory);
  }

  keptSchedules(): Work<Stamped<readonly ScheduleEntry[]> | null> {
    const { disk, warn } = this.#surroundings;
    const { name: stream } = this.#options;
    const parts = { disk, warn, directory: this.#messages, stream };
    return readingSchedules(parts, this.lastSequence);
  }

  keptSources(): KeptSources | null {
    const { disk } = this.#surroundings;
    const path = `${this.#place.directory}/${SOURCES}`;
    if (!disk.exists(path)) return null;
    try {
      return decodeSources(disk.readFile(path));
    } catch (error) {
      // The messages tell, too; it only takes longer to look at them all.
      if (error instanceof DecodeError) return null;
      throw error;
    }
  }

  keepSources(positions: ReadonlyMap<string, SourcePosition>): void {
    const { disk } = this.#surroundings;
    const path = `${this.#place.directory}/${SOURCES}`;
    if (positions.size > 0) {
      const file = encodeSources(this.lastSequence + 1, positions);
      replaceFile(disk, path, file);
    } else if (disk.exists(path)) disk.remove(path);
  }

  override withHeader(
    from: number,
    visit: (message: StoredMessage) => void,
  ): Work<void> {
    return messagesWithHeader(this.#engine, this.log, from, visit);
  }

  findingConsumers(visit: (found: StoredConsumer) => void): Work<void> {
    return this.#consumers.finding(visit);
  }

  consumer(name: string, state: () => ConsumerState): ConsumerStore {
    return this.#consumers.open(name, state);
  }

  utilization(): { readonly total: number; readonly reported: number } {
    return { total: this.#engine.totalBytes, reported: this.log.bytes };
  }

  stop(): void {
    finish(this.stopping());
  }

  *stopping(): Work<void> {
    if (this.closed && this.#stopping === null) return;
    this.#stopping ??= this.#stop();
    let step = this.#stopping.next();
    for (; !step.done; step = this.#stopping.next()) yield step.value;
  }

  *#stop(): Work<void> {
    const engine = this.#engine;
    this.#shut();
    this.#audit.examine();
    try {
      engine.flush();
      for (const block of engine.blocks.all) {
        if (block.dirty) yield* syncing(block);
      }
      engine.dropDoomed([...engine.doomed]);
      yield* this.#digester.settlingAll();
      yield* this.#keeper.keepingAll();
      this.#surroundings.disk.syncDirectory(this.#messages);
    } catch (error) {
      engine.fail(error instanceof Error ? error : new Error(String(error)));
    }
    for (const block of engine.blocks.all) block.abandon();
  }

  #shut(): void {
    this.close();
    this.#housekeeping.stop();
    this.#rewriter.stop();
    this.#digester.stop();
    this.#audit.stop();
    this.#consumers.stop();
  }

  condemn(): void {
    this.#consumers.discard();
  }

  delete(): void {
    const { disk, sweeper } = this.#surroundings;
    const { directory } = this.#place;
    const { messages, bytes } = this.log;
    if (!this.closed) this.#shut();
    for (const block of this.#engine.blocks.all) block.abandon();
    for (const block of this.#engine.doomed) block.abandon();
    if (!disk.exists(directory)) return;
    // Without it, nobody takes what is left for a stream.
    const meta = `${directory}/${META}`;
    if (disk.exists(meta)) disk.remove(meta);
    sweeper.sweepAside(directory);
    this.#options.listener.changed(-messages, -bytes, 0, "");
  }
}

function consumersIn(
  stream: string,
  surroundings: FileSurroundings,
  { directory, consumerSecrecy }: StreamPlace,
): StreamConsumers {
  return new StreamConsumers({
    ...surroundings,
    stream,
    directory,
    secrecyOf: consumerSecrecy,
  });
}

/** A file that has gone meanwhile needs no sync. */
async function syncUnlessGone(block: FileBlock): Promise<void> {
  try {
    if (!block.gone) await block.sync();
  } catch (error) {
    if (!block.gone) throw error;
  }
}
