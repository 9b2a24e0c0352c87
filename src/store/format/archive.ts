/**
 * The archive of a stream's second kind of snapshot: `"NATSARC1"`, then
 * entries. Numbers are varints, the time a signed one:
 *
 * ```
 * length of the name, time, sequence, size of the header, size of the payload,
 * name, header, payload
 * ```
 *
 * A message's name is its subject; entries that are no messages have sequence 0.
 *
 * @module
 */

import { ByteQueue } from "./byte_queue.ts";
import { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { DecodeError } from "./decode_error.ts";

/** What an archive starts with. */
export const ARCHIVE_MAGIC = "NATSARC1";

/** Longest name, bytes. */
const NAME_SIZE_MAX = 1 << 20;
/** Largest content: more than any message may have, bytes. */
const CONTENT_SIZE_MAX = 64 * 1024 * 1024;
/** The same of what is no message: some three million pending deliveries. */
const STATE_SIZE_MAX = 256 * 1024 * 1024;
/** What comes before the name: five numbers, bytes. */
const NUMBERS_SIZE_MAX = 50;
const INVALID = "archive: invalid archive stream";

/** One entry of an archive. */
export interface ArchiveEntry {
  /** Byte string. */
  readonly name: string;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** 0: none. */
  readonly sequence: number;
  /** How much of the content is header. */
  readonly headerSize: number;
  /** Header and payload. */
  readonly content: Uint8Array;
}

/** Starts an archive. */
export function writeArchiveStart(out: ByteWriter): void {
  out.text(ARCHIVE_MAGIC);
}

/** Appends an entry. */
export function writeArchiveEntry(
  out: ByteWriter,
  { content, ...head }: ArchiveEntry,
): void {
  writeArchiveHead(out, { ...head, contentSize: content.length });
  out.put(content);
}

/** The same without its content, which has to follow. */
export function writeArchiveHead(
  out: ByteWriter,
  { name, time, sequence, headerSize, contentSize }:
    & Omit<ArchiveEntry, "content">
    & { readonly contentSize: number },
): void {
  out.uvarint(name.length);
  out.varint64(time);
  out.uvarint(sequence);
  out.uvarint(headerSize);
  out.uvarint(contentSize - headerSize);
  out.text(name);
}

/** The numbers of an entry. */
interface EntryHead {
  readonly nameSize: number;
  readonly time: bigint;
  readonly sequence: number;
  readonly headerSize: number;
  readonly contentSize: number;
}

/** Reads an archive, however it is cut. */
export class ArchiveDecoder {
  readonly #queue = new ByteQueue();
  #started = false;
  #head: EntryHead | null = null;

  /** Adds the next bytes of the archive. */
  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  /**
   * The next entry; null when it is not complete yet.
   * @throws DecodeError
   */
  next(): ArchiveEntry | null {
    if (!this.#start()) return null;
    const head = this.#head ??= this.#readHead();
    if (head === null) return null;
    const { nameSize, contentSize, ...rest } = head;
    if (this.#queue.size < nameSize + contentSize) return null;
    this.#head = null;
    const reader = new ByteReader(this.#queue.take(nameSize), INVALID);
    return {
      ...rest,
      name: reader.text(nameSize),
      content: this.#queue.take(contentSize).slice(),
    };
  }

  /** Whether nothing of another entry has come. */
  get isBetween(): boolean {
    return this.#head === null && this.#queue.size === 0;
  }

  /** @throws DecodeError when the archive ends in the middle of an entry */
  end(): void {
    if (!this.isBetween) {
      throw new DecodeError(INVALID);
    }
  }

  #start(): boolean {
    if (this.#started) return true;
    if (this.#queue.size < ARCHIVE_MAGIC.length) return false;
    const start = this.#queue.take(ARCHIVE_MAGIC.length);
    const reader = new ByteReader(start, INVALID);
    reader.expect(reader.text(start.length) === ARCHIVE_MAGIC);
    return this.#started = true;
  }

  #readHead(): EntryHead | null {
    const waiting = this.#queue.waiting.subarray(0, NUMBERS_SIZE_MAX);
    if (!hasNumbers(waiting)) {
      if (waiting.length === NUMBERS_SIZE_MAX) throw new DecodeError(INVALID);
      return null;
    }
    const reader = new ByteReader(waiting, INVALID);
    const nameSize = reader.uvarint();
    const time = reader.varint64();
    const sequence = reader.uvarint();
    const headerSize = reader.uvarint();
    const contentSize = headerSize + reader.uvarint();
    reader.expect(nameSize <= NAME_SIZE_MAX);
    reader.expect(
      contentSize <= (sequence === 0 ? STATE_SIZE_MAX : CONTENT_SIZE_MAX),
    );
    this.#queue.take(reader.position);
    return { nameSize, time, sequence, headerSize, contentSize };
  }
}

/** Whether five varints end in `bytes`. */
function hasNumbers(bytes: Uint8Array): boolean {
  let ends = 0;
  for (const byte of bytes) if (byte < 0x80) ends++;
  return ends >= 5;
}
