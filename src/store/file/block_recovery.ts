/**
 * Finds out what the blocks of a stream hold.
 *
 * @module
 */

import {
  DecodeError,
  DigestedMessages,
  HashKey,
  recordFaultText,
} from "../format/mod.ts";
import { finish, type Work } from "../../connection/mod.ts";
import { Chunk, joinBytes } from "../../protocol/mod.ts";
import type { DigestFiles } from "./digest_files.ts";
import { findDigested } from "./digested_block.ts";
import { BlockScanner, type Damage, type RecordVisitor } from "./block_scan.ts";
import type { BlockFiles } from "./block_files.ts";
import { FileBlock } from "./file_block.ts";
import { Findings, type RecoveryVisitor } from "./findings.ts";
import {
  blockNumbers,
  CONVERTING,
  digestName,
  digestNumbers,
  INDEX,
  isTemporary,
  keyName,
  keyNumbers,
} from "./names.ts";
import { findKnownState, type KnownState } from "./known_state.ts";
import type { PageFile } from "./page_file.ts";
import { readingFile } from "./portions.ts";
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
  readonly digests: DigestFiles;
  readonly syncAlways: boolean;
  readonly warn: (text: string) => void;
}

/** Opens the directory of one stream once. */
export class BlockRecovery {
  readonly found: Findings = new Findings();
  readonly #parts: RecoveryParts;
  readonly #scanner: BlockScanner;
  readonly #messages = new DigestedMessages();
  /** What the index says of the block that is read. */
  #known: PriorBlock | null = null;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#scanner = new BlockScanner(parts.hash, ROOM);
  }

  *#readIndex(): Work<Uint8Array | null> {
    const { disk, directory } = this.#parts;
    const path = `${directory}/${INDEX}`;
    return disk.exists(path) ? yield* readingFile(disk, path) : null;
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
      (each) => secrecy.opening(each),
      visit,
    );
  }

  /** Reads all blocks that are not known. @throws DiskError */
  *run(visit: RecoveryVisitor): Work<void> {
    const { disk, directory } = this.#parts;
    const index = yield* this.#readIndex();
    const state = index === null ? null : yield* this.#findState(index);
    this.found.prior = state?.prior ??
      (index === null ? null : yield* this.#readPrior(index));
    const names = disk.list(directory);
    for (const name of names) {
      if (isTemporary(name)) disk.remove(`${directory}/${name}`);
    }
    const numbers = blockNumbers(names);
    const unread = state === null
      ? numbers
      : yield* this.#resume(state, numbers, visit);
    const digests = new Set(digestNumbers(names));
    const isConverting = names.some((each) => each.endsWith(CONVERTING));
    for (const number of unread) {
      const isLast = number === numbers.at(-1);
      const hasDigest = !isLast && !isConverting && digests.has(number);
      const isKnown = hasDigest && (yield* this.#takeDigest(number, visit));
      if (!isKnown) yield* this.#readBlock(number, isLast, visit);
    }
    this.#noteDigests(digests);
    this.#removeOrphans(names);
    this.#scanner.release();
    this.found.applyPrior(this.#parts.syncAlways);
  }

  /** Takes over what a digest says. @returns false: the block must be read */
  *#takeDigest(number: number, visit: RecoveryVisitor): Work<boolean> {
    const { found } = this;
    const messages = this.#messages;
    const known = yield* findDigested(
      this.#parts,
      this.#scanner,
      number,
      found.recorded,
      messages,
    );
    if (known === null) return false;
    yield* found.takeDigest(known, messages, visit);
    return true;
  }

  /** Removes what belongs to blocks that are not there. */
  #removeOrphans(names: readonly string[]): void {
    const { disk, directory } = this.#parts;
    const blocks = new Set(blockNumbers(names));
    const orphans = [
      ...keyNumbers(names).filter((each) => !blocks.has(each)).map(keyName),
      ...digestNumbers(names).filter((each) => !blocks.has(each))
        .map(digestName),
    ];
    for (const name of orphans) disk.remove(`${directory}/${name}`);
  }

  /** Takes over what is known. @returns the blocks behind */
  *#resume(
    state: KnownState,
    numbers: readonly number[],
    visit: RecoveryVisitor,
  ): Work<readonly number[]> {
    const { stream } = state.prior;
    yield* visit.known(state);
    this.found.setEnd(stream);
    for (const block of state.blocks) {
      this.found.blocks.push(block);
      this.found.recorded = Math.max(this.found.recorded, block.last);
    }
    const unread = numbers.slice(state.blocks.length);
    const tail = state.blocks.at(-1);
    const hasGrown = tail !== undefined &&
      (yield* this.#readOn(tail, unread, visit));
    this.found.hasNews = hasGrown || unread.length > 0;
    return unread;
  }

  /** Blocks that were known have digests, too: they need not be made again. */
  #noteDigests(digests: ReadonlySet<number>): void {
    // More may be appended to the last.
    for (const block of this.found.blocks.slice(0, -1)) {
      const isKnown = !block.verified && block.digest === "none";
      if (isKnown && digests.has(block.number)) {
        block.digest = block.settled ? "settled" : "unsettled";
      }
    }
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
    this.#scanner.continueBehind(this.found.recorded);
    this.#known = this.found.prior?.block(block.number) ?? null;
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
    const block = new FileBlock(this.#parts, number, this.found.recorded + 1);
    this.#known = this.found.prior?.block(number) ?? null;
    let contents: Uint8Array;
    try {
      contents = this.#open(block);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      warn(`Block ${number} of '${stream}' can't be read: ${error.message}`);
      this.#putAside(block);
      return;
    }
    if (contents.length === 0) this.found.openGap(0);
    contents = yield* this.#visit(block, contents, 0, isLast, visit);
    this.#encrypt(block, contents);
    block.recovered(contents.length);
    if (!isLast) {
      block.unload();
      block.close();
    }
    if (block.size > 0 || isLast) this.found.blocks.push(block);
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
      this.found.take(chunk, at, record, block, this.#known, visit);
    let intact = contents;
    let from = start;
    let isTorn = isLast && !block.compressed;
    for (;;) {
      const damage = yield* this.#scanner.scan(block.key, intact, from, take);
      if (damage === null) break;
      this.#noteDamage(block, intact, damage);
      isTorn = isTorn && damage.end === intact.length;
      from = damage.start;
      intact = joinBytes([
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
    this.found.openGap(end - start);
  }

  /** What can't be read stays, under a name that nobody looks for. */
  #putAside(block: FileBlock): void {
    const { disk } = this.#parts;
    this.found.openGap(disk.stat(block.path).size);
    block.close();
    disk.rename(block.path, `${block.path}.damaged`);
    this.#parts.secrecy.putAside(this.#parts.directory, block.number);
  }
}
