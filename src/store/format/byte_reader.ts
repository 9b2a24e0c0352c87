/**
 * Reading fields one after the other.
 *
 * @module
 */

import { decodeByteString } from "../../protocol/mod.ts";
import { DecodeError } from "./decode_error.ts";

/** Bytes of the longest varint of 64 bits. */
const VARINT_SIZE_MAX = 10;
/** The longest varint whose value surely fits into 53 bits, bytes. */
const SAFE_VARINT_SIZE = 7;

/**
 * Reads numbers, little-endian, and bytes. Whatever is not there, or is larger
 * than 2^53 where a plain number is asked for, throws a {@linkcode DecodeError}
 * with the text given.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #complaint: string;
  /** Where the next field starts. */
  position: number;

  constructor(bytes: Uint8Array, complaint: string, position = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#complaint = complaint;
    this.position = position;
  }

  /** Bytes left. */
  get left(): number {
    return this.bytes.length - this.position;
  }

  /** Throws the complaint unless `condition` holds. */
  expect(condition: boolean): void {
    if (!condition) throw new DecodeError(this.#complaint);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(at + 4, true);
    this.expect(high < 0x20_0000);
    return high * 0x1_0000_0000 + this.#view.getUint32(at, true);
  }

  /** An unsigned varint of at most 53 bits. */
  uvarint(): number {
    return this.uvarintFrom(0);
  }

  /**
   * The sum of `base` and an unsigned varint, of at most 53 bits. As the sum
   * wraps around at 2^64, it may be less than `base`.
   */
  uvarintFrom(base: number): number {
    let value = 0;
    let factor = 1;
    for (let size = 1; size <= SAFE_VARINT_SIZE; size++) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.expect(value + base <= Number.MAX_SAFE_INTEGER);
        return value + base;
      }
      factor *= 128;
    }
    this.position -= SAFE_VARINT_SIZE;
    const sum = BigInt.asUintN(64, this.uvarint64() + BigInt(base));
    this.expect(sum <= BigInt(Number.MAX_SAFE_INTEGER));
    return Number(sum);
  }

  /** A signed ("zigzag") varint of at most 53 bits. */
  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** An unsigned varint of up to 64 bits. */
  uvarint64(): bigint {
    let value = 0n;
    for (let size = 0; size < VARINT_SIZE_MAX; size++) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(7 * size);
      if (byte < 0x80) {
        this.expect(value < 1n << 64n);
        return value;
      }
    }
    throw new DecodeError(this.#complaint);
  }

  /** A signed ("zigzag") varint of up to 64 bits. */
  varint64(): bigint {
    const value = this.uvarint64();
    return value & 1n ? ~(value >> 1n) : value >> 1n;
  }

  /** The next `size` bytes as a byte string. */
  text(size: number): string {
    const at = this.#take(size);
    return decodeByteString(this.bytes, at, at + size);
  }

  /** The next `size` bytes: not a copy. */
  take(size: number): Uint8Array {
    const at = this.#take(size);
    return this.bytes.subarray(at, at + size);
  }

  #take(size: number): number {
    const at = this.position;
    this.expect(size <= this.bytes.length - at);
    this.position = at + size;
    return at;
  }
}
