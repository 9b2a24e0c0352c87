/**
 * The fields of tar headers.
 *
 * @module
 */

import { decodeByteString } from "../../protocol/mod.ts";
import { DecodeError } from "./decode_error.ts";

/** Bytes of a block. */
export const TAR_BLOCK_SIZE = 512;

/** Where a field is in a header. */
export type TarField = readonly [at: number, size: number];

/** The fields of a header. */
export const TarField = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  owner: [265, 32],
  group: [297, 32],
  deviceMajor: [329, 8],
  deviceMinor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<string, TarField>;

/** The bit that marks numbers that are not octal. */
const BINARY = 0x80;

/** The text of a field, up to its first zero, as a byte string. */
export function terminated(block: Uint8Array, [at, size]: TarField): string {
  const text = decodeByteString(block, at, at + size);
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** A number in octal digits. */
export function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/** The sum over a header's bytes, in which its own field counts as spaces. */
export function blockChecksum(block: Uint8Array): number {
  const [start, size] = TarField.checksum;
  let sum = 0;
  block.forEach((byte, at) => {
    sum += at >= start && at < start + size ? 0x20 : byte;
  });
  return sum;
}

export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/**
 * The size that a header tells, after its checksum has been compared.
 * @throws DecodeError with `complaint`
 */
export function sizeOf(block: Uint8Array, complaint: string): number {
  if (numberIn(block, TarField.checksum) !== blockChecksum(block)) {
    throw new DecodeError(complaint);
  }
  const size = numberIn(block, TarField.size);
  if (!Number.isSafeInteger(size)) throw new DecodeError(complaint);
  return size;
}

/** The number in a field: octal, or binary if it is marked so; NaN: none. */
function numberIn(block: Uint8Array, field: TarField): number {
  const [at, size] = field;
  const first = block[at] ?? 0;
  if (first & BINARY) {
    let value = first & 0x3f;
    for (let i = 1; i < size; i++) value = value * 256 + (block[at + i] ?? 0);
    return value;
  }
  const digits = terminated(block, field).trim();
  if (digits === "") return 0;
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN;
}

/**
 * The records of a PAX header, byte strings.
 * @throws DecodeError with `complaint`
 */
export function paxRecords(
  content: Uint8Array,
  complaint: string,
): Map<string, string> {
  const records = new Map<string, string>();
  let rest = decodeByteString(content);
  while (rest !== "") {
    const digits = /^[0-9]{1,9} /.exec(rest)?.[0] ?? "";
    const length = Number(digits);
    const line = rest.slice(digits.length, length);
    const equals = line.indexOf("=");
    const fits = digits !== "" && length > digits.length &&
      length <= rest.length && line.endsWith("\n");
    if (!fits || equals <= 0) throw new DecodeError(complaint);
    records.set(line.slice(0, equals), line.slice(equals + 1, -1));
    rest = rest.slice(length);
  }
  return records;
}
