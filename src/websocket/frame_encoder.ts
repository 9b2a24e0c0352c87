/**
 * Puts outgoing bytes into frames.
 *
 * @module
 */

import { deflate } from "./deflate.ts";
import { FINAL, headerSize, Opcode, RSV1, writeHeader } from "./frame.ts";

/** Less than this does not become smaller. */
const COMPRESSION_MIN = 65;
/** Browsers behave better with frames of this size, in bytes, at the most. */
const BROWSER_FRAME_MAX = 4096;
/** From here on a write of its own costs less than a copy, bytes. */
const COPY_MAX = 16_384;

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
  const payload = deflate(source);
  const limit = browser && !wholeCompressed ? BROWSER_FRAME_MAX : Infinity;
  return cut(payload, limit, (first, last) =>
    (last ? FINAL : 0) |
    (first ? RSV1 | Opcode.Binary : Opcode.Continuation));
}

/**
 * The header to be written before `source`, which is large and goes as it is;
 * null if it has to be encoded.
 */
export function headerAlone(
  { length }: Uint8Array,
  { compression, browser }: OutgoingRules,
): Uint8Array<ArrayBuffer> | null {
  if (compression || browser || length < COPY_MAX) return null;
  const header = new Uint8Array(headerSize(length));
  writeHeader(header, 0, FINAL | Opcode.Binary, length);
  return header;
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
