/**
 * Compressed blocks of messages: `"cmp"`, `u8 1` for S2, `uvarint` size of the
 * block, an S2 stream of all but the last 8 bytes of it, then those 8 bytes,
 * which are the checksum of its last record.
 *
 * What is encrypted is encrypted after it was compressed.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { Chunk, S2Decoder, S2Encoder, S2Error } from "../../protocol/mod.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { DecodeError } from "./decode_error.ts";
import {
  CHECKSUM_SIZE,
  type HashKey,
  type HighwayHash,
} from "./highwayhash.ts";
import { RecordFault, RecordView } from "./record.ts";

/** "cmp" and the algorithm, as the number that they are. */
const MAGIC = 0x01706d63;
const MAGIC_SIZE = 4;
const SIZE_MIN = 5;
/** How much is compressed at a time, bytes: about a millisecond. */
const SLICE_SIZE = 1 << 18;
/** Larger blocks are not believed: a Go server writes up to 8 MiB and a record. */
const BLOCK_SIZE_MAX = 64 * 1024 * 1024;

/** A block without its compression. */
export interface BlockContents {
  readonly records: Uint8Array;
  readonly wasCompressed: boolean;
}

/**
 * The records of a block as it is on disk, decrypted.
 * @throws DecodeError when it is compressed and can't be decompressed
 */
export function blockContents(
  hash: HighwayHash,
  key: HashKey,
  block: Uint8Array,
): BlockContents {
  if (!seemsCompressed(block)) return { records: block, wasCompressed: false };
  try {
    return { records: decompressBlock(block), wasCompressed: true };
  } catch (error) {
    if (!startsWithRecord(hash, key, block)) throw error;
    return { records: block, wasCompressed: false };
  }
}

/** A record of 24145251 bytes starts like a compressed block. */
function startsWithRecord(
  hash: HighwayHash,
  key: HashKey,
  block: Uint8Array,
): boolean {
  if (block.length < MAGIC) return false;
  const chunk = Chunk.of(block.subarray(0, MAGIC));
  const fault = new RecordView().read(chunk, 0, chunk.size);
  return fault === RecordFault.None && hash.isIntactIn(key, chunk, 0, MAGIC);
}

/** Whether a block, decrypted, starts like a compressed one. */
function seemsCompressed(block: Uint8Array): boolean {
  return block.length >= SIZE_MIN &&
    new DataView(block.buffer, block.byteOffset).getUint32(0, true) === MAGIC;
}

/**
 * Compresses a block, and rests now and then.
 * @param block at least 8 bytes
 * @returns the compressed block
 */
export function* compressBlock(
  block: Uint8Array,
): Work<Uint8Array> {
  const end = block.length - CHECKSUM_SIZE;
  if (end < 0) throw new RangeError("uncompressed buffer is too short");
  const out = new ByteWriter(MAGIC_SIZE + block.length / 2);
  out.u32(MAGIC);
  out.uvarint(block.length);
  const encoder = new S2Encoder();
  for (let at = 0; at < end; at += SLICE_SIZE) {
    out.put(encoder.encode(block.subarray(at, Math.min(end, at + SLICE_SIZE))));
    yield;
  }
  out.put(block.subarray(end));
  return out.written;
}

/**
 * The block that was compressed.
 * @throws DecodeError
 */
export function decompressBlock(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes, "metadata incomplete", MAGIC_SIZE);
  const size = reader.uvarint();
  if (reader.left < CHECKSUM_SIZE || size < CHECKSUM_SIZE) {
    throw new DecodeError("compressed buffer is too short");
  }
  if (size > BLOCK_SIZE_MAX) {
    throw new DecodeError("compressed block too large");
  }
  const block = new Uint8Array(size);
  const end = size - CHECKSUM_SIZE;
  const stream = reader.take(reader.left - CHECKSUM_SIZE);
  if (inflate(stream, block.subarray(0, end)) !== end) {
    throw new DecodeError("compressed block has another size");
  }
  block.set(reader.take(CHECKSUM_SIZE), end);
  return block;
}

/** Fills `target` with what `stream` has; returns how much that is. */
function inflate(stream: Uint8Array, target: Uint8Array): number {
  const decoder = new S2Decoder();
  let size = 0;
  try {
    for (const part of decoder.decode(stream)) {
      if (size + part.length > target.length) return Infinity;
      target.set(part, size);
      size += part.length;
    }
    decoder.end();
    return size;
  } catch (error) {
    if (!(error instanceof S2Error)) throw error;
    throw new DecodeError(
      `error reading compression reader: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}
