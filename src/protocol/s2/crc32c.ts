/**
 * CRC-32C (Castagnoli), eight bytes a step.
 *
 * @module
 */

/** Castagnoli's polynomial, reversed. */
const POLYNOMIAL = 0x82f63b78;
/** What is added to checksums that stand beside their data. */
const MASK = 0xa282ead8;

/** Table `n` has what a byte does that is followed by `n` others. */
const TABLES: readonly Uint32Array[] = makeTables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

function makeTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    }
    return value;
  });
  const tables = [first];
  for (let last = first; tables.length < 8;) {
    last = last.map((value) => (value >>> 8) ^ (first[value & 0xff] ?? 0));
    tables.push(last);
  }
  return tables;
}

/** The checksum of `bytes[start, end)`. */
export function crc32c(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let crc = -1;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const low = view.getInt32(i, true) ^ crc;
    const high = view.getInt32(i + 4, true);
    crc = (T7[low & 0xff] as number) ^
      (T6[(low >>> 8) & 0xff] as number) ^
      (T5[(low >>> 16) & 0xff] as number) ^
      (T4[low >>> 24] as number) ^
      (T3[high & 0xff] as number) ^
      (T2[(high >>> 8) & 0xff] as number) ^
      (T1[(high >>> 16) & 0xff] as number) ^
      (T0[high >>> 24] as number);
  }
  for (; i < end; i++) {
    crc = (T0[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** The checksum of data as it stands beside them: rotated, and off by a bit. */
export function maskedCrc32c(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): number {
  const crc = crc32c(bytes, start, end);
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0;
}
