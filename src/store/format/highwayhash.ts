/**
 * HighwayHash-64, the checksum of everything in the file store.
 *
 * It is computed in WebAssembly (`highwayhash.wat`), in a memory of its own or
 * in the arena: who lays records there has them hashed where they are. A call
 * costs about 60 ns; long data goes at 4 GB/s.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  arenaModuleMemory,
  Chunk,
  copyChunk,
  isArena,
} from "../../protocol/mod.ts";
import { WASM } from "./highwayhash_wasm.ts";
import { type RecordFault, SUBJECT_AT } from "./record.ts";

/** Bytes of a checksum. */
export const CHECKSUM_SIZE = 8;

/** Bytes of a page of WebAssembly memory. */
const PAGE_SIZE = 65_536;
/** Where the state of a hash is that is not finished. */
const STATE_AT = 160;
const STATE_SIZE = 128;
/** Where the module expects the key. */
const KEY_AT = 416;
/** Where it leaves a hash, the position reached and the number of records. */
const HASH_AT = 448;
const POSITION_AT = 456;
const COUNT_AT = 460;
/** Copies of what lies elsewhere, to the end of the first page. */
const SCRATCH_AT = 512;
const SCRATCH_SIZE = PAGE_SIZE - SCRATCH_AT;
/** Bytes that are hashed between two rests: whole packets. */
const PORTION = 8 * SCRATCH_SIZE;
/** From where on the memory is the caller's. */
const ROOM_AT = PAGE_SIZE;
/** The module may read this far past the caller's bytes. */
const OVERREAD = 32;

/** What the module exports. */
interface Exports {
  setKey(): void;
  begin(): void;
  absorb(from: number, length: number): void;
  end(): void;
  sum(at: number): void;
  seal(at: number): void;
  intact(at: number): number;
  verify(at: number, until: number, end: number): number;
}

let compiled: WebAssembly.Module | undefined;
let arena: HighwayHash | undefined;

/** The key of a hash: SHA-256 of what the hashed belongs to. */
export class HashKey {
  readonly bytes: Uint8Array;

  /** @param owner such as a stream's name, `<stream>-<block>` */
  constructor(owner: string) {
    this.bytes = sha256(new TextEncoder().encode(owner));
  }

  /** For the records of one block of messages. */
  static ofBlock(stream: string, block: number): HashKey {
    return new HashKey(`${stream}-${block}`);
  }

  /** For `meta.inf` and `index.db` of a stream. */
  static ofStream(stream: string): HashKey {
    return new HashKey(stream);
  }

  /** For `meta.inf` of a consumer. */
  static ofConsumer(stream: string, consumer: string): HashKey {
    return new HashKey(`${stream}/${consumer}`);
  }
}

/**
 * Hashes what lies in {@linkcode room}, or copies of what does not.
 *
 * The memory never grows or moves, and pages that were never touched cost
 * nothing; so it may be as large as the largest block.
 */
export class HighwayHash {
  /** The caller's part of the memory; positions count from its start. */
  readonly room: Chunk;
  /** Records found good by the last {@linkcode verifyRecords}. */
  verifiedRecords = 0;
  /** Where the first record is that it did not look at or found bad. */
  verifiedEnd = 0;

  readonly #module: Exports;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #scratch: Chunk;
  /** Where in the arena records must end to be hashed there; 0: nowhere. */
  readonly #arenaEnd: number;
  #key: HashKey | null = null;

  /**
   * @param size of {@linkcode room}, bytes
   * @param memory whose first page it has for itself; by default its own
   */
  constructor(
    size = 0,
    memory: WebAssembly.Memory = new WebAssembly.Memory({
      initial: 1 + Math.ceil((size + OVERREAD) / PAGE_SIZE),
    }),
  ) {
    compiled ??= new WebAssembly.Module(Uint8Array.fromBase64(WASM));
    const caller = { memory };
    this.#module = hashExports(new WebAssembly.Instance(compiled, { caller }));
    const buffer = memory.buffer as ArrayBuffer;
    this.room = new Chunk(size, buffer, ROOM_AT);
    this.#scratch = new Chunk(SCRATCH_SIZE, buffer, SCRATCH_AT);
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#arenaEnd = isArena(buffer) ? buffer.byteLength - OVERREAD : 0;
  }

  /** The one in the arena; what lies there is hashed where it is. */
  static inArena(): HighwayHash {
    return arena ??= new HighwayHash(0, arenaModuleMemory());
  }

  /** Writes the checksum of the record at `at` in the room to its end. */
  sealRecord(key: HashKey, at: number): void {
    this.#use(key);
    this.#module.seal(ROOM_AT + at);
  }

  /**
   * Whether the record at `at` in the room has the right checksum. Its lengths
   * must have been checked (`readRecord`).
   */
  isIntact(key: HashKey, at: number): boolean {
    this.#use(key);
    return this.#module.intact(ROOM_AT + at) === 1;
  }

  /**
   * Checks lengths and checksums of the records in the room from `at` on, and
   * stops at a bad one or at the first that starts at `until` or later. Results
   * are in {@linkcode verifiedRecords} and {@linkcode verifiedEnd}.
   *
   * @param until so that long runs can be checked in portions
   * @param end of all records
   * @returns what is wrong with the record at `verifiedEnd`, if anything
   */
  verifyRecords(
    key: HashKey,
    at: number,
    until: number,
    end: number,
  ): RecordFault {
    this.#use(key);
    const fault = this.#module.verify(
      ROOM_AT + at,
      ROOM_AT + Math.min(until, end),
      ROOM_AT + end,
    );
    this.verifiedEnd = this.#view.getUint32(POSITION_AT, true) - ROOM_AT;
    this.verifiedRecords = this.#view.getUint32(COUNT_AT, true);
    return fault as RecordFault;
  }

  /** {@linkcode sealRecord} for one of `size` bytes in a buffer elsewhere. */
  sealRecordIn(key: HashKey, block: Chunk, at: number, size: number): void {
    const { base } = block;
    if (base >= 0 && base + at + size <= this.#arenaEnd) {
      this.#use(key);
      this.#module.seal(base + at);
      return;
    }
    this.#sumRecord(key, block, at, size);
    const sum = this.#view.getBigInt64(HASH_AT, true);
    block.view.setBigInt64(at + size - CHECKSUM_SIZE, sum, true);
  }

  /** {@linkcode isIntact} for one of `size` bytes in a buffer elsewhere. */
  isIntactIn(
    key: HashKey,
    block: Chunk,
    at: number,
    size: number,
  ): boolean {
    this.#sumRecord(key, block, at, size);
    const end = at + size;
    return this.#view.getInt32(HASH_AT, true) ===
        block.view.getInt32(end - 8, true) &&
      this.#view.getInt32(HASH_AT + 4, true) ===
        block.view.getInt32(end - 4, true);
  }

  /** The checksum of data that lies elsewhere. */
  sum(key: HashKey, ...parts: readonly Uint8Array[]): Uint8Array {
    this.#use(key);
    this.#module.begin();
    for (const part of parts) this.#absorb(part);
    this.#module.end();
    return this.#bytes.slice(HASH_AT, HASH_AT + CHECKSUM_SIZE);
  }

  /** The same, step by step; others may have theirs meanwhile. */
  *summing(key: HashKey, bytes: Uint8Array): Work<Uint8Array> {
    this.#use(key);
    this.#module.begin();
    let at = 0;
    for (; bytes.length - at > PORTION; at += PORTION) {
      this.#absorb(bytes.subarray(at, at + PORTION));
      const state = this.#bytes.slice(STATE_AT, STATE_AT + STATE_SIZE);
      yield;
      // After whole packets there is nothing else to know.
      this.#module.begin();
      this.#bytes.set(state, STATE_AT);
    }
    this.#absorb(bytes.subarray(at));
    this.#module.end();
    return this.#bytes.slice(HASH_AT, HASH_AT + CHECKSUM_SIZE);
  }

  /** Leaves the checksum of a record elsewhere at `HASH_AT`. */
  #sumRecord(key: HashKey, block: Chunk, at: number, size: number): void {
    this.#use(key);
    if (size <= SCRATCH_SIZE - CHECKSUM_SIZE) {
      copyChunk(this.#scratch, 0, block, at, at + size);
      this.#module.sum(SCRATCH_AT);
      return;
    }
    const { bytes, view } = block;
    const subject = at + SUBJECT_AT;
    const end = at + size - CHECKSUM_SIZE;
    this.#module.begin();
    this.#absorb(bytes.subarray(at + 4, at + 20));
    if (view.getInt32(at, true) < 0) {
      const subjectEnd = subject + view.getUint16(at + 20, true);
      this.#absorb(bytes.subarray(subject, subjectEnd));
      this.#absorb(bytes.subarray(subjectEnd + 4, end));
    } else {
      this.#absorb(bytes.subarray(subject, end));
    }
    this.#module.end();
  }

  #absorb(part: Uint8Array): void {
    for (let at = 0; at < part.length; at += SCRATCH_SIZE) {
      const piece = part.subarray(at, at + SCRATCH_SIZE);
      this.#bytes.set(piece, SCRATCH_AT);
      this.#module.absorb(SCRATCH_AT, piece.length);
    }
  }

  #use(key: HashKey): void {
    if (key === this.#key) return;
    this.#bytes.set(key.bytes, KEY_AT);
    this.#module.setKey();
    this.#key = key;
  }
}

function hashExports({ exports }: { readonly exports: object }): Exports {
  if (!isHashExports(exports)) throw new TypeError("another module");
  return exports;
}

function isHashExports(exports: object): exports is Exports {
  return "seal" in exports && "verify" in exports;
}
