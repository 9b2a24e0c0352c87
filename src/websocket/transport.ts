/**
 * The bytes inside of frames, as a transport.
 *
 * @module
 */

import { CloseReason, ReadBuffer } from "../connection/mod.ts";
import {
  type Endpoint,
  type Timers,
  type Transport,
  TransportError,
} from "../runtime/mod.ts";
import {
  closeAnswer,
  closePayload,
  closeStatus,
  PROTOCOL_ERROR,
} from "./close_status.ts";
import { InflateError, MessageInflater } from "./deflate.ts";
import { controlFrame, FrameError, Opcode } from "./frame.ts";
import { FrameDecoder, type FrameRules } from "./frame_decoder.ts";
import {
  encodeFrames,
  headerAlone,
  type OutgoingRules,
} from "./frame_encoder.ts";

/** How long a peer may take to read the last words, milliseconds. */
const FAREWELL = 1000;

const NOTHING = new Uint8Array(0);

/** What a transport needs of its session. */
export interface WebsocketSetting {
  readonly timers: Timers;
  /** Bytes of a payload, as it is limited now. */
  readonly maxPayload: () => number;
  /** Told what the peer did wrong before the stream breaks. */
  readonly onViolation: (text: string) => void;
}

/** Frames over another transport, after the upgrade. */
export class WebsocketTransport implements Transport {
  readonly #raw: Transport;
  readonly #rules: FrameRules & OutgoingRules;
  readonly #setting: WebsocketSetting;
  readonly #decoder: FrameDecoder;
  readonly #inflater: MessageInflater;
  readonly #input = new ReadBuffer();
  #reading = false;
  #closed = false;
  /** Of an inflated message what did not fit yet. */
  #inflated: Uint8Array = NOTHING;
  /** Control frames that answer the peer's. */
  #replies: Uint8Array[] = [];
  #failure: FrameError | InflateError | null = null;
  #ended = false;
  /** The close frame that will be sent, if the peer's doing decided on it. */
  #closeFrame: Uint8Array | null = null;
  #parting: Promise<void> | null = null;
  /** One write at a time: what comes meanwhile is a control frame. */
  #writing: Promise<void> = Promise.resolve();

  constructor(
    raw: Transport,
    rules: FrameRules & OutgoingRules,
    setting: WebsocketSetting,
  ) {
    this.#raw = raw;
    this.#rules = rules;
    this.#setting = setting;
    this.#decoder = new FrameDecoder(rules);
    this.#inflater = new MessageInflater(setting.maxPayload);
  }

  get local(): Endpoint {
    return this.#raw.local;
  }

  get remote(): Endpoint {
    return this.#raw.remote;
  }

  async read(target: Uint8Array): Promise<number | null> {
    for (;;) {
      const count = this.#decode(target);
      if (this.#replies.length > 0) await this.#reply();
      if (count > 0) return count;
      if (this.#failure !== null) return await this.#break(this.#failure);
      if (this.#ended || !await this.#refill()) return null;
    }
  }

  async write(source: Uint8Array): Promise<number> {
    const header = headerAlone(source, this.#rules);
    if (header === null) await this.#send(encodeFrames(source, this.#rules));
    else await this.#send(header, source);
    return source.length;
  }

  /** Tells the peer why the connection ends; gives up on one that does not read. */
  part(reason: CloseReason): Promise<void> {
    this.#parting ??= this.#sendLast(
      this.#closeFrame ?? controlFrame(
        Opcode.Close,
        closePayload(closeStatus(reason), reason),
      ),
    );
    return this.#parting;
  }

  async closeWrite(): Promise<void> {
    await this.part(CloseReason.ClientClosed);
    await this.#raw.closeWrite();
  }

  close(): void {
    this.#raw.close();
    this.#closed = true;
    if (!this.#reading) this.#release();
  }

  /** Decodes into `target` as far as bytes and room reach. */
  #decode(target: Uint8Array): number {
    let at = this.#takeInflated(target, 0);
    if (this.#failure !== null || this.#ended) return at;
    const { buffer, byteOffset, length } = target;
    const view = new DataView(buffer, byteOffset, length);
    try {
      while (at < target.length) {
        switch (this.#decoder.next()) {
          case "starved":
            return at;
          case "payload":
            if (this.#decoder.compressed) {
              this.#inflater.add(this.#decoder.takeAll());
            } else at += this.#decoder.take(view, at);
            break;
          case "end":
            if (!this.#decoder.compressed) break;
            this.#inflated = this.#inflater.finish();
            at += this.#takeInflated(target, at);
            break;
          case "ping":
            this.#replies.push(
              controlFrame(Opcode.Pong, this.#decoder.control),
            );
            break;
          case "pong":
            break;
          case "close":
            this.#closeFrame = controlFrame(
              Opcode.Close,
              closeAnswer(this.#decoder.control),
            );
            this.#ended = true;
            return at;
        }
      }
    } catch (error) {
      const expected = error instanceof FrameError ||
        error instanceof InflateError;
      if (!expected) throw error;
      // What came before it counts.
      this.#failure = error;
    }
    return at;
  }

  #takeInflated(target: Uint8Array, at: number): number {
    const part = this.#inflated.subarray(0, target.length - at);
    target.set(part, at);
    this.#inflated = this.#inflated.subarray(part.length);
    return part.length;
  }

  /** @returns false at the end of the stream */
  async #refill(): Promise<boolean> {
    const input = this.#input;
    // All of it has been decoded.
    input.consume(input.filled);
    this.#reading = true;
    try {
      const count = await this.#raw.read(input.space(0));
      if (count === null) return false;
      input.received(count);
      this.#decoder.feed(input.chunk.bytes.subarray(0, count));
      return true;
    } finally {
      this.#reading = false;
      if (this.#closed) this.#release();
    }
  }

  #release(): void {
    this.#decoder.feed(NOTHING);
    this.#input.release();
  }

  /**
   * Answers before more is read: who asks without listening must not make the
   * server hoard answers.
   */
  async #reply(): Promise<void> {
    const replies = this.#replies;
    this.#replies = [];
    for (const frame of replies) await this.#send(frame);
  }

  async #break(failure: FrameError | InflateError): Promise<never> {
    if (failure instanceof FrameError) {
      this.#closeFrame = controlFrame(
        Opcode.Close,
        closePayload(PROTOCOL_ERROR, failure.message),
      );
      await this.part(CloseReason.ReadError);
    }
    this.#setting.onViolation(failure.message);
    throw new TransportError(failure.message, "OTHER", { cause: failure });
  }

  #sendLast(frame: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#setting.timers.after(FAREWELL, resolve);
      const done = () => {
        timer.cancel();
        resolve();
      };
      this.#send(frame).then(done, done);
    });
  }

  /** Sends whole frames, in one piece or several. */
  #send(...pieces: readonly Uint8Array[]): Promise<void> {
    const written = this.#writing.then(() => this.#writeAll(pieces));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #writeAll(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      let rest = piece;
      while (rest.length > 0) {
        rest = rest.subarray(await this.#raw.write(rest));
      }
    }
  }
}
