/**
 * Compressed messages (permessage-deflate, RFC 7692) without context takeover:
 * each message stands for itself, so nothing is kept between two of them.
 *
 * @module
 */

import { constants, inflateRawSync, type ZlibOptions } from "node:zlib";

/** Fast rather than small, and flushed to a byte boundary. */
export const DEFLATE_FAST: ZlibOptions = {
  level: constants.Z_BEST_SPEED,
  finishFlush: constants.Z_SYNC_FLUSH,
};

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

/** Collects compressed messages of one connection. */
export class MessageInflater {
  readonly #maxPayload: () => number;
  #parts: Uint8Array[] = [];
  #size = 0;

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
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const part of [...this.#parts, TAIL]) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#size = 0;
    return inflate(whole, this.#limit);
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
function inflate(message: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return inflateRawSync(message, { maxOutputLength });
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
