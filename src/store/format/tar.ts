/**
 * As much of tar as a stream's first kind of snapshot needs: regular files.
 *
 * An archive is blocks of 512 bytes: for each file a header and its content,
 * filled up with zeros; at the end two blocks of zeros. What does not fit into
 * a header (parts of seconds, long names) stands in a PAX header before it,
 * whose content is lines of `length key=value`.
 *
 * @module
 */

import { ByteQueue } from "./byte_queue.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { DecodeError } from "./decode_error.ts";
import {
  blockChecksum,
  isZeroBlock,
  octal,
  paxRecords,
  sizeOf,
  TAR_BLOCK_SIZE,
  TarField,
  terminated,
} from "./tar_fields.ts";

const REGULAR = "0";
/** A regular file, as it was marked before POSIX. */
const OLD_REGULAR = "\0";
const PAX_HEADER = "x";
const LONG_NAME = "L";
/** Longest content of a PAX header or a long name, bytes. */
const EXTRA_SIZE_MAX = 1 << 20;
const NAME_SIZE = 100;
const BAD_HEADER = "archive/tar: invalid tar header";
const CUT = "unexpected EOF";
/** For what a snapshot of a stream never has. */
export const UNEXPECTED_CONTENT = "unexpected content";
const SECOND = 1_000_000_000n;
const OWNER = "nats";

/** What a reader finds: the start of a file, and pieces of its content. */
export type TarEvent =
  | { readonly kind: "file"; readonly name: string; readonly size: number }
  | { readonly kind: "data"; readonly bytes: Uint8Array };

/**
 * Appends a regular file.
 * @param name relative path, byte string
 * @param time of its last change, nanoseconds since 1970
 */
export function writeTarFile(
  out: ByteWriter,
  name: string,
  content: Uint8Array,
  time: bigint,
): void {
  const records = new Map<string, string>();
  if (time % SECOND !== 0n) records.set("mtime", secondsText(time));
  if (name.length > NAME_SIZE || !isAscii(name)) records.set("path", name);
  if (records.size > 0) writePaxHeader(out, name, records);
  const seconds = Number(time / SECOND);
  writeHeader(out, REGULAR, name, 0o600, content.length, seconds, OWNER);
  writeContent(out, content);
}

/** Ends an archive. */
export function writeTarEnd(out: ByteWriter): void {
  out.put(new Uint8Array(2 * TAR_BLOCK_SIZE));
}

function writePaxHeader(
  out: ByteWriter,
  name: string,
  records: ReadonlyMap<string, string>,
): void {
  const slash = name.lastIndexOf("/") + 1;
  const ownName = `${name.slice(0, slash)}PaxHeaders.0/${name.slice(slash)}`;
  const text = [...records].map(([key, value]) => paxLine(key, value)).join("");
  const content = Uint8Array.from(text, (char) => char.charCodeAt(0));
  writeHeader(out, PAX_HEADER, ownName, 0, content.length, 0, "");
  writeContent(out, content);
}

/** `length key=value`, where the length counts itself. */
function paxLine(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let line = rest.length + rest;
  while (parseInt(line) !== line.length) line = line.length + rest;
  return line;
}

function writeHeader(
  out: ByteWriter,
  type: string,
  name: string,
  mode: number,
  size: number,
  time: number,
  owner: string,
): void {
  const block = new Uint8Array(TAR_BLOCK_SIZE);
  const put = ([at]: TarField, text: string): void => {
    for (let i = 0; i < text.length; i++) block[at + i] = text.charCodeAt(i);
  };
  put(TarField.name, asciiOf(name).slice(0, NAME_SIZE));
  put(TarField.mode, octal(mode, 7));
  put(TarField.uid, octal(0, 7));
  put(TarField.gid, octal(0, 7));
  put(TarField.size, octal(size, 11));
  put(TarField.mtime, octal(time, 11));
  put(TarField.type, type);
  put(TarField.magic, "ustar\0" + "00");
  put(TarField.owner, owner);
  put(TarField.group, owner);
  if (type === REGULAR) {
    put(TarField.deviceMajor, octal(0, 7));
    put(TarField.deviceMinor, octal(0, 7));
  }
  put(TarField.checksum, octal(blockChecksum(block), 6) + "\0 ");
  out.put(block);
}

function writeContent(out: ByteWriter, content: Uint8Array): void {
  out.put(content);
  out.put(new Uint8Array(padding(content.length)));
}

/** Reads an archive, however it is cut. */
export class TarDecoder {
  readonly #queue = new ByteQueue();
  /** Content of the current file that is still to come, bytes. */
  #left = 0;
  /** Zeros behind it. */
  #padding = 0;
  /** Whether something about the next file came before it, and what it says. */
  #announced = false;
  #nextName: string | null = null;
  #nextSize: number | null = null;
  #zeroBlocks = 0;

  /** Adds the next bytes of the archive. */
  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  /**
   * The next event; null when more bytes are needed, or none will follow.
   * @throws DecodeError, also for names that lead out of the archive's folder
   */
  next(): TarEvent | null {
    for (;;) {
      if (this.#left > 0) return this.#data();
      if (this.#queue.size < this.#padding + TAR_BLOCK_SIZE) return null;
      this.#queue.take(this.#padding);
      this.#padding = 0;
      if (this.#zeroBlocks === 2) {
        this.#queue.take(this.#queue.size);
        return null;
      }
      const block = this.#queue.waiting.subarray(0, TAR_BLOCK_SIZE);
      if (isZeroBlock(block)) {
        this.#queue.take(TAR_BLOCK_SIZE);
        this.#zeroBlocks++;
        continue;
      }
      if (this.#zeroBlocks > 0) throw new DecodeError(BAD_HEADER);
      const event = this.#header(block);
      if (event !== undefined) return event;
    }
  }

  /** @throws DecodeError when the archive ends in the middle of a file */
  end(): void {
    const ended = this.#zeroBlocks > 0 || this.#queue.size <= this.#padding;
    if (this.#left > 0 || !ended || this.#announced) {
      throw new DecodeError(CUT);
    }
  }

  #data(): TarEvent | null {
    const bytes = this.#queue.take(this.#left).slice();
    if (bytes.length === 0) return null;
    this.#left -= bytes.length;
    return { kind: "data", bytes };
  }

  /** @returns undefined when it only told of the next file, null: needs more */
  #header(block: Uint8Array): TarEvent | null | undefined {
    const type = terminated(block, TarField.type) || OLD_REGULAR;
    const size = this.#nextSize ?? sizeOf(block, BAD_HEADER);
    if (type === PAX_HEADER || type === LONG_NAME) {
      return this.#extra(type, sizeOf(block, BAD_HEADER));
    }
    if (type !== REGULAR && type !== OLD_REGULAR) {
      throw new DecodeError(UNEXPECTED_CONTENT);
    }
    const name = this.#nextName ?? nameOf(block);
    if (!isSafePath(name)) throw new DecodeError(UNEXPECTED_CONTENT);
    this.#queue.take(TAR_BLOCK_SIZE);
    this.#announced = false;
    this.#nextName = this.#nextSize = null;
    this.#left = size;
    this.#padding = padding(size);
    return { kind: "file", name, size };
  }

  /** Reads what stands before the header that it is about. */
  #extra(type: string, size: number): null | undefined {
    if (size > EXTRA_SIZE_MAX) throw new DecodeError(BAD_HEADER);
    const end = TAR_BLOCK_SIZE + size;
    if (this.#queue.size < end + padding(size)) return null;
    const content = this.#queue.take(end + padding(size))
      .subarray(TAR_BLOCK_SIZE, end);
    this.#announced = true;
    if (type === LONG_NAME) {
      this.#nextName = terminated(content, [0, content.length]);
      return undefined;
    }
    const records = paxRecords(content, BAD_HEADER);
    this.#nextName = records.get("path") ?? this.#nextName;
    const sizeText = records.get("size");
    if (sizeText !== undefined) {
      if (!/^\d{1,15}$/.test(sizeText)) throw new DecodeError(BAD_HEADER);
      this.#nextSize = Number(sizeText);
    }
    return undefined;
  }
}

/** The name in a header, which may be in two parts. */
function nameOf(block: Uint8Array): string {
  const prefix = terminated(block, TarField.prefix);
  const name = terminated(block, TarField.name);
  const isUstar = terminated(block, TarField.magic).startsWith("ustar");
  return isUstar && prefix !== "" ? `${prefix}/${name}` : name;
}

/** Whether a name stays in the folder that the archive is unpacked to. */
function isSafePath(name: string): boolean {
  return !/[\\\0]/.test(name) &&
    name.split("/").every((part) => !["", ".", ".."].includes(part));
}

/** Seconds, with the fraction that they have. */
function secondsText(time: bigint): string {
  const fraction = String(time % SECOND).padStart(9, "0").replace(/0+$/, "");
  return `${time / SECOND}.${fraction}`;
}

function isAscii(text: string): boolean {
  return asciiOf(text) === text;
}

function asciiOf(text: string): string {
  return text.replace(/[\x80-\xff]/g, "");
}

/** How many zeros follow content of this size. */
function padding(size: number): number {
  return (TAR_BLOCK_SIZE - size % TAR_BLOCK_SIZE) % TAR_BLOCK_SIZE;
}
