/**
 * A WebSocket client that speaks raw HTTP and raw frames, for tests that look
 * at bytes, good and bad ones.
 *
 * @module
 */

import type { Transport } from "../../src/runtime/mod.ts";

/** A frame to send; what is not said is as a well-behaved client does it. */
export interface FrameChoice {
  /** Default: binary. */
  readonly opcode?: number;
  /** Default: true. */
  readonly final?: boolean;
  /** Bits of the first byte beside FIN and opcode. */
  readonly reserved?: number;
  /** Default: true. */
  readonly masked?: boolean;
  readonly payload?: Uint8Array | string;
  /** Length code and length bytes, instead of the shortest right ones. */
  readonly length?: readonly number[];
}

/** A frame as it came. */
export interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly compressed: boolean;
  readonly payload: Uint8Array;
}

export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const MASK = [0x37, 0xfa, 0x21, 0x3d];

/** One byte per char. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** One char per byte. */
export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** Bytes of a frame. */
export function frame(choice: FrameChoice = {}): Uint8Array<ArrayBuffer> {
  const { opcode = 2, final = true, reserved = 0, masked = true } = choice;
  const { payload = "" } = choice;
  const body = typeof payload === "string" ? bytesOf(payload) : payload;
  const [code = 0, ...more] = choice.length ?? shortest(body.length);
  return new Uint8Array([
    (final ? 0x80 : 0) | reserved | opcode,
    (masked ? 0x80 : 0) | code,
    ...more,
    ...(masked ? MASK : []),
    ...body.map((byte, i) => masked ? byte ^ (MASK[i & 3] ?? 0) : byte),
  ]);
}

function shortest(length: number): number[] {
  if (length <= 125) return [length];
  if (length < 65_536) return [126, length >> 8, length & 255];
  return [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((by) => (length >> by) & 255)];
}

/** Lines of an upgrade request; `headers` replace or add, `null` removes. */
export function upgradeRequest(
  headers: Readonly<Record<string, string | null>> = {},
  requestLine = "GET / HTTP/1.1",
): string {
  const all: Record<string, string | null> = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${requestLine}\r\n${lines.join("")}\r\n`;
}

/** The stream of one connection. */
export interface ByteStream {
  read(target: Uint8Array): Promise<number | null>;
  write(source: Uint8Array): Promise<number>;
  close(): void;
}

/** One connection. */
export class RawWebsocket {
  readonly #stream: ByteStream;
  #received = new Uint8Array(0);
  #ended = false;

  constructor(stream: ByteStream | Transport) {
    this.#stream = stream;
  }

  static async dial(port: number): Promise<RawWebsocket> {
    return new RawWebsocket(
      await Deno.connect({ hostname: "127.0.0.1", port }),
    );
  }

  /** Connects and upgrades. */
  static async open(
    port: number,
    headers: Readonly<Record<string, string | null>> = {},
    requestLine?: string,
  ): Promise<RawWebsocket> {
    const client = await RawWebsocket.dial(port);
    await client.send(bytesOf(upgradeRequest(headers, requestLine)));
    const head = await client.head();
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head);
    return client;
  }

  async send(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      for (let rest = part; rest.length > 0;) {
        rest = rest.subarray(await this.#stream.write(rest));
      }
    }
  }

  /** Sends protocol text in one frame. */
  text(payload: string): Promise<void> {
    return this.send(frame({ payload }));
  }

  /** The next HTTP head; what came instead if the connection ended. */
  async head(): Promise<string> {
    while (!textOf(this.#received).includes("\r\n\r\n")) {
      if (!await this.#more()) return textOf(this.#take(this.#received.length));
    }
    const end = textOf(this.#received).indexOf("\r\n\r\n") + 4;
    return textOf(this.#take(end));
  }

  /** So many bytes, or fewer at the end of the stream. */
  async bytes(count: number): Promise<string> {
    while (this.#received.length < count && await this.#more());
    return textOf(this.#take(Math.min(count, this.#received.length)));
  }

  /** The next frame; null at the end of the stream. */
  async frame(): Promise<Frame | null> {
    for (;;) {
      const size = frameSize(this.#received);
      if (size !== undefined && size.total <= this.#received.length) {
        const [first = 0] = this.#received;
        const payload = this.#take(size.total).subarray(size.header);
        return {
          opcode: first & 15,
          final: (first & 0x80) !== 0,
          compressed: (first & 0x40) !== 0,
          payload,
        };
      }
      if (!await this.#more()) return null;
    }
  }

  /** Payload of data frames up to the first match; throws when the stream ends. */
  async expect(pattern: RegExp): Promise<string> {
    for (let text = "";;) {
      if (pattern.test(text)) return text;
      const next = await this.frame();
      if (next === null) {
        throw new Error(`the connection ended after ${JSON.stringify(text)}`);
      }
      if (next.opcode < 8) text += textOf(next.payload);
    }
  }

  /** Status and words of the close frame; null if the stream ends without. */
  async closeFrame(): Promise<{ status: number; words: string } | null> {
    for (;;) {
      const next = await this.frame();
      if (next === null) return null;
      if (next.opcode !== 8) continue;
      const [high = 0, low = 0] = next.payload;
      return {
        status: high * 256 + low,
        words: textOf(next.payload.subarray(2)),
      };
    }
  }

  close(): void {
    try {
      this.#stream.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #take(count: number): Uint8Array {
    const taken = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const buffer = new Uint8Array(65_536);
    let count: number | null = null;
    try {
      count = await this.#stream.read(buffer);
    } catch {
      // Reset: the end all the same.
    }
    if (count === null) this.#ended = true;
    else this.#received = joined([this.#received, buffer.subarray(0, count)]);
    return count !== null;
  }
}

function frameSize(
  bytes: Uint8Array,
): { header: number; total: number } | undefined {
  const code = (bytes[1] ?? 0) & 0x7f;
  const header = code < 126 ? 2 : code === 126 ? 4 : 10;
  if (bytes.length < header) return undefined;
  const length = bytes.subarray(2, header)
    .reduce((sum, byte) => sum * 256 + byte, 0);
  return { header, total: header + (code < 126 ? code : length) };
}
