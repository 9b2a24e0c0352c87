/**
 * Finds out what the blocks of a stream hold.
 *
 * @module
 */

import {
  CHECKSUM_SIZE,
  DecodeError,
  decodeExpiries,
  type Expiry,
  HashKey,
  type IndexedStream,
  recordFaultText,
  RecordKind,
  recordTimeHigh,
  recordTimeLow,
  type RecordView,
  type Stamped,
  timeHigh,
  timeLow,
} from "../format/mod.ts";
import { finish, type Work } from "../../connection/mod.ts";
import { Chunk } from "../../protocol/mod.ts";
import type { Tombstone } from "./block_walk.ts";
import { BlockScanner, type Damage, type RecordVisitor } from "./block_scan.ts";
import { type BlockFiles, FileBlock } from "./file_block.ts";
import {
  blockNumbers,
  EXPIRIES,
  INDEX,
  isTemporary,
  keyName,
  keyNumbers,
} from "./names.ts";
import { findKnownState, type KnownState } from "./known_state.ts";
import { Gaps, LOST_MAX } from "./losses.ts";
import type { PageFile } from "./page_file.ts";
import {
  type PriorBlock,
  PriorIndex,
  type SubjectVisitor,
} from "./prior_index.ts";
import type { Secrecy } from "./secrecy.ts";

/** Blocks up to this size are hashed at once. */
const ROOM = 9 * 1024 * 1024;

/** What recovery needs. */
export interface RecoveryParts extends BlockFiles {
  readonly secrecy: Secrecy;
  readonly pages: PageFile;
  readonly syncAlways: boolean;
  readonly warn: (text: string) => void;
}

/** Takes what is found. */
export interface RecoveryVisitor {
  /** What was known without reading blocks; told first, if at all. */
  known(state: KnownState): Work<void>;
  /** A message, in ascending order. */
  message(chunk: Chunk, at: number, record: RecordView): void;
}

/** The end of what was found. */
export interface RecoveredEnd {
  readonly last: number;
  readonly high: number;
  readonly low: number;
}

/** Opens the directory of one stream once. */
export class BlockRecovery {
  readonly blocks: FileBlock[] = [];
  /** Sequences that were deleted after they were stored. */
  readonly tombstones = new Set<number>();
  prior: PriorIndex | null = null;
  /** Whether anything was found that the index does not know. */
  hasNews = true;
  /** Bytes that belong to no intact record. */
  damagedBytes = 0;
  readonly #parts: RecoveryParts;
  readonly #scanner: BlockScanner;
  readonly #gaps = new Gaps();
  /** Records of which only the index says that they were deleted. */
  readonly #unmarked: Tombstone[] = [];
  /** What the index says of the block that is read. */
  #known: PriorBlock | null = null;
  #last = 0;
  /** The last sequence that the blocks tell of. */
  #found = 0;
  #high = 0;
  #low = 0;
  /** Highest sequence that has a record; messages below are repetitions. */
  #recorded = 0;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#scanner = new BlockScanner(parts.hash, ROOM);
  }

  get end(): RecoveredEnd {
    return { last: this.#last, high: this.#high, low: this.#low };
  }

  #readIndex(): Uint8Array | null {
    const { disk, directory } = this.#parts;
    const path = `${directory}/${INDEX}`;
    return disk.exists(path) ? disk.readFile(path) : null;
  }

  /** What can be told without reading blocks; null: not enough. */
  *#findState(index: Uint8Array): Work<KnownState | null> {
    const { stream, warn } = this.#parts;
    try {
      return yield* findKnownState(
        this.#parts,
        this.#scanner,
        index,
        (visit) => this.#decode(index, visit),
      );
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      warn(`Index of messages of '${stream}' can't be used: ${error.message}`);
      return null;
    }
  }

  *#readPrior(index: Uint8Array): Work<PriorIndex | null> {
    const { stream, warn } = this.#parts;
    try {
      return yield* this.#decode(index);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      warn(`Stream state of '${stream}' can't be used: ${error.message}`);
      return null;
    }
  }

  /** @throws DecodeError */
  #decode(index: Uint8Array, visit?: SubjectVisitor): Work<PriorIndex> {
    const { hash, stream, secrecy } = this.#parts;
    const key = HashKey.ofStream(stream);
    return PriorIndex.decode(
      hash,
      key,
      index,
      (each) => secrecy.open(each),
      visit,
    );
  }

  /** When messages expire, for those below a stamp. @throws DiskError */
  readExpiries(): Stamped<Expiry[]> {
    const { disk, directory, warn, stream } = this.#parts;
    const path = `${directory}/${EXPIRIES}`;
    if (!disk.exists(path)) return { stamp: 0, entries: [] };
    try {
      const known = decodeExpiries(disk.readFile(path));
      if (known.stamp <= this.#last + 1) return known;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      warn(`Times of expiry of '${stream}' can't be used: ${error.message}`);
    }
    // Of sequences that it knows, others may be given out again.
    disk.remove(path);
    disk.syncDirectory(directory);
    return { stamp: 0, entries: [] };
  }

  /** Reads all blocks that are not known. @throws DiskError */
  *run(visit: RecoveryVisitor): Work<void> {
    const { disk, directory } = this.#parts;
    const index = this.#readIndex();
    const state = index === null ? null : yield* this.#findState(index);
    this.prior = state?.prior ??
      (index === null ? null : yield* this.#readPrior(index));
    const names = disk.list(directory);
    for (const name of names) {
      if (isTemporary(name)) disk.remove(`${directory}/${name}`);
    }
    const numbers = blockNumbers(names);
    const unread = state === null
      ? numbers
      : yield* this.#resume(state, numbers, visit);
    for (const number of unread) {
      yield* this.#readBlock(number, number === numbers.at(-1), visit);
    }
    for (const number of keyNumbers(names)) {
      if (numbers.includes(number)) continue;
      disk.remove(`${directory}/${keyName(number)}`);
    }
    this.#scanner.release();
    this.#applyPrior();
  }

  /** Takes over what is known. @returns the blocks behind */
  *#resume(
    state: KnownState,
    numbers: readonly number[],
    visit: RecoveryVisitor,
  ): Work<readonly number[]> {
    const { stream } = state.prior;
    yield* visit.known(state);
    this.#setEnd(stream);
    for (const block of state.blocks) {
      this.blocks.push(block);
      this.#recorded = Math.max(this.#recorded, block.last);
    }
    const unread = numbers.slice(state.blocks.length);
    const tail = state.blocks.at(-1);
    const hasGrown = tail !== undefined &&
      (yield* this.#readOn(tail, unread, visit));
    this.hasNews = hasGrown || unread.length > 0;
    return unread;
  }

  #setEnd({ lastSequence, lastTime }: IndexedStream): void {
    this.#last = lastSequence;
    this.#high = timeHigh(lastTime);
    this.#low = timeLow(lastTime);
  }

  /** Reads what was appended to the block that was the last. @returns whether there is something */
  *#readOn(
    block: FileBlock,
    later: readonly number[],
    visit: RecoveryVisitor,
  ): Work<boolean> {
    const { size, compressed } = block;
    const fileSize = this.#parts.disk.stat(block.path).size;
    if (compressed || fileSize === size) return false;
    const contents = block.read(this.#scanner.room);
    this.#scanner.continueBehind(this.#recorded);
    this.#known = this.prior?.block(block.number) ?? null;
    const intact = yield* this.#visit(
      block,
      contents,
      size,
      later.length === 0,
      visit,
    );
    block.recovered(intact.length);
    if (later.length > 0) block.unload();
    block.close();
    return true;
  }

  *#readBlock(
    number: number,
    isLast: boolean,
    visit: RecoveryVisitor,
  ): Work<void> {
    const { warn, stream } = this.#parts;
    const block = new FileBlock(this.#parts, number, this.#recorded + 1);
    this.#known = this.prior?.block(number) ?? null;
    let contents: Uint8Array;
    try {
      contents = this.#open(block);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      warn(`Block ${number} of '${stream}' can't be read: ${error.message}`);
      this.#putAside(block);
      return;
    }
    if (contents.length === 0) this.#gaps.open(this.#recorded + 1);
    contents = yield* this.#visit(block, contents, 0, isLast, visit);
    this.#encrypt(block, contents);
    block.recovered(contents.length);
    if (!isLast) {
      block.unload();
      block.close();
    }
    if (block.size > 0 || isLast) this.blocks.push(block);
    else block.remove();
  }

  /** Reads a block, by the key that fits. @throws DecodeError, DiskError */
  #open(block: FileBlock): Uint8Array {
    const { secrecy, directory } = this.#parts;
    const { number } = block;
    block.secret = secrecy.openBlock(directory, number);
    const { room } = this.#scanner;
    if (block.secret !== null) return block.read(room);
    const contents = block.read(room);
    const converted = secrecy.openConversion(directory, number);
    if (converted === null || this.#startsIntact(block, contents)) {
      return contents;
    }
    block.secret = converted;
    const decrypted = block.read(room);
    secrecy.endConversion(directory, number);
    return decrypted;
  }

  #startsIntact(block: FileBlock, contents: Uint8Array): boolean {
    const scan = this.#scanner.scan(block.key, contents, 0, () => {});
    const damage = finish(scan);
    return contents.length === 0 || damage?.start !== 0;
  }

  /** Encrypts a block that is not, when it should be. */
  #encrypt(block: FileBlock, contents: Uint8Array): void {
    const { secrecy, directory } = this.#parts;
    if (secrecy.isPlain || block.secret !== null) return;
    block.secret = secrecy.beginConversion(directory, block.number);
    block.rewrite(contents);
    secrecy.endConversion(directory, block.number);
  }

  #take(
    chunk: Chunk,
    at: number,
    record: RecordView,
    block: FileBlock,
    visit: RecoveryVisitor,
  ): void {
    const { kind, sequence } = record;
    if (kind === RecordKind.Tombstone) {
      this.tombstones.add(sequence);
      block.tombstones++;
    }
    if (sequence >= this.#last) {
      const high = recordTimeHigh(chunk, at);
      const low = recordTimeLow(chunk, at);
      const isErased = kind === RecordKind.NoMessage && high === 0 && low === 0;
      this.#last = sequence;
      if (!isErased) [this.#high, this.#low] = [high, low];
      if (kind === RecordKind.Tombstone) block.marked = sequence;
    }
    if (kind === RecordKind.Tombstone || sequence <= this.#recorded) return;
    this.#gaps.close(sequence);
    this.#recorded = sequence;
    if (block.last < block.base) block.base = sequence;
    block.last = sequence;
    if (kind === RecordKind.NoMessage) return;
    if (this.#known?.isDeleted(sequence)) {
      const high = recordTimeHigh(chunk, at);
      this.#unmarked.push([sequence, high, recordTimeLow(chunk, at)]);
      return;
    }
    block.live++;
    block.liveBytes += record.size;
    visit.message(chunk, at, record);
  }

  /**
   * Visits the intact records from `start` on, and leaves only these in the
   * file.
   * @returns all records
   */
  *#visit(
    block: FileBlock,
    contents: Uint8Array,
    start: number,
    isLast: boolean,
    visit: RecoveryVisitor,
  ): Work<Uint8Array> {
    const take: RecordVisitor = (chunk, at, record) =>
      this.#take(chunk, at, record, block, visit);
    let intact = contents;
    let from = start;
    let isTorn = isLast && !block.compressed;
    for (;;) {
      const damage = yield* this.#scanner.scan(block.key, intact, from, take);
      if (damage === null) break;
      this.#noteDamage(block, intact, damage);
      isTorn = isTorn && damage.end === intact.length;
      from = damage.start;
      intact = concat([
        intact.subarray(0, damage.start),
        intact.subarray(damage.end),
      ]);
    }
    if (intact === contents) return contents;
    // What was written last is often not written whole.
    if (isTorn) block.cut(intact.length);
    else block.rewrite(intact);
    return intact;
  }

  #noteDamage(
    block: FileBlock,
    contents: Uint8Array,
    { start, end, fault }: Damage,
  ): void {
    const { stream, warn } = this.#parts;
    const chunk = Chunk.of(contents);
    const text = recordFaultText(fault, chunk, start, contents.length);
    warn(`Damage in block ${block.number} of '${stream}': ${text}`);
    this.damagedBytes += end - start;
    this.#gaps.open(this.#recorded + 1);
  }

  /** What can't be read stays, under a name that nobody looks for. */
  #putAside(block: FileBlock): void {
    const { disk } = this.#parts;
    this.#gaps.open(this.#recorded + 1);
    this.damagedBytes += disk.stat(block.path).size;
    block.close();
    disk.rename(block.path, `${block.path}.damaged`);
    this.#parts.secrecy.putAside(this.#parts.directory, block.number);
  }

  /** The index may know of a later end than the blocks show. */
  #applyPrior(): void {
    const stream = this.prior?.stream;
    this.#found = this.#last;
    if (stream === undefined || stream.lastSequence <= this.#last) return;
    // What was not durable was not acknowledged, if acknowledgements wait.
    if (!this.#parts.syncAlways) {
      this.#gaps.add(this.#recorded + 1, stream.lastSequence);
    }
    this.#setEnd(stream);
  }

  /**
   * Sequences that were there and can't be given back.
   * @param found messages that are there
   * @param has whether a message is
   */
  lostSequences(
    found: number,
    has: (sequence: number) => boolean,
  ): readonly number[] {
    const lost: number[] = [];
    if (found !== this.prior?.stream.messages && this.#isMatched) {
      for (const at of this.prior?.messages() ?? []) {
        if (!has(at) && !this.tombstones.has(at)) lost.push(at);
        // An index may claim anything.
        if (lost.length > LOST_MAX) break;
      }
    }
    for (const at of this.#gaps.sequences(this.#last, has)) {
      const deleted = has(at) || this.tombstones.has(at) ||
        this.#wasDeleted(at);
      if (!deleted) lost.push(at);
    }
    return [...new Set(lost)].sort((a, b) => a - b);
  }

  /** Whether the index was written after the last change of the blocks. */
  get #isMatched(): boolean {
    const { prior } = this;
    const tail = this.blocks.at(-1);
    if (prior === null || tail === undefined) return false;
    const { block, checksum } = prior.end;
    if (block !== tail.number) return false;
    if (tail.size < CHECKSUM_SIZE) return tail.size === 0;
    const { bytes } = tail.load();
    return checksum.every((byte, i) =>
      byte === bytes[tail.size - CHECKSUM_SIZE + i]
    );
  }

  #wasDeleted(sequence: number): boolean {
    const { prior } = this;
    if (prior === null || sequence > prior.stream.lastSequence) return false;
    for (const [number, block] of prior.blocks) {
      const { firstSequence, lastSequence } = block;
      if (sequence < firstSequence || sequence > lastSequence) continue;
      return prior.block(number).isDeleted(sequence);
    }
    return true;
  }

  /**
   * Deleted messages whose tombstones may have been among what was damaged.
   */
  get unmarked(): readonly Tombstone[] {
    if (this.#gaps.isEmpty) return [];
    return this.#unmarked.filter(([each]) => !this.tombstones.has(each));
  }

  /** Whether the blocks themselves tell where the stream ends. */
  get isEndKnown(): boolean {
    return this.#last === this.#found;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
