/**
 * Keeps the index of messages in `messages.idx`.
 *
 * Pages are written over in place, so that little has to be written when little
 * has changed. While that goes on, and whenever it was not finished, the
 * directory does not fit the pages, and nobody uses them.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Disk, File } from "../../runtime/mod.ts";
import {
  decodeDirectory,
  DecodeError,
  DIRECTORY_END,
  encodingDirectory,
  HashKey,
  type HighwayHash,
  type ListedPage,
  type PageDirectory,
} from "../format/mod.ts";
import { IndexPage, PAGE_BYTES_MAX } from "../index/index_page.ts";
import { FILE_MODE, PAGES } from "./names.ts";
import { reading, writing } from "./portions.ts";
import type { SmallFileSecrecy } from "./secrecy.ts";

/** Bytes of a slot: a page, and what sealing adds. */
const SLOT_SIZE = PAGE_BYTES_MAX + 64;
/** Bytes of an entry, and of the sequence of one in a packed page. */
const ENTRY_SIZE = 16;
const PACKED_SIZE = 2;
/** Pages that are read between two rests. */
const PAGES_AT_ONCE = 8;
const COMPLAINT = "corrupt index of messages";

/** Where the file is and how it is kept. */
export interface PageFileParts {
  readonly disk: Disk;
  /** Where the blocks are. */
  readonly directory: string;
  readonly stream: string;
  readonly hash: HighwayHash;
  readonly secrecy: SmallFileSecrecy;
}

/** The file of one stream. */
export class PageFile {
  readonly #parts: PageFileParts;
  readonly #key: HashKey;
  /** What the file holds of each page. */
  readonly #listed = new WeakMap<IndexPage, ListedPage>();

  constructor(parts: PageFileParts) {
    this.#parts = parts;
    this.#key = new HashKey(`${parts.stream}/${PAGES}`);
  }

  get #path(): string {
    return `${this.#parts.directory}/${PAGES}`;
  }

  /** Whether there is such a file. */
  get exists(): boolean {
    return this.#parts.disk.exists(this.#path);
  }

  // Writing

  /**
   * Writes changed pages, which makes the file useless until it is finished.
   * @param most pages at most
   * @returns whether there are more
   * @throws DiskError
   */
  writeSome(pages: readonly IndexPage[], most: number): boolean {
    const changed = pages.filter((each) => each.changed);
    if (changed.length === 0) return false;
    const file = this.#open();
    try {
      const free = freeSlots(pages);
      for (const page of changed.slice(0, most)) {
        if (page.slot < 0) page.slot = free.next();
        this.#writePage(file, page);
      }
    } finally {
      file.close();
    }
    return changed.length > most;
  }

  /** Writes the pages that have changed, and what belongs to all of them. */
  *finishing(
    pages: readonly IndexPage[],
    rest: Omit<PageDirectory, "pages">,
  ): Work<void> {
    this.writeSome(pages, Infinity);
    const { secrecy } = this.#parts;
    const listed = pages.flatMap((each) => this.#listed.get(each) ?? []);
    const body = yield* secrecy.sealing(
      yield* encodingDirectory({ ...rest, pages: listed }),
    );
    let slots = 0;
    for (const { slot } of listed) slots = Math.max(slots, slot + 1);
    const at = slots * SLOT_SIZE;
    const end = new Uint8Array(DIRECTORY_END);
    new DataView(end.buffer).setBigUint64(0, BigInt(at), true);
    end.set(yield* this.#parts.hash.summing(this.#key, body), 8);
    const file = this.#open();
    try {
      yield* writing(file, body, at);
      file.writeAt(end, at + body.length);
      file.truncate(at + body.length + end.length);
    } finally {
      file.close();
    }
  }

  #writePage(file: File, page: IndexPage): void {
    const { words, packed } = page.content;
    const entries = words.length * 4 / ENTRY_SIZE;
    const plain = bytesOf(words, packed);
    const bytes = this.#parts.secrecy.seal(plain);
    file.writeAt(bytes, page.slot * SLOT_SIZE);
    page.changed = false;
    this.#listed.set(page, {
      number: page.number,
      slot: page.slot,
      size: bytes.length,
      entries,
      packed: packed !== null,
      checksum: this.#sum(bytes),
    });
  }

  #sum(bytes: Uint8Array): Uint8Array {
    return this.#parts.hash.sum(this.#key, bytes);
  }

  #open(): File {
    const { disk } = this.#parts;
    return disk.open(this.#path, {
      write: true,
      create: true,
      mode: FILE_MODE,
    });
  }

  /** Removes the file, durably, so that all pages are to be written anew. */
  forget(pages: readonly IndexPage[]): void {
    const { disk, directory } = this.#parts;
    if (!this.exists) return;
    for (const page of pages) {
      page.changed = true;
      page.slot = -1;
    }
    disk.remove(this.#path);
    disk.syncDirectory(directory);
  }

  // Reading

  /** The directory. @throws DecodeError, DiskError */
  *readDirectory(): Work<PageDirectory> {
    const file = this.#parts.disk.open(this.#path);
    try {
      const size = file.size();
      const end = read(file, size - DIRECTORY_END, DIRECTORY_END, size);
      const at = Number(new DataView(end.buffer).getBigUint64(0, true));
      const length = size - DIRECTORY_END - at;
      checkRange(at, length, size);
      const body = yield* reading(file, at, length);
      const { hash } = this.#parts;
      checkSum(yield* hash.summing(this.#key, body), end.subarray(8));
      return yield* decodeDirectory(
        yield* this.#parts.secrecy.opening(body),
      );
    } finally {
      file.close();
    }
  }

  /** The pages. @throws DecodeError, DiskError */
  *readPages(listed: readonly ListedPage[]): Work<IndexPage[]> {
    const file = this.#parts.disk.open(this.#path);
    try {
      const end = file.size();
      const pages: IndexPage[] = [];
      for (const each of listed) {
        if (each.number <= (pages.at(-1)?.number ?? -1)) {
          throw new DecodeError(COMPLAINT);
        }
        pages.push(this.#readPage(file, each, end));
        if (pages.length % PAGES_AT_ONCE === 0) yield;
      }
      return pages;
    } finally {
      file.close();
    }
  }

  #readPage(file: File, listed: ListedPage, fileEnd: number): IndexPage {
    const { number, slot, size, entries, packed, checksum } = listed;
    const sealed = read(file, slot * SLOT_SIZE, size, fileEnd);
    checkSum(this.#sum(sealed), checksum);
    const { buffer, length } = this.#parts.secrecy.open(sealed);
    const expected = entries * (ENTRY_SIZE + (packed ? PACKED_SIZE : 0));
    if (length !== expected || !(buffer instanceof ArrayBuffer)) {
      throw new DecodeError(COMPLAINT);
    }
    const end = entries * ENTRY_SIZE;
    const page = IndexPage.of(number, {
      words: new Uint32Array(buffer, 0, end / 4),
      packed: packed ? new Uint16Array(buffer, end, entries) : null,
    });
    page.slot = slot;
    this.#listed.set(page, listed);
    return page;
  }
}

/** @throws DecodeError when they are not the same */
function checkSum(sum: Uint8Array, checksum: Uint8Array): void {
  if (!sum.every((byte, i) => byte === checksum[i])) {
    throw new DecodeError(COMPLAINT);
  }
}

/** The bytes of a page, a copy of which is only made of packed ones. */
function bytesOf(words: Uint32Array, packed: Uint16Array | null): Uint8Array {
  const { buffer, byteOffset, byteLength } = words;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  if (packed === null) return bytes;
  const both = new Uint8Array(byteLength + packed.byteLength);
  both.set(bytes);
  both.set(
    new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength),
    byteLength,
  );
  return both;
}

/** Slots that no page is in, in ascending order, without end. */
function* freeSlotsOf(pages: readonly IndexPage[]): Generator<number, never> {
  const taken = new Set<number>();
  for (const { slot } of pages) taken.add(slot);
  for (let slot = 0;; slot++) if (!taken.has(slot)) yield slot;
}

function freeSlots(pages: readonly IndexPage[]): { next(): number } {
  const slots = freeSlotsOf(pages);
  return { next: () => slots.next().value };
}

/** @param end of the file @throws DecodeError when that is not there */
function checkRange(at: number, size: number, end: number): void {
  const isThere = at >= 0 && size >= 0 && Number.isSafeInteger(at) &&
    at + size <= end;
  if (!isThere) throw new DecodeError(COMPLAINT);
}

/** @param end of the file @throws DecodeError when that is not there */
function read(
  file: File,
  at: number,
  size: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  checkRange(at, size, end);
  const bytes = new Uint8Array(size);
  if (file.readAt(bytes, at) !== size) throw new DecodeError(COMPLAINT);
  return bytes;
}
