/**
 * Blocks of S2, of which those of Snappy are a part, and their checksums.
 *
 * A block is the length of its data (varint), then elements that each append
 * to the data. The lower two bits of the first byte tell which kind:
 *
 * ```
 * 0  literal: length - 1 in the upper six bits up to 59; 60 to 63: in the next
 *    one to four bytes; then the bytes
 * 1  copy of 4 to 11 bytes: three bits length - 4, three bits and the next
 *    byte offset; offset 0 repeats the last one, and then length codes 5, 6, 7
 *    have one, two, three more bytes of length
 * 2  copy of 1 to 64 bytes, offset in the next two bytes
 * 3  copy of 1 to 64 bytes, offset in the next four bytes
 * ```
 *
 * The work is done in WebAssembly (`s2.wat`), in a memory that all share, as
 * nothing stays in it from call to call.
 *
 * @module
 */

import { WASM } from "./s2_wasm.ts";

const PAGE_SIZE = 65_536;
/** Behind the tables of the module. */
const ROOM_AT = 8192;
/** The module reads and writes this far past the ends of what it is given. */
const SLACK = 16;
/** Added to checksums that stand beside their data. */
const MASK = 0xa282ead8;

/** What the module exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  crc32c(at: number, end: number): number;
  decode(from: number, end: number, to: number, limit: number): number;
}

let shared: Exports | undefined;

/** The checksum (CRC-32C, Castagnoli) of `bytes[start, end)`. */
export function crc32c(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): number {
  const module = withRoom(end - start);
  const memory = new Uint8Array(module.memory.buffer);
  memory.set(bytes.subarray(start, end), ROOM_AT);
  return module.crc32c(ROOM_AT, ROOM_AT + end - start) >>> 0;
}

/** A checksum as it stands beside its data: rotated, and off by a bit. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0;
}

/** What a block decodes to. */
export interface DecodedBlock {
  readonly data: Uint8Array;
  readonly crc: number;
}

/**
 * Decodes the elements in `source[start, end)`, which have to make exactly
 * `size` bytes.
 *
 * @returns null when they don't, or make no sense
 */
export function decodeElements(
  source: Uint8Array,
  start: number,
  end: number,
  size: number,
): DecodedBlock | null {
  const module = withRoom(end - start + SLACK + size);
  const memory = new Uint8Array(module.memory.buffer);
  memory.set(source.subarray(start, end), ROOM_AT);
  const sourceEnd = ROOM_AT + end - start;
  const target = sourceEnd + SLACK;
  const limit = target + size;
  if (module.decode(ROOM_AT, sourceEnd, target, limit) === 0) return null;
  return {
    data: memory.slice(target, limit),
    crc: module.crc32c(target, limit) >>> 0,
  };
}

/** The module, with memory for so many bytes. */
function withRoom(size: number): Exports {
  shared ??= instantiate();
  const { memory } = shared;
  const missing = ROOM_AT + size + SLACK - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_SIZE));
  return shared;
}

function instantiate(): Exports {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(WASM));
  const exports: object = new WebAssembly.Instance(module).exports;
  if (!isS2Exports(exports)) throw new TypeError("another module");
  return exports;
}

function isS2Exports(exports: object): exports is Exports {
  return "memory" in exports && "decode" in exports;
}
