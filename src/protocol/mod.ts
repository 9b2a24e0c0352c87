/**
 * The NATS protocol as bytes: one resumable parser for all connection kinds,
 * encoders, INFO and CONNECT, and the texts of `-ERR`.
 *
 * Contract: knows no connection, account or subscription; performs no I/O;
 * copies no payload.
 *
 * @module
 */

export {
  ARENA_START,
  arenaMemory,
  arenaModuleMemory,
  copyMaskedInArena,
  isArena,
} from "./arena.ts";
export * from "./bytes.ts";
export * from "./chunk.ts";
export * from "./connect.ts";
export * from "./errors.ts";
export * from "./info.ts";
export { encodeGoJson } from "./json.ts";
export { STATE_MSG_END_R } from "./parser_state.ts";
export { Line } from "./line.ts";
export { Message } from "./message.ts";
export * from "./message_trace.ts";
export * from "./parser.ts";
export {
  type LineVerb,
  type PayloadVerb,
  type PlainOp,
  VerbTable,
} from "./verb.ts";
export {
  formatLocalNanos,
  formatLocalTime,
  formatNanos,
  formatTime,
  TIME_SIZE,
  writeTime,
} from "./time.ts";
export { crc32c } from "./s2/block_decoder.ts";
export { S2Decoder, S2Encoder, S2Error } from "./s2/stream.ts";
