/**
 * Puts outgoing bytes into frames.
 *
 * @module
 */

import { deflateRawSync } from "node:zlib";
import { DEFLATE_FAST } from "./deflate.ts";
import { FINAL, headerSize, Opcode, RSV1, writeHeader } from "./frame.ts";

/** Less than this does not become smaller. */
const COMPRESSION_MIN = 65;
/** Browsers behave better with frames of this size, in bytes, at the most. */
const BROWSER_FRAME_MAX = 4096;
/** A flushed deflate block ends with these bytes, which are not sent. */
const FLUSH_TAIL = 4;

/** How this peer takes frames. */
export interface OutgoingRules {
  readonly compression: boolean;
  /** Whether the peer is a browser. */
  readonly browser: boolean;
  /** Whether compressed messages must come in one frame. */
  readonly wholeCompressed: boolean;
}

/** Frames that carry `source`. */
export function encodeFrames(
  source: Uint8Array,
  { compression, browser, wholeCompressed }: OutgoingRules,
): Uint8Array<ArrayBuffer> {
  if (!compression || source.length < COMPRESSION_MIN) {
    return browser
      ? cut(source, BROWSER_FRAME_MAX, () => FINAL | Opcode.Binary)
      : cut(source, Infinity, () => FINAL | Opcode.Binary);
  }
  const deflated = deflateRawSync(source, DEFLATE_FAST);
  const payload = deflated.subarray(0, deflated.length - FLUSH_TAIL);
  const limit = browser && !wholeCompressed ? BROWSER_FRAME_MAX : Infinity;
  return cut(payload, limit, (first, last) =>
    (last ? FINAL : 0) |
    (first ? RSV1 | Opcode.Binary : Opcode.Continuation));
}

/** Cuts a payload into frames of at most `limit` bytes. */
function cut(
  payload: Uint8Array,
  limit: number,
  firstByte: (first: boolean, last: boolean) => number,
): Uint8Array<ArrayBuffer> {
  const whole = Math.min(limit, payload.length);
  const count = Math.ceil(payload.length / whole);
  const rest = payload.length - whole * (count - 1);
  const frames = new Uint8Array(
    payload.length + headerSize(whole) * (count - 1) + headerSize(rest),
  );
  let at = 0;
  for (let i = 0; i < count; i++) {
    const from = i * whole;
    const part = payload.subarray(from, from + whole);
    at = writeHeader(
      frames,
      at,
      firstByte(i === 0, i === count - 1),
      part.length,
    );
    frames.set(part, at);
    at += part.length;
  }
  return frames;
}
