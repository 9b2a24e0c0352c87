/**
 * The framing format of snappy, with chunks that are stored as they are: any
 * reader takes them, and no answer is long enough to be worth more.
 *
 * Stream: identifier chunk, then chunks of `type (1) length (3, little-endian)
 * masked CRC-32C (4, little-endian) data`.
 *
 * @module
 */

const IDENTIFIER = [
  0xff,
  0x06,
  0x00,
  0x00,
  ...new TextEncoder().encode("sNaPpY"),
];
const STORED = 0x01;
/** Most data that a chunk may have. */
const CHUNK_DATA_MAX = 65_536;
/** Type, length and checksum. */
const CHUNK_OVERHEAD = 8;
/** Bytes of the checksum, which count to the chunk's length. */
const CHECKSUM_SIZE = 4;
/** Castagnoli's polynomial, reversed. */
const POLYNOMIAL = 0x82f63b78;
/** Added to checksums after rotation. */
const MASK = 0xa282ead8;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  }
  return value;
});

/** Frames `data`. */
export function snappyStream(data: Uint8Array): Uint8Array {
  const chunks = Math.ceil(data.length / CHUNK_DATA_MAX);
  const stream = new Uint8Array(
    IDENTIFIER.length + data.length + chunks * CHUNK_OVERHEAD,
  );
  const view = new DataView(stream.buffer);
  stream.set(IDENTIFIER);
  let at = IDENTIFIER.length;
  for (let start = 0; start < data.length; start += CHUNK_DATA_MAX) {
    const part = data.subarray(start, start + CHUNK_DATA_MAX);
    const length = part.length + CHECKSUM_SIZE;
    view.setUint32(at, STORED | length << 8, true);
    view.setUint32(at + 4, masked(crc32c(part)), true);
    stream.set(part, at + CHUNK_OVERHEAD);
    at += CHUNK_OVERHEAD + part.length;
  }
  return stream;
}

function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0;
}
