/**
 * Writing fields one after the other.
 *
 * @module
 */

import { writeByteString } from "../../protocol/mod.ts";

/** Bytes of the longest varint of 64 bits. */
const VARINT_SIZE_MAX = 10;
const MASK_64 = (1n << 64n) - 1n;

/** Writes numbers, little-endian, and bytes to a buffer that grows. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #size = 0;

  /** @param expected about how many bytes there will be */
  constructor(expected = 256) {
    this.#bytes = new Uint8Array(expected);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** All that was written: not a copy. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Forgets all that was written. */
  clear(): void {
    this.#size = 0;
  }

  u8(value: number): void {
    const at = this.reserve(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.reserve(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.reserve(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: number): void {
    const at = this.reserve(8);
    this.#view.setUint32(at, value, true);
    this.#view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }

  /** An unsigned varint. */
  uvarint(value: number): void {
    let at = this.reserve(VARINT_SIZE_MAX);
    let rest = value;
    while (rest >= 0x80) {
      // Bits of numbers beyond 2^32 are out of reach of bitwise operators.
      const next = Math.floor(rest / 128);
      this.#bytes[at++] = (rest - next * 128) | 0x80;
      rest = next;
    }
    this.#bytes[at++] = rest;
    this.#size = at;
  }

  /** `value - base` as an unsigned varint, which wraps around at 2^64. */
  uvarintFrom(base: number, value: number): void {
    if (value >= base) this.uvarint(value - base);
    else this.uvarint64(BigInt(value) - BigInt(base));
  }

  /** A signed ("zigzag") varint. */
  varint(value: number): void {
    this.uvarint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** An unsigned varint of 64 bits; negative values wrap around. */
  uvarint64(value: bigint): void {
    let rest = value & MASK_64;
    while (rest >= 0x80n) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.u8(Number(rest));
  }

  /** A signed ("zigzag") varint of 64 bits. */
  varint64(value: bigint): void {
    this.uvarint64(value < 0n ? (~value << 1n) | 1n : value << 1n);
  }

  /** Bytes as they are. */
  put(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** A few bytes of others. */
  copy(source: Uint8Array, start: number, end: number): void {
    let at = this.reserve(end - start);
    for (let i = start; i < end; i++) this.#bytes[at++] = source[i] ?? 0;
  }

  /** The bytes of a byte string. */
  text(text: string): void {
    const at = this.reserve(text.length);
    writeByteString(this.#bytes, at, text);
  }

  /** Makes room for `size` bytes and counts them as written; returns where. */
  reserve(size: number): number {
    const at = this.#size;
    this.#size = at + size;
    if (this.#size > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(64, this.#size * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
