/**
 * Encrypts anew what was encrypted by another cipher than the configured one.
 *
 * The new key of the stream is there before anything changes and gets its name
 * at the end, so that a conversion that was cut off is noticed and finished.
 *
 * @module
 */

import { Chunk } from "../../protocol/mod.ts";
import type { Disk } from "../../runtime/mod.ts";
import {
  blockContents,
  checkedBody,
  DecodeError,
  HashKey,
  RecordFault,
  RecordView,
  withChecksum,
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
import { replaceFile } from "./replace_file.ts";
import type { BlockSecret, Secrecy } from "./secrecy.ts";

/** What converting the blocks of a stream needs. */
export interface ConversionParts extends BlockFiles {
  readonly secrecy: Secrecy;
}

/** Converts the files of a stream, if there is a need. @throws DiskError */
export function convertStream(parts: ConversionParts, meta: MetaParts): void {
  const { disk, directory, secrecy, hash, stream } = parts;
  const key = HashKey.ofStream(stream);
  renew(meta, () => {
    const names = disk.exists(directory) ? disk.list(directory) : [];
    // It can't be used any more, as the blocks change.
    if (names.includes(PAGES)) disk.remove(`${directory}/${PAGES}`);
    for (const number of blockNumbers(names)) {
      unlessUnreadable(() => convertBlock(parts, number));
    }
    replace(disk, `${directory}/${INDEX}`, (file) => {
      const sealed = checkedBody(hash, key, file, "corrupt state file");
      return withChecksum(hash, key, secrecy.seal(secrecy.open(sealed)));
    });
  });
}

/** Converts the files of a consumer, if there is a need. @throws DiskError */
export function convertConsumer(meta: MetaParts): void {
  const { disk, directory, secrecy } = meta;
  renew(meta, () => {
    const path = `${directory}/${CONSUMER_STATE}`;
    replace(disk, path, (file) => secrecy.seal(secrecy.open(file)));
  });
}

/** @param convert does so with everything but the configuration */
function renew(meta: MetaParts, convert: () => void): void {
  const { disk, secrecy, directory } = meta;
  const path = `${directory}/${META}`;
  // Twice when a conversion the other way round was not finished.
  while (secrecy.isOutdated) {
    secrecy.beginRenewal();
    convert();
    if (disk.exists(path)) {
      const plain = secrecy.open(disk.readFile(path));
      writeMeta(meta, new TextDecoder().decode(plain), true);
    }
    secrecy.endRenewal();
  }
}

function replace(
  disk: Disk,
  path: string,
  reseal: (file: Uint8Array) => Uint8Array,
): void {
  if (!disk.exists(path)) return;
  unlessUnreadable(() => replaceFile(disk, path, reseal(disk.readFile(path))));
}

/** What can't be read stays as it is: whoever opens it says so. */
function unlessUnreadable(convert: () => void): void {
  try {
    convert();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

function convertBlock(parts: ConversionParts, number: number): void {
  const { disk, directory, secrecy } = parts;
  const path = `${directory}/${blockName(number)}`;
  let secret = secrecy.openBlock(directory, number);
  if (secret === null) return;
  const next = secrecy.openConversion(directory, number);
  if (next !== null) {
    const sealed = disk.readFile(path);
    if (wasReplaced(parts, number, sealed, secret, next)) {
      secrecy.endConversion(directory, number);
      secret = next;
    } else secrecy.dropConversion(directory, number);
  }
  if (!secrecy.isBlockOutdated(directory, number)) return;
  const plain = secret.apply(disk.readFile(path), 0);
  const wanted = secrecy.beginConversion(directory, number);
  replaceFile(disk, path, wanted.apply(plain, 0));
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
