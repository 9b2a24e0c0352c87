/**
 * Encrypts anew what was encrypted by another cipher than the configured one.
 *
 * The new key of the stream is there before anything changes and gets its name
 * at the end, so that a conversion that was cut off is noticed and finished.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import { Chunk } from "../../protocol/mod.ts";
import {
  blockContents,
  checkingBody,
  DecodeError,
  HashKey,
  RecordFault,
  RecordView,
} from "../format/mod.ts";
import type { BlockFiles } from "./block_files.ts";
import { type MetaParts, writeMeta } from "./meta_file.ts";
import {
  blockName,
  blockNumbers,
  CONSUMER_STATE,
  INDEX,
  META,
  PAGES,
} from "./names.ts";
import { readingFile, replacing } from "./portions.ts";
import { replaceFile } from "./replace_file.ts";
import type { BlockSecret, Secrecy } from "./secrecy.ts";

/** Bytes that are converted between two rests; whole blocks of either cipher. */
const PORTION = 128 * 1024;

/** What converting the blocks of a stream needs. */
export interface ConversionParts extends BlockFiles {
  readonly secrecy: Secrecy;
}

/**
 * Converts the files of a stream, step by step, if there is a need.
 * @throws DiskError
 */
export function* convertingStream(
  parts: ConversionParts,
  meta: MetaParts,
): Work<void> {
  const { disk, directory } = parts;
  yield* renewing(meta, function* () {
    const names = disk.exists(directory) ? disk.list(directory) : [];
    // It can't be used any more, as the blocks change.
    if (names.includes(PAGES)) disk.remove(`${directory}/${PAGES}`);
    for (const number of blockNumbers(names)) {
      yield* unlessUnreadable(convertingBlock(parts, number));
    }
    if (names.includes(INDEX)) yield* unlessUnreadable(convertingIndex(parts));
  });
}

/** Converts the files of a consumer, if there is a need. @throws DiskError */
export function convertConsumer(meta: MetaParts): void {
  const { disk, directory, secrecy } = meta;
  const path = `${directory}/${CONSUMER_STATE}`;
  const converting = function* (): Work<void> {
    const plain = yield* secrecy.opening(disk.readFile(path));
    replaceFile(disk, path, yield* secrecy.sealing(plain));
  };
  finish(renewing(meta, function* () {
    if (disk.exists(path)) yield* unlessUnreadable(converting());
  }));
}

/** @param converting does so with everything but the configuration */
function* renewing(meta: MetaParts, converting: () => Work<void>): Work<void> {
  const { disk, secrecy, directory } = meta;
  const path = `${directory}/${META}`;
  // Twice when a conversion the other way round was not finished.
  while (secrecy.isOutdated) {
    secrecy.beginRenewal();
    yield* converting();
    if (disk.exists(path)) {
      const plain = secrecy.open(disk.readFile(path));
      writeMeta(meta, new TextDecoder().decode(plain), true);
    }
    secrecy.endRenewal();
  }
}

/** What can't be read stays as it is: whoever opens it says so. */
function* unlessUnreadable(converting: Work<void>): Work<void> {
  try {
    yield* converting;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

function* convertingIndex(
  { disk, directory, secrecy, hash, stream }: ConversionParts,
): Work<void> {
  const key = HashKey.ofStream(stream);
  const path = `${directory}/${INDEX}`;
  const file = yield* readingFile(disk, path);
  const sealed = yield* checkingBody(hash, key, file, "corrupt state file");
  const plain = yield* secrecy.opening(sealed);
  const body = yield* secrecy.sealing(plain);
  const sum = yield* hash.summing(key, body);
  yield* replacing(disk, path, [body, sum]);
}

function* convertingBlock(
  parts: ConversionParts,
  number: number,
): Work<void> {
  const { disk, directory, secrecy } = parts;
  const path = `${directory}/${blockName(number)}`;
  let secret = secrecy.openBlock(directory, number);
  if (secret === null) return;
  const next = secrecy.openConversion(directory, number);
  if (next !== null) {
    const sealed = yield* readingFile(disk, path);
    if (wasReplaced(parts, number, sealed, secret, next)) {
      secrecy.endConversion(directory, number);
      secret = next;
    } else secrecy.dropConversion(directory, number);
  }
  if (!secrecy.isBlockOutdated(directory, number)) return;
  const bytes = yield* readingFile(disk, path);
  const wanted = secrecy.beginConversion(directory, number);
  for (let at = 0; at < bytes.length; at += PORTION) {
    const portion = bytes.subarray(at, at + PORTION);
    portion.set(wanted.apply(secret.apply(portion, at), at));
    yield;
  }
  yield* replacing(disk, path, bytes);
  secrecy.endConversion(directory, number);
}

/** Whether a block was replaced and its new key has not got its name. */
function wasReplaced(
  parts: ConversionParts,
  number: number,
  sealed: Uint8Array,
  before: BlockSecret,
  after: BlockSecret,
): boolean {
  const isSealedBy = (secret: BlockSecret) =>
    startsIntact(parts, number, secret.apply(sealed, 0));
  return !isSealedBy(before) && isSealedBy(after);
}

/** Whether a block begins with a record, or is empty. */
function startsIntact(
  { hash, stream }: ConversionParts,
  number: number,
  bytes: Uint8Array,
): boolean {
  const key = HashKey.ofBlock(stream, number);
  try {
    const { records } = blockContents(hash, key, bytes);
    if (records.length === 0) return true;
    const chunk = Chunk.of(records);
    const record = new RecordView();
    return record.read(chunk, 0, records.length) === RecordFault.None &&
      hash.isIntactIn(key, chunk, 0, record.size);
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}
