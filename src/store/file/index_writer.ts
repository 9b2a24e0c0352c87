/**
 * Writes `index.db`, and what stands beside it.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Disk } from "../../runtime/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import {
  CHECKSUM_SIZE,
  encodingExpiries,
  encodingSchedules,
  HashKey,
  type HighwayHash,
  IndexWriter,
  type ListedBlock,
  ListedSubjects,
  type ScheduleEntry,
} from "../format/mod.ts";
import type { MessageLog, WaitingMessages } from "../messages/mod.ts";
import type { BlockEntries } from "./block_entries.ts";
import type { FileBlock } from "./file_block.ts";
import type { FileEngine } from "./file_engine.ts";
import type { PageFile } from "./page_file.ts";
import { EXPIRIES, FILE_MODE, INDEX, SCHEDULES } from "./names.ts";
import { writing } from "./portions.ts";
import type { Secrecy } from "./secrecy.ts";

/** Pages that are listed in the time that a subject takes. */
const PAGES_PER_EFFORT = 2;
/** Subjects that are listed between two rests. */
const SUBJECTS_AT_ONCE = 256;
/** Pages that can be written without holding up the loop. */
const PAGES_AT_ONCE = 32;

/** Bytes of a subject in the index besides its name, and of everything else, to expect. */
const SUBJECT_SIZE = 8;
const REST_SIZE = 64 * 1024;

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
  readonly entries: BlockEntries;
}

/**
 * How much work it is when it was prepared: subjects, deleted messages, blocks
 * and pages.
 */
export function indexEffort({ log, engine }: IndexParts): number {
  const span = log.lastSequence + 1 - log.firstSequence;
  return log.subjects.size + span - log.messages + engine.blocks.all.length +
    log.index.pages.length / PAGES_PER_EFFORT;
}

/**
 * Does some of the work ahead.
 * @returns whether there is too much left to do it with the rest
 */
export function prepareIndex(
  { log, engine, pages, entries }: IndexParts,
): boolean {
  return entries.prepare(log, engine.blocks.all) ||
    pages.writeSome(log.index.pages, PAGES_AT_ONCE);
}

/**
 * Writes the index in place, and the pages that have changed, step by step:
 * checksums tell when that was not finished. Nothing is pending, and nothing
 * may change meanwhile.
 * @throws DiskError
 */
export function* writingIndex(parts: IndexParts): Work<void> {
  const { disk, directory, stream, hash, secrecy, log, pages } = parts;
  const subjects = new ListedSubjects(log.subjects.size);
  const body = yield* secrecy.sealing(
    yield* encodingIndex(parts, subjects),
  );
  const checksum = yield* hash.summing(HashKey.ofStream(stream), body);
  yield* overwriting(disk, `${directory}/${INDEX}`, body, checksum);
  // What is damaged is to be found and mended.
  if (parts.engine.blocks.all.some((each) => each.damaged)) return;
  yield* pages.finishing(log.index.pages, {
    state: checksum,
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
    unsettled: !block.settled,
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

/**
 * What stands beside the index, by name: when messages expire, and which ones
 * schedule others. It is made step by step, as of now.
 */
export function sideFiles(
  { log }: IndexParts,
  waiting: WaitingMessages | null,
  schedules: readonly ScheduleEntry[] | null,
): [name: string, making: Work<Uint8Array>][] {
  const stamp = log.lastSequence + 1;
  const files: [string, Work<Uint8Array>][] = [];
  if (waiting !== null) {
    const { size } = waiting;
    files.push([EXPIRIES, encodingExpiries(stamp, size, waiting.entries())]);
  }
  if (schedules !== null) {
    files.push([SCHEDULES, encodingSchedules(stamp, schedules)]);
  }
  return files;
}

function* overwriting(
  disk: Disk,
  path: string,
  body: Uint8Array,
  checksum: Uint8Array,
): Work<void> {
  const file = disk.open(path, { write: true, create: true, mode: FILE_MODE });
  try {
    yield* writing(file, body);
    file.writeAt(checksum, body.length);
    file.truncate(body.length + checksum.length);
  } finally {
    file.close();
  }
}

/** @param listed gets what the index does not say of subjects */
function* encodingIndex(
  { log, engine, entries }: IndexParts,
  listed: ListedSubjects,
): Work<Uint8Array> {
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
    subjects.namesLength + SUBJECT_SIZE * subjects.size + REST_SIZE,
  );
  const search = subjects.search(SubjectFilter.ALL);
  let count = 0;
  const list = (id: number) => {
    const first = subjects.first(id);
    const last = subjects.last(id);
    listed.set(count++, id, first, last);
    writer.subject(
      subjects.name(id),
      subjects.count(id),
      engine.blocks.find(first)?.number ?? 0,
      engine.blocks.find(last)?.number ?? 0,
    );
  };
  while (search.step(SUBJECTS_AT_ONCE, list)) yield;
  const tail = engine.blocks.last;
  const blocks = engine.blocks.all.filter((each) =>
    each.live > 0 || each === tail
  );
  writer.blocks(blocks.length);
  for (const block of blocks) {
    writer.block(entries.of(log, block, block === tail));
  }
  return writer.end({
    block: tail?.number ?? 0,
    checksum: lastChecksum(tail),
  });
}

function lastChecksum(tail: FileBlock | undefined): Uint8Array {
  if (tail === undefined || tail.size < CHECKSUM_SIZE) {
    return new Uint8Array(CHECKSUM_SIZE);
  }
  if (tail.secret === null && !tail.compressed) return tail.ending().tail;
  return tail.load().bytes.slice(tail.size - CHECKSUM_SIZE, tail.size);
}
