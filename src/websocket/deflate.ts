/**
 * Compressed messages (permessage-deflate, RFC 7692) without context takeover:
 * each message stands for itself, so nothing is kept between two of them.
 *
 * @module
 */

import { joinBytes } from "../protocol/mod.ts";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";

/** A flushed deflate block ends with these bytes, which are not sent. */
const FLUSH_TAIL = 4;
/** Output comes in pieces of at least and at most so many bytes. */
const PIECE_MIN = 1024;
const PIECE_MAX = 65_536;

/** What senders leave out at the end, and an empty block that is the last. */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff);
/** A message that is not complete may hold so many payloads, and so many bytes. */
const PAYLOADS_MAX = 8;
const BYTES_MAX = 64 * 1024 * 1024;
/** Bytes of a payload if they are not limited. */
const USUAL_PAYLOAD_MAX = 1024 * 1024;

/** A message that is too large or can't be inflated; the text is for the log. */
export class InflateError extends Error {
  override readonly name = "InflateError";
}

/** A compressed message: fast rather than small. */
export function deflate(message: Uint8Array): Uint8Array {
  const deflated = deflateRawSync(message, {
    level: constants.Z_BEST_SPEED,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: pieceFor(message.length),
  });
  return deflated.subarray(0, deflated.length - FLUSH_TAIL);
}

/** The platform clears each piece, so a large one for little output is slow. */
function pieceFor(bytes: number): number {
  return Math.max(PIECE_MIN, Math.min(PIECE_MAX, bytes));
}

/** Collects compressed messages of one connection. */
export class MessageInflater {
  readonly #maxPayload: () => number;
  #parts: Uint8Array[] = [];
  #size = 0;
  /** Bytes of the last message: the next is expected to be as large. */
  #lastSize = 0;

  /** @param maxPayload bytes of a message, as it is now; 0 or less: the default */
  constructor(maxPayload: () => number) {
    this.#maxPayload = maxPayload;
  }

  /** Takes a piece of the message. @throws InflateError */
  add(part: Uint8Array): void {
    this.#grow(part.length);
    this.#parts.push(part);
  }

  /** Inflates the message, which is complete. @throws InflateError */
  finish(): Uint8Array {
    this.#grow(TAIL.length);
    const whole = joinBytes([...this.#parts, TAIL]);
    this.#parts = [];
    this.#size = 0;
    const message = inflate(whole, this.#limit, this.#lastSize);
    this.#lastSize = message.length;
    return message;
  }

  get #limit(): number {
    const limit = this.#maxPayload();
    return limit > 0 ? limit : USUAL_PAYLOAD_MAX;
  }

  #grow(bytes: number): void {
    this.#size += bytes;
    if (this.#size > Math.min(this.#limit * PAYLOADS_MAX, BYTES_MAX)) {
      throw tooLarge();
    }
  }
}

/** The limit holds while bytes come out, so that a bomb does not go off. */
function inflate(
  message: Uint8Array,
  maxOutputLength: number,
  expected: number,
): Uint8Array {
  try {
    const chunkSize = pieceFor(Math.max(message.length, expected));
    return inflateRawSync(message, { maxOutputLength, chunkSize });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw codeOf(error) === "ERR_BUFFER_TOO_LARGE"
      ? tooLarge()
      : new InflateError("flate: corrupt input", { cause: error });
  }
}

function tooLarge(): InflateError {
  return new InflateError("maximum payload exceeded");
}

function codeOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}
