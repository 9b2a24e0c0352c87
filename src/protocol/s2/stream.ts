/**
 * The framing of S2 and Snappy streams.
 *
 * A stream is a sequence of chunks: `u8 type, u24 length`, little-endian, then
 * so many bytes:
 *
 * ```
 * 0x00  compressed: u32 masked CRC-32C of the data, a block
 * 0x01  stored: u32 masked CRC-32C of the data, the data
 * 0xff  identifier, "S2sTwO" or "sNaPpY"; the stream starts with one
 * 0x80 to 0xfe  to be skipped: padding, an index
 * ```
 *
 * @module
 */

import {
  crc32c,
  type DecodedBlock,
  decodeElements,
  maskCrc,
} from "./block_decoder.ts";
import { BlockEncoder } from "./block_encoder.ts";

const COMPRESSED = 0x00;
const STORED = 0x01;
const SKIPPABLE_MIN = 0x80;
const IDENTIFIER = 0xff;
/** Type and length. */
const CHUNK_HEADER_SIZE = 4;
const CRC_SIZE = 4;
const BODY_SIZE = 6;
const S2_BODY = new TextEncoder().encode("S2sTwO");
const SNAPPY_BODY = new TextEncoder().encode("sNaPpY");
/** Most data of a chunk: as encoded here, of Snappy, and as accepted. */
const S2_BLOCK_SIZE = 1 << 20;
const SNAPPY_BLOCK_SIZE = 1 << 16;
const BLOCK_SIZE_MAX = 4 << 20;
/** The longest varint of 32 bits. */
const LENGTH_SIZE_MAX = 5;

/** A stream that makes no sense; the texts are those of Go. */
export class S2Error extends Error {
  override readonly name = "S2Error";
}

const CORRUPT = "s2: corrupt input";
const WRONG_CRC = "s2: corrupt input, crc mismatch";
const UNSUPPORTED = "s2: unsupported input";

/** Compresses one stream, piece by piece. */
export class S2Encoder {
  readonly #encoder: BlockEncoder;
  readonly #identifier: Uint8Array;
  readonly #blockSize: number;
  #started = false;

  /** @param format Snappy is understood by more readers, S2 is shorter */
  constructor(format: "s2" | "snappy" = "s2") {
    const s2 = format === "s2";
    this.#encoder = new BlockEncoder(s2);
    this.#identifier = s2 ? S2_BODY : SNAPPY_BODY;
    this.#blockSize = s2 ? S2_BLOCK_SIZE : SNAPPY_BLOCK_SIZE;
  }

  /** The next bytes of the stream: all of `data`, in chunks of its own. */
  encode(data: Uint8Array): Uint8Array {
    const chunks = Math.ceil(data.length / this.#blockSize);
    const overhead = CHUNK_HEADER_SIZE + CRC_SIZE + LENGTH_SIZE_MAX;
    const out = new Uint8Array(
      CHUNK_HEADER_SIZE + BODY_SIZE + chunks * overhead + data.length,
    );
    let at = this.#start(out);
    for (let start = 0; start < data.length; start += this.#blockSize) {
      const end = Math.min(data.length, start + this.#blockSize);
      at = this.#chunk(data, start, end, out, at);
    }
    return out.subarray(0, at);
  }

  #start(out: Uint8Array): number {
    if (this.#started) return 0;
    this.#started = true;
    writeHeader(out, 0, IDENTIFIER, BODY_SIZE);
    out.set(this.#identifier, CHUNK_HEADER_SIZE);
    return CHUNK_HEADER_SIZE + BODY_SIZE;
  }

  #chunk(
    data: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    at: number,
  ): number {
    const crcAt = at + CHUNK_HEADER_SIZE;
    const bodyAt = crcAt + CRC_SIZE;
    const crc = maskCrc(crc32c(data, start, end));
    for (let i = 0; i < CRC_SIZE; i++) out[crcAt + i] = crc >>> (8 * i);
    const blockAt = writeLength(out, bodyAt, end - start);
    let next = this.#encoder.encode(data, start, end, out, blockAt);
    let type = COMPRESSED;
    if (next < 0) {
      type = STORED;
      out.set(data.subarray(start, end), bodyAt);
      next = bodyAt + end - start;
    }
    writeHeader(out, at, type, next - crcAt);
    return next;
  }
}

/** Decompresses one stream of either format, however it is cut. */
export class S2Decoder {
  /** The start of a chunk that is not complete yet, in the first bytes. */
  #carry = new Uint8Array(0);
  #carried = 0;
  #started = false;
  #snappy = false;

  /**
   * Takes the next bytes of the stream.
   * @returns the data of the chunks that they complete
   * @throws S2Error; nothing must follow
   */
  decode(bytes: Uint8Array): Uint8Array[] {
    return [...this.decoding(bytes)];
  }

  /** The same, chunk by chunk; nothing else must be taken before the end. */
  *decoding(bytes: Uint8Array): Generator<Uint8Array> {
    const input = this.#carried === 0 ? bytes : this.#append(bytes);
    let at = 0;
    while (at + CHUNK_HEADER_SIZE <= input.length) {
      const type = input[at] as number;
      const start = at + CHUNK_HEADER_SIZE;
      const end = start + this.#chunkLength(input, at, type);
      if (end > input.length) break;
      if (type === IDENTIFIER) this.#identify(input.subarray(start, end));
      else if (type < SKIPPABLE_MIN) {
        yield this.#data(type, input.subarray(start, end));
      }
      at = end;
    }
    this.#carried = 0;
    this.#append(input.subarray(at));
  }

  /** @throws S2Error when the stream ends in the middle of a chunk */
  end(): void {
    if (this.#carried > 0) throw new S2Error(CORRUPT);
  }

  /** Adds to what is carried; returns all of it. */
  #append(bytes: Uint8Array): Uint8Array {
    const size = this.#carried + bytes.length;
    if (size > this.#carry.length) {
      const grown = new Uint8Array(2 * size);
      grown.set(this.#carry.subarray(0, this.#carried));
      // `bytes` may lie in what was carried so far.
      grown.set(bytes, this.#carried);
      this.#carry = grown;
    } else this.#carry.set(bytes, this.#carried);
    this.#carried = size;
    return this.#carry.subarray(0, size);
  }

  /** Checked before all of the chunk is there: it will be kept until then. */
  #chunkLength(input: Uint8Array, at: number, type: number): number {
    const length = (input[at + 1] as number) | (input[at + 2] as number) << 8 |
      (input[at + 3] as number) << 16;
    if (type === IDENTIFIER) {
      if (length !== BODY_SIZE) throw new S2Error(CORRUPT);
      return length;
    }
    if (!this.#started) throw new S2Error(CORRUPT);
    if (type >= SKIPPABLE_MIN) return length;
    if (type !== COMPRESSED && type !== STORED) throw new S2Error(UNSUPPORTED);
    if (length < CRC_SIZE) throw new S2Error(CORRUPT);
    if (length > BLOCK_SIZE_MAX + BLOCK_SIZE_MAX / 6 + 32) {
      throw new S2Error(UNSUPPORTED);
    }
    return length;
  }

  #identify(body: Uint8Array): void {
    this.#started = true;
    this.#snappy = body.every((byte, i) => byte === SNAPPY_BODY[i]);
    if (!this.#snappy && !body.every((byte, i) => byte === S2_BODY[i])) {
      throw new S2Error(CORRUPT);
    }
  }

  #data(type: number, chunk: Uint8Array): Uint8Array {
    const { data, crc } = type === STORED
      ? this.#stored(chunk)
      : this.#decompress(chunk);
    const expected = ((chunk[0] as number) | (chunk[1] as number) << 8 |
      (chunk[2] as number) << 16 | (chunk[3] as number) << 24) >>> 0;
    if (maskCrc(crc) !== expected) throw new S2Error(WRONG_CRC);
    return data;
  }

  #stored(chunk: Uint8Array): DecodedBlock {
    const data = chunk.slice(CRC_SIZE);
    if (data.length > this.#sizeMax()) throw new S2Error(CORRUPT);
    return { data, crc: crc32c(data) };
  }

  #decompress(chunk: Uint8Array): DecodedBlock {
    let size = 0;
    let at = CRC_SIZE;
    for (let factor = 1;; factor *= 128) {
      const byte = chunk[at++];
      if (byte === undefined) throw new S2Error(CORRUPT);
      size += (byte & 0x7f) * factor;
      if (size > this.#sizeMax()) throw new S2Error(CORRUPT);
      if (byte < 0x80) break;
    }
    const block = decodeElements(chunk, at, chunk.length, size);
    if (block === null) throw new S2Error(CORRUPT);
    return block;
  }

  #sizeMax(): number {
    return this.#snappy ? SNAPPY_BLOCK_SIZE : BLOCK_SIZE_MAX;
  }
}

function writeHeader(
  out: Uint8Array,
  at: number,
  type: number,
  length: number,
): void {
  out[at] = type;
  out[at + 1] = length;
  out[at + 2] = length >>> 8;
  out[at + 3] = length >>> 16;
}

/** Writes a varint; returns its end. */
function writeLength(out: Uint8Array, at: number, length: number): number {
  let next = at;
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) out[next++] = rest | 0x80;
  out[next++] = rest;
  return next;
}
