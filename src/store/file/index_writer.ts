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
  type ScheduleEntry,
  SequenceSet,
  withChecksum,
} from "../format/mod.ts";
import type { Expiry, MessageLog } from "../messages/mod.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";
import { EXPIRIES, FILE_MODE, INDEX, SCHEDULES } from "./names.ts";
import { replaceFile } from "./replace_file.ts";
import type { Secrecy } from "./secrecy.ts";

/** What is needed to write an index. */
export interface IndexParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly stream: string;
  readonly hash: HighwayHash;
  readonly secrecy: Secrecy;
  readonly log: MessageLog;
  readonly engine: FileEngine;
}

/** How much work it is: subjects, deleted messages and blocks. */
export function indexEffort({ log, engine }: IndexParts): number {
  const span = log.lastSequence + 1 - log.firstSequence;
  return log.subjects.size + span - log.messages + engine.blocks.all.length;
}

/**
 * Writes the index in place: a checksum tells when that was not finished.
 * @throws DiskError
 */
export function writeIndex(parts: IndexParts): void {
  const { disk, directory, stream, hash, secrecy } = parts;
  const body = secrecy.seal(encodeIndex(parts));
  const bytes = withChecksum(hash, HashKey.ofStream(stream), body);
  overwrite(disk, `${directory}/${INDEX}`, bytes);
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

function encodeIndex({ log, engine }: IndexParts): Uint8Array {
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
    const first = engine.blocks.find(subjects.first(id))?.number ?? 0;
    const last = engine.blocks.find(subjects.last(id))?.number ?? 0;
    writer.subject(subjects.name(id), subjects.count(id), first, last);
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
    deleted: live === 0
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
  return tail.load().bytes.slice(tail.size - CHECKSUM_SIZE, tail.size);
}
