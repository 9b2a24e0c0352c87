/**
 * How protocol text travels: as it is, or in WebSocket frames.
 *
 * @module
 */

import { joinBytes } from "../../src/protocol/mod.ts";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";

/** Text that is packed into one frame at the most, about as clients do it. */
const FRAME_BYTES = 1 << 15;
const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
/** A flushed deflate block ends with these bytes, which are not sent. */
const FLUSH_TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
const MASKED = 0x80;
const BINARY = 0x82;
const COMPRESSED = 0x40;

/** One direction of each kind; belongs to one connection. */
export interface Framing {
  /** What is written for some text. Costly: to be done beforehand. */
  pack(text: Uint8Array): Uint8Array;
  /** How much text a read brought, and the end of it, 64 bytes if there are. */
  unpack(read: Uint8Array): { bytes: number; last: Uint8Array };
}

const TAIL_BYTES = 64;

/** The end of what has come so far and of what follows. */
function tail(before: Uint8Array, text: Uint8Array): Uint8Array {
  if (text.length >= TAIL_BYTES) return text.subarray(-TAIL_BYTES);
  const both = new Uint8Array(before.length + text.length);
  both.set(before);
  both.set(text, before.length);
  return both.subarray(-TAIL_BYTES);
}

/** No frames. */
export const PLAIN: Framing = {
  pack: (text) => text,
  unpack: (read) => ({ bytes: read.length, last: read.subarray(-TAIL_BYTES) }),
};

/** The upgrade, which asks for compression or does not. */
export function upgradeRequest(compress: boolean): string {
  return "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n" +
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
    (compress
      ? "Sec-WebSocket-Extensions: permessage-deflate; " +
        "server_no_context_takeover; client_no_context_takeover\r\n"
      : "") +
    "\r\n";
}

/** Masked frames one way, plain ones the other. */
export class WebsocketFraming implements Framing {
  readonly #compress: boolean;
  /** Header of the frame at hand as far as it has come. */
  readonly #header = new Uint8Array(10);
  #headerHas = 0;
  #left = 0;
  #compressed = false;
  #parts: Uint8Array[] = [];

  constructor(compress: boolean) {
    this.#compress = compress;
  }

  pack(text: Uint8Array): Uint8Array {
    const frames: Uint8Array[] = [];
    for (let at = 0; at < text.length; at += FRAME_BYTES) {
      frames.push(this.#frame(text.subarray(at, at + FRAME_BYTES)));
    }
    return joinBytes(frames);
  }

  unpack(read: Uint8Array): { bytes: number; last: Uint8Array } {
    let bytes = 0;
    let last = read.subarray(0, 0);
    let at = 0;
    while (at < read.length) {
      if (this.#left === 0) {
        at = this.#readHeader(read, at);
        continue;
      }
      const part = read.subarray(at, at + this.#left);
      at += part.length;
      this.#left -= part.length;
      const text = this.#compressed ? this.#inflate(part) : part;
      bytes += text.length;
      last = tail(last, text);
    }
    return { bytes, last };
  }

  #frame(text: Uint8Array): Uint8Array {
    let payload = text;
    let first = BINARY;
    if (this.#compress) {
      const options = { level: 1, finishFlush: constants.Z_SYNC_FLUSH };
      payload = deflateRawSync(text, options).subarray(0, -FLUSH_TAIL.length);
      first |= COMPRESSED;
    }
    const { length } = payload;
    const size = length < 126 ? [length] : [126, length >> 8, length & 255];
    const [code = 0, ...more] = size;
    const head = [first, MASKED | code, ...more, ...MASK];
    const frame = new Uint8Array(head.length + length);
    frame.set(head);
    for (let i = 0; i < length; i++) {
      frame[head.length + i] = (payload[i] ?? 0) ^ (MASK[i & 3] ?? 0);
    }
    return frame;
  }

  /** A compressed message may come in several frames. */
  #inflate(part: Uint8Array): Uint8Array {
    this.#parts.push(part.slice());
    const isWhole = this.#left === 0 && ((this.#header[0] ?? 0) & 0x80) !== 0;
    if (!isWhole) return new Uint8Array(0);
    const deflated = new Uint8Array(
      [...this.#parts, FLUSH_TAIL].reduce((sum, { length }) => sum + length, 0),
    );
    let at = 0;
    for (const each of [...this.#parts, FLUSH_TAIL]) {
      deflated.set(each, at);
      at += each.length;
    }
    this.#parts = [];
    const options = { finishFlush: constants.Z_SYNC_FLUSH };
    return inflateRawSync(deflated, options);
  }

  #readHeader(read: Uint8Array, from: number): number {
    let at = from;
    const header = this.#header;
    while (at < read.length) {
      header[this.#headerHas++] = read[at++] ?? 0;
      if (this.#headerHas < 2) continue;
      const code = (header[1] ?? 0) & 0x7f;
      const size = code < 126 ? 2 : code === 126 ? 4 : 10;
      if (this.#headerHas < size) continue;
      this.#left = code;
      if (size > 2) {
        this.#left = 0;
        for (let i = 2; i < size; i++) {
          this.#left = this.#left * 256 + (header[i] ?? 0);
        }
      }
      this.#headerHas = 0;
      // Later frames of a message don't say again that it is compressed.
      if (((header[0] ?? 0) & 15) !== 0) {
        this.#compressed = ((header[0] ?? 0) & COMPRESSED) !== 0;
      }
      break;
    }
    return at;
  }
}
