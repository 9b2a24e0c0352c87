/**
 * Connections: read loop, outbound queue with slow-consumer accounting, and
 * the headers that come before any protocol.
 *
 * Contract: knows no NATS verb, account or option; a session gives meaning to
 * the bytes.
 *
 * @module
 */

export * from "./close_reason.ts";
export * from "./connection.ts";
export type { SlowBatch } from "./outbound.ts";
export { parseIpAddress } from "./ip_address.ts";
export { type BatchEnd, FlushQueue } from "./flush_queue.ts";
export { LoopTurns, type Turns } from "./loop_turns.ts";
export { Vigil } from "./vigil.ts";
export { CHUNK_MAX, giveChunk, takeChunk } from "./chunk_pool.ts";
export { ReadBuffer } from "./read_buffer.ts";
export { Prelude } from "./prelude.ts";
export * from "./proxy_protocol.ts";
export { sorting } from "./sorting.ts";
export {
  asLongAs,
  finish,
  inSlices,
  SHORT_SLICE,
  type Wait,
  type Work,
  type Workplace,
} from "./work.ts";
