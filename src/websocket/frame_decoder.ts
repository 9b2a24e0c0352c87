/**
 * Takes frames apart: a state machine that is fed bytes as they come, cut
 * anywhere, and tells what comes next.
 *
 * @module
 */

import {
  CONTROL_MAX,
  FINAL,
  FrameError,
  HEADER_MAX,
  MASKED,
  Opcode,
  RSV1,
  RSV2,
  RSV3,
} from "./frame.ts";
import { Mask } from "./mask.ts";

/**
 * What comes next: `starved` asks for bytes, `payload` for
 * {@link FrameDecoder.take}, `end` closes a message; the rest are whole
 * control frames, with their payload in {@link FrameDecoder.control}.
 */
export type FrameEvent =
  | "starved"
  | "payload"
  | "end"
  | "ping"
  | "pong"
  | "close";

const NOTHING = new Uint8Array(0);

/** What both sides agreed on. */
export interface FrameRules {
  /** Whether every frame must be masked; else none is. */
  readonly masked: boolean;
  /** Whether messages may be compressed. */
  readonly compression: boolean;
}

/** Belongs to one direction of one connection. */
export class FrameDecoder {
  /** Payload of the last control frame. */
  control: Uint8Array = NOTHING;
  /** Whether the message at hand is compressed. */
  compressed = false;
  readonly #rules: FrameRules;
  readonly #mask = new Mask();
  #input: DataView = viewOf(NOTHING);
  #at = 0;
  #end = 0;
  readonly #header = new Uint8Array(HEADER_MAX);
  #headerHas = 0;
  #headerNeeds = 2;
  #inPayload = false;
  #opcode = 0;
  #final = true;
  /** Whether the last message has had its final frame. */
  #between = true;
  #left = 0;
  #controlHas = 0;

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  /** Whether all bytes given are used up. */
  get exhausted(): boolean {
    return this.#at === this.#end;
  }

  /** Gives the next bytes of the stream, when those before are used up. */
  feed(input: Uint8Array): void {
    this.#input = viewOf(input);
    this.#at = 0;
    this.#end = input.length;
  }

  /** Reads on to what comes next. @throws FrameError */
  next(): FrameEvent {
    for (;;) {
      if (!this.#inPayload && !this.#readHeader()) return "starved";
      if (this.#opcode >= Opcode.Close) {
        if (!this.#readControl()) return "starved";
        return this.#controlEvent();
      }
      if (this.#left > 0) return this.exhausted ? "starved" : "payload";
      this.#endFrame();
      if (this.#final) return "end";
    }
  }

  /**
   * Copies payload that is there, unmasked, to `target` from `at` on.
   * @returns bytes copied
   */
  take(target: DataView, at: number): number {
    const count = Math.min(
      this.#left,
      this.#end - this.#at,
      target.byteLength - at,
    );
    this.#mask.apply(this.#input, this.#at, target, at, count);
    this.#at += count;
    this.#left -= count;
    if (this.#left > 0) this.#mask.turn(count);
    return count;
  }

  /** The payload that is there, in an array of its own. */
  takeAll(): Uint8Array {
    const part = new Uint8Array(Math.min(this.#left, this.#end - this.#at));
    this.take(viewOf(part), 0);
    return part;
  }

  /** @returns whether the header is complete */
  #readHeader(): boolean {
    const header = this.#header;
    while (this.#headerHas < this.#headerNeeds) {
      if (this.exhausted) return false;
      header[this.#headerHas++] = this.#input.getUint8(this.#at++);
      if (this.#headerHas === 1) this.#checkFirst(header[0] as number);
      else if (this.#headerHas === 2) this.#checkSecond(header[1] as number);
    }
    const code = (header[1] as number) & 0x7f;
    this.#left = code < 126 ? code : this.#longLength(code === 126 ? 2 : 8);
    this.#inPayload = true;
    this.#mask.set(header, this.#headerNeeds - 4, this.#rules.masked);
    return true;
  }

  #checkFirst(byte: number): void {
    if ((byte & (RSV2 | RSV3)) !== 0) {
      throw new FrameError("RSV2 and RSV3 must be clear");
    }
    if ((byte & RSV1) !== 0 && !this.#rules.compression) {
      throw new FrameError(
        "compressed frame received without negotiated permessage-deflate",
      );
    }
  }

  #checkSecond(byte: number): void {
    const first = this.#header[0] as number;
    const { masked } = this.#rules;
    if (masked && (byte & MASKED) === 0) {
      throw new FrameError("mask bit missing");
    }
    const length = byte & 0x7f;
    this.#opcode = first & 0x0f;
    this.#final = (first & FINAL) !== 0;
    this.#checkOpcode((first & RSV1) !== 0, length);
    this.#headerNeeds = 2 + (length < 126 ? 0 : length === 126 ? 2 : 8) +
      (masked ? 4 : 0);
  }

  #checkOpcode(compressed: boolean, length: number): void {
    switch (this.#opcode) {
      case Opcode.Ping:
      case Opcode.Pong:
      case Opcode.Close:
        checkControl(length, this.#final, compressed);
        return;
      case Opcode.Text:
      case Opcode.Binary:
        if (!this.#between) {
          throw new FrameError(
            "new message started before final frame for previous message was received",
          );
        }
        this.compressed = compressed;
        break;
      case Opcode.Continuation:
        if (this.#between || compressed) {
          throw new FrameError("invalid continuation frame");
        }
        break;
      default:
        throw new FrameError(`unknown opcode ${this.#opcode}`);
    }
    this.#between = this.#final;
  }

  #longLength(bytes: number): number {
    const high = this.#header[2] as number;
    if (bytes === 8 && (high & 0x80) !== 0) {
      throw new FrameError("invalid 64-bit payload length");
    }
    let length = 0;
    for (let i = 2; i < 2 + bytes; i++) {
      length = length * 256 + (this.#header[i] as number);
    }
    return length;
  }

  /** @returns whether the payload of the control frame is complete */
  #readControl(): boolean {
    if (this.#controlHas === 0) this.control = new Uint8Array(this.#left);
    this.#controlHas += this.take(viewOf(this.control), this.#controlHas);
    if (this.#left > 0) return false;
    this.#controlHas = 0;
    this.#endFrame();
    return true;
  }

  #controlEvent(): FrameEvent {
    if (this.#opcode === Opcode.Ping) return "ping";
    return this.#opcode === Opcode.Pong ? "pong" : "close";
  }

  #endFrame(): void {
    this.#inPayload = false;
    this.#headerHas = 0;
    this.#headerNeeds = 2;
  }
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function checkControl(
  length: number,
  final: boolean,
  compressed: boolean,
): void {
  if (length > CONTROL_MAX) {
    throw new FrameError(
      `control frame length bigger than maximum allowed of ${CONTROL_MAX} bytes`,
    );
  }
  if (!final) {
    throw new FrameError("control frame does not have final bit set");
  }
  if (compressed) throw new FrameError("control frame must not be compressed");
}
