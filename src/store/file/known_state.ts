/**
 * What `index.db` and `messages.idx` say of a stream, if they are good enough
 * to do without reading its blocks.
 *
 * @module
 */

import {
  CHECKSUM_SIZE,
  DecodeError,
  type ListedBlock,
  type ListedSubjects,
} from "../format/mod.ts";
import type { Work } from "../../connection/mod.ts";
import type { IndexPage } from "../index/index_page.ts";
import type { KnownSubjects } from "../index/known_subjects.ts";
import type { DigestFiles } from "./digest_files.ts";
import type { BlockScanner } from "./block_scan.ts";
import type { BlockEnding, BlockFiles } from "./block_files.ts";
import { FileBlock } from "./file_block.ts";
import { blockNumbers, CONVERTING } from "./names.ts";
import type { PageFile } from "./page_file.ts";
import type { PriorIndex, SubjectVisitor } from "./prior_index.ts";
import type { Secrecy } from "./secrecy.ts";

/** Subjects that are looked at between two rests. */
const SUBJECTS_AT_ONCE = 64 * 1024;

/** What finding it out needs. */
export interface KnownStateParts extends BlockFiles {
  readonly secrecy: Secrecy;
  readonly pages: PageFile;
  readonly digests: DigestFiles;
}

/** All that a stream held when its index was written. */
export interface KnownState {
  readonly prior: PriorIndex;
  /** In ascending order; the last one may have grown since. */
  readonly blocks: readonly FileBlock[];
  readonly pages: readonly IndexPage[];
  readonly subjects: KnownSubjects;
  /** All ids of subjects are below. */
  readonly idsEnd: number;
}

/** Those that are listed, with what the index says of them. */
class NamedSubjects implements KnownSubjects {
  readonly length: number;
  readonly ids: Uint32Array;
  /** Zero: the index does not know of that many. */
  readonly counts: Float64Array;
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  text: Uint8Array = new Uint8Array();
  #visited = 0;

  constructor({ length, ids, firsts, lasts }: ListedSubjects) {
    this.length = length;
    this.ids = ids;
    this.firsts = firsts;
    this.lasts = lasts;
    this.counts = new Float64Array(length);
    this.starts = new Uint32Array(length);
    this.ends = new Uint32Array(length);
  }

  readonly visit: SubjectVisitor = ({ subject, messages }, body, at) => {
    const i = this.#visited++;
    this.text = body;
    this.counts[i] = messages;
    this.starts[i] = at;
    this.ends[i] = at + subject.length;
  };
}

/**
 * Looks whether each file is the one that it was when the index was written,
 * but for what was appended since.
 *
 * @param index the content of `index.db`
 * @param decode reads it, telling of its subjects
 * @returns null when the blocks have changed otherwise
 * @throws DecodeError, DiskError
 */
export function* findKnownState(
  parts: KnownStateParts,
  scanner: BlockScanner,
  index: Uint8Array,
  decode: (visit: SubjectVisitor) => Work<PriorIndex>,
): Work<KnownState | null> {
  const { pages } = parts;
  if (!pages.exists) return null;
  const directory = yield* pages.readDirectory();
  if (!isSame(directory.state, index.subarray(-CHECKSUM_SIZE))) return null;
  const blocks = yield* findBlocks(parts, scanner, directory.blocks);
  if (blocks === null) return null;
  const subjects = new NamedSubjects(directory.subjects);
  const prior = yield* decode(subjects.visit);
  const state: KnownState = {
    prior,
    blocks,
    pages: yield* pages.readPages(directory.pages),
    subjects,
    idsEnd: directory.idsEnd,
  };
  if (!(yield* isSound(state))) throw new DecodeError("inconsistent index");
  return state;
}

/** The blocks, if they are as they are listed and have no strangers among them. */
function* findBlocks(
  parts: KnownStateParts,
  scanner: BlockScanner,
  listed: readonly ListedBlock[],
): Work<FileBlock[] | null> {
  const { disk, directory } = parts;
  const names = disk.list(directory);
  if (names.some((each) => each.endsWith(CONVERTING))) return null;
  const numbers = blockNumbers(names);
  const isListed = listed.every(({ number }, i) => number === numbers[i]);
  if (!isListed || listed.length === 0) return null;
  const blocks: FileBlock[] = [];
  for (const each of listed) {
    const mayHaveGrown = each === listed.at(-1) && !each.compressed;
    const block = findBlock(parts, each, mayHaveGrown);
    if (block === null) return null;
    // The power may have failed before all of it was on the disk.
    const isThere = !each.unsettled ||
      parts.digests.vouches(each.number, {
        size: each.fileSize,
        tail: each.tail,
      });
    if (!isThere && !(yield* isIntact(block, scanner))) return null;
    blocks.push(block);
    yield;
  }
  return blocks;
}

function findBlock(
  parts: KnownStateParts,
  listed: ListedBlock,
  mayHaveGrown: boolean,
): FileBlock | null {
  const { secrecy, directory } = parts;
  const { number, base, size, fileSize, compressed, unsettled } = listed;
  const block = new FileBlock(parts, number, base);
  const ending = block.endingAt(mayHaveGrown ? fileSize : Infinity);
  if (!isEnding(ending, listed)) return null;
  block.secret = secrecy.openBlock(directory, number);
  if (!secrecy.isPlain && block.secret === null) return null;
  block.resumed(size, compressed, !unsettled);
  block.last = listed.last;
  block.marked = listed.marked;
  block.live = listed.live;
  block.liveBytes = listed.liveBytes;
  block.tombstones = listed.tombstones;
  return block;
}

function isEnding({ size, tail }: BlockEnding, listed: ListedBlock): boolean {
  return size === listed.fileSize && isSame(tail, listed.tail);
}

function* isIntact(block: FileBlock, scanner: BlockScanner): Work<boolean> {
  const { size } = block;
  const contents = block.read(scanner.room);
  block.close();
  if (contents.length < size) return false;
  const known = contents.subarray(0, size);
  return (yield* scanner.scan(block.key, known, 0, () => {})) === null;
}

function isSame(some: Uint8Array, other: Uint8Array): boolean {
  return some.length === other.length &&
    some.every((byte, i) => byte === other[i]);
}

/** Whether all parts agree with each other. */
function* isSound(
  { prior, blocks, pages, subjects, idsEnd }: KnownState,
): Work<boolean> {
  const { messages, bytes } = prior.stream;
  const { length, ids, counts } = subjects;
  const isTaken = new Uint8Array(idsEnd);
  let ofSubjects = 0;
  for (let i = 0; i < length; i++) {
    const id = ids[i] ?? 0;
    const count = counts[i] ?? 0;
    if (id >= idsEnd || count === 0 || isTaken[id] === 1) return false;
    isTaken[id] = 1;
    ofSubjects += count;
    if (i % SUBJECTS_AT_ONCE === SUBJECTS_AT_ONCE - 1) yield;
  }
  return ofSubjects === messages &&
    sum(pages, (each) => each.count) === messages &&
    sum(blocks, (each) => each.live) === messages &&
    sum(blocks, (each) => each.liveBytes) === bytes;
}

function sum<T>(all: readonly T[], of: (each: T) => number): number {
  let total = 0;
  for (const each of all) total += of(each);
  return total;
}
