/**
 * The formats of JetStream's files, byte for byte those of the Go server.
 *
 * Contract: bytes in, bytes out. Performs no I/O, knows no clock and no store;
 * what is random is handed in. Decoders take any bytes: they return the value or
 * throw a `DecodeError`, the one for records returns a `RecordFault`. Sequences
 * are numbers up to 2^53, times nanoseconds since 1970, as bigint, and in
 * records, which are many, as two halves of 32 bits.
 *
 * @module
 */

export * from "./archive.ts";
export * from "./block_digest.ts";
export { ByteReader } from "./byte_reader.ts";
export { ByteWriter } from "./byte_writer.ts";
export { checkingBody, metaChecksum } from "./checksum.ts";
export {
  type BlockContents,
  blockContents,
  compressBlock,
  decompressBlock,
} from "./compression.ts";
export {
  decodingConsumerState,
  encodingConsumerState,
} from "./consumer_state.ts";
export { CORRUPT_STATE, DecodeError } from "./decode_error.ts";
export {
  type AssetKey,
  BlockCipher,
  deriveKey,
  keyContext,
  NONCE_SIZES,
  open,
  opening,
  openKey,
  seal,
  sealing,
  sealKey,
  SEED_SIZE,
  type StoreCipher,
} from "./encryption.ts";
export { CHECKSUM_SIZE, HashKey, HighwayHash } from "./highwayhash.ts";
export * from "./page_directory.ts";
export * from "./record.ts";
export * from "./replicated_state.ts";
export { SequenceSet } from "./sequence_set.ts";
export {
  decodeSequenceSet,
  encodeSequenceSet,
  SEQUENCE_SET_MAGIC,
  sequenceSetSize,
} from "./sequence_set_codec.ts";
export {
  decodeSources,
  decodingExpiries,
  decodingSchedules,
  encodeSources,
  encodingExpiries,
  encodingSchedules,
  type Expiry,
  type ScheduleEntry,
  type SourcePosition,
  type Stamped,
} from "./side_files.ts";
export * from "./stream_index.ts";
export * from "./tar.ts";
