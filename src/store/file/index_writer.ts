/**
 * Writes `index.db`, and what stands beside it.
 *
 * @module
 */

import type { Disk } from "../../runtime/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import {
  CHECKSUM_SIZE,
  encodeExpiries,
  encodeSchedules,
  HashKey,
  type HighwayHash,
  type IndexedBlock,
  IndexWriter,
  type ListedBlock,
  type ListedSubject,
  type ScheduleEntry,
  SequenceSet,
  withChecksum,
} from "../format/mod.ts";
import type { Expiry, MessageLog } from "../messages/mod.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";
import type { PageFile } from "./page_file.ts";
import { EXPIRIES, FILE_MODE, INDEX, SCHEDULES } from "./names.ts";
import { replaceFile } from "./replace_file.ts";
import type { Secrecy } from "./secrecy.ts";

/** Pages that are listed in the time that a subject takes. */
const PAGES_PER_EFFORT = 2;
/** Messages that are passed over in that time. */
const SEARCHED_PER_EFFORT = 16;
/** Pages that can be written without holding up the loop. */
const PAGES_AT_ONCE = 128;

/** What is needed to write an index. */
export interface IndexParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly stream: string;
  readonly hash: HighwayHash;
  readonly secrecy: Secrecy;
  readonly log: MessageLog;
  readonly engine: FileEngine;
  readonly pages: PageFile;
}

/**
 * How much work it is: subjects, deleted messages, blocks and pages, and
 * messages among which some were deleted.
 */
export function indexEffort({ log, engine }: IndexParts): number {
  const span = log.lastSequence + 1 - log.firstSequence;
  const { all } = engine.blocks;
  let searched = 0;
  for (const { base, last, live } of all) {
    if (live <= last - base) searched += live;
  }
  return log.subjects.size + span - log.messages + all.length +
    log.index.pages.length / PAGES_PER_EFFORT + searched / SEARCHED_PER_EFFORT;
}

/**
 * Writes pages ahead, for a slice of time.
 * @returns whether too many are left to write them with the index
 */
export function writePages({ log, pages }: IndexParts): boolean {
  return pages.writeSome(log.index.pages, PAGES_AT_ONCE);
}

/**
 * Writes the index in place, and the pages that have changed: checksums tell
 * when that was not finished. Nothing is pending.
 * @throws DiskError
 */
export function writeIndex(parts: IndexParts): void {
  const { disk, directory, stream, hash, secrecy, log, pages } = parts;
  const subjects: ListedSubject[] = [];
  const body = secrecy.seal(encodeIndex(parts, subjects));
  const bytes = withChecksum(hash, HashKey.ofStream(stream), body);
  overwrite(disk, `${directory}/${INDEX}`, bytes);
  // What is damaged is to be found and mended.
  if (parts.engine.blocks.all.some((each) => each.damaged)) return;
  pages.finish(log.index.pages, {
    state: bytes.subarray(body.length),
    blocks: parts.engine.blocks.all.map(listedBlock),
    idsEnd: log.subjects.idsEnd,
    subjects,
  });
}

function listedBlock(block: FileBlock): ListedBlock {
  const { number, compressed, base, last, marked, size } = block;
  const { live, liveBytes, tombstones } = block;
  const { size: fileSize, tail } = block.ending();
  return {
    number,
    compressed,
    unsettled: block.dirty,
    base,
    last,
    marked,
    size,
    live,
    liveBytes,
    tombstones,
    fileSize,
    tail,
  };
}

/** Writes when messages expire, for those that have a time to live. */
export function writeExpiries(
  { disk, directory, log }: IndexParts,
  expiry: Pick<Expiry, "entries" | "waiting">,
): void {
  const entries = expiry.entries();
  const bytes = encodeExpiries(log.lastSequence + 1, expiry.waiting, entries);
  // It has no checksum: there must be the old or the new one.
  replaceFile(disk, `${directory}/${EXPIRIES}`, bytes);
}

/** Writes which messages schedule others. */
export function writeSchedules(
  { disk, directory, log }: IndexParts,
  schedules: readonly ScheduleEntry[],
): void {
  const bytes = encodeSchedules(log.lastSequence + 1, schedules);
  replaceFile(disk, `${directory}/${SCHEDULES}`, bytes);
}

function overwrite(disk: Disk, path: string, bytes: Uint8Array): void {
  const file = disk.open(path, { write: true, create: true, mode: FILE_MODE });
  try {
    file.writeAt(bytes, 0);
    file.truncate(bytes.length);
  } finally {
    file.close();
  }
}

/** @param listed gets what the index does not say of subjects */
function encodeIndex(
  { log, engine }: IndexParts,
  listed: ListedSubject[],
): Uint8Array {
  const { messages, bytes, firstSequence, lastSequence, subjects } = log;
  const firstTime = messages === 0 ? 0n : log.timeOf(firstSequence);
  const writer = new IndexWriter(
    {
      messages,
      bytes,
      firstSequence,
      firstTime,
      lastSequence,
      lastTime: log.lastTime.nanos,
    },
    subjects.size,
  );
  subjects.match(SubjectFilter.ALL, (id) => {
    const first = subjects.first(id);
    const last = subjects.last(id);
    listed.push({ id, first, last });
    writer.subject(
      subjects.name(id),
      subjects.count(id),
      engine.blocks.find(first)?.number ?? 0,
      engine.blocks.find(last)?.number ?? 0,
    );
  });
  const tail = engine.blocks.last;
  const blocks = engine.blocks.all.filter((each) =>
    each.live > 0 || each === tail
  );
  writer.blocks(blocks.length);
  for (const block of blocks) {
    writer.block(indexedBlock(log, block, block === tail));
  }
  return writer.end({
    block: tail?.number ?? 0,
    checksum: lastChecksum(tail),
  });
}

function indexedBlock(
  log: MessageLog,
  block: FileBlock,
  isTail: boolean,
): IndexedBlock {
  const { index } = log;
  const { number, live, liveBytes } = block;
  // As far as it has records, of deleted messages too.
  const lastSequence = isTail ? log.lastSequence : block.last;
  const firstSequence = live === 0 ? lastSequence + 1 : index.next(block.base);
  return {
    number,
    bytes: liveBytes,
    firstSequence,
    firstTime: live === 0 ? 0n : log.timeOf(firstSequence),
    lastSequence,
    lastTime: lastTime(log, lastSequence),
    deleted: live === 0 || live === lastSequence + 1 - firstSequence
      ? null
      : deletedBetween(log, firstSequence, lastSequence),
    // More than there are does no harm: whoever reads it will look.
    ttls: live,
    schedules: live,
  };
}

function lastTime(log: MessageLog, sequence: number): bigint {
  return log.index.has(sequence) ? log.timeOf(sequence) : log.lastTime.nanos;
}

function deletedBetween(
  log: MessageLog,
  first: number,
  last: number,
): SequenceSet | null {
  const deleted = new SequenceSet();
  let expected = first;
  while (expected <= last) {
    const next = log.index.next(expected) || Infinity;
    const end = Math.min(next - 1, last);
    if (end >= expected) deleted.insertRange(expected, end);
    expected = next + 1;
  }
  return deleted.size === 0 ? null : deleted;
}

function lastChecksum(tail: FileBlock | undefined): Uint8Array {
  if (tail === undefined || tail.size < CHECKSUM_SIZE) {
    return new Uint8Array(CHECKSUM_SIZE);
  }
  if (tail.secret === null && !tail.compressed) return tail.ending().tail;
  return tail.load().bytes.slice(tail.size - CHECKSUM_SIZE, tail.size);
}
