/**
 * Brings a stream back from the bytes of a snapshot.
 *
 * @module
 */

import { asLongAs, finish, type Work } from "../../connection/mod.ts";
import { Chunk, S2Decoder } from "../../protocol/mod.ts";
import {
  ARCHIVE_MAGIC,
  ArchiveDecoder,
  type ArchiveEntry,
} from "../../store/mod.ts";
import { isValidPublishSubject, subjectToText } from "../../subject/mod.ts";
import type { JetStreamAccount } from "../account.ts";
import type { FoundConsumer, ManagedStream } from "../assets.ts";
import { ApiError } from "../errors.ts";
import { readLeniently } from "../json/read.ts";
import { headerValue } from "../stream/header_block.ts";
import { parseMessageTtl } from "../stream/message_ttl.ts";
import { recordSize } from "../stream/record_size.ts";
import { STREAM_STATE, type StreamState } from "../types/infos.ts";
import type { StreamConfig } from "../types/stream_config.ts";
import { CONSUMER_PREFIX, readingConsumer } from "./consumer_entry.ts";

/** Entries that are taken between two rests. */
const STRIDE = 8;

/** What takes the decompressed bytes of a snapshot. */
export interface Restoration {
  /** Takes bytes, step by step. @throws Error when they can't be what they should be */
  pushing(bytes: Uint8Array): Work<void>;
  /** Everything has come; step by step. @throws Error when something is missing */
  ending(): Work<ManagedStream>;
  /** Something went wrong: leaves nothing half done. */
  abandon(): void;
}

/** What restorations need. */
export interface RestoreContext {
  readonly account: JetStreamAccount;
  /** Checked. */
  readonly config: StreamConfig;
  /** Nanoseconds since the Unix epoch. */
  readonly now: () => bigint;
  readonly maxPayload: number;
  /** Takes the older kind of snapshot. */
  readonly files: () => Restoration;
}

/** Decompresses, finds out what kind of snapshot it is, and restores. */
export class SnapshotRestorer {
  readonly #context: RestoreContext;
  readonly #decoder = new S2Decoder();
  #start: Uint8Array = new Uint8Array();
  #restoration: Restoration | null = null;

  constructor(context: RestoreContext) {
    this.#context = context;
  }

  /** Takes bytes, step by step. @throws Error */
  *pushing(bytes: Uint8Array): Work<void> {
    for (const piece of this.#decoder.decoding(bytes)) {
      yield* this.#take(piece);
      yield;
    }
  }

  /** Step by step. @throws Error */
  *ending(): Work<ManagedStream> {
    this.#decoder.end();
    if (this.#restoration === null) throw new Error("unexpected EOF");
    return yield* this.#restoration.ending();
  }

  abandon(): void {
    this.#restoration?.abandon();
  }

  *#take(piece: Uint8Array): Work<void> {
    if (this.#restoration !== null) {
      return yield* this.#restoration.pushing(piece);
    }
    const start = new Uint8Array(this.#start.length + piece.length);
    start.set(this.#start);
    start.set(piece, this.#start.length);
    this.#start = start;
    if (start.length < ARCHIVE_MAGIC.length) return;
    const magic = String.fromCharCode(
      ...start.subarray(0, ARCHIVE_MAGIC.length),
    );
    this.#restoration = magic === ARCHIVE_MAGIC
      ? new ArchiveRestoration(this.#context)
      : this.#context.files();
    yield* this.#restoration.pushing(start);
  }
}

/** From an archive of messages. */
class ArchiveRestoration implements Restoration {
  readonly #context: RestoreContext;
  readonly #decoder = new ArchiveDecoder();
  readonly #consumers: FoundConsumer[] = [];
  #state: StreamState | null = null;
  #stream: ManagedStream | null = null;
  #last = 0;
  #ended = false;

  constructor(context: RestoreContext) {
    this.#context = context;
  }

  *pushing(bytes: Uint8Array): Work<void> {
    this.#decoder.push(bytes);
    let taken = 0;
    for (
      let entry = this.#decoder.next();
      entry !== null && !this.#ended;
      entry = this.#decoder.next()
    ) {
      yield* this.#taking(entry);
      if (++taken % STRIDE === 0) yield;
    }
    // Else a whole block would be written at once when it is full.
    this.#stream?.store?.flush();
  }

  *ending(): Work<ManagedStream> {
    const [stream, state] = [this.#stream, this.#state];
    if (!this.#ended || stream === null || state === null) {
      throw new Error(this.#decoder.isBetween ? "EOF" : "unexpected EOF");
    }
    const missing = state.last_seq - this.#last;
    if (missing > 0) stream.store?.skip(missing);
    yield* this.#recovering(stream);
    this.#complete(stream);
    return stream;
  }

  *#recovering(stream: ManagedStream): Work<void> {
    const isThere = () => this.#isThere;
    for (let found; (found = this.#consumers[0]) !== undefined;) {
      try {
        yield* asLongAs(isThere, stream.recoveringConsumer(found));
      } catch (error) {
        this.#consumers.shift();
        throw error;
      }
      if (!isThere()) throw new ApiError("streamNotFound");
      // Until then it is still to come, should this be given up.
      this.#consumers.shift();
      yield;
    }
  }

  /** Whether nobody has deleted the stream meanwhile. */
  get #isThere(): boolean {
    const { account, config } = this.#context;
    return account.streams.get(config.name) === this.#stream;
  }

  abandon(): void {
    const stream = this.#stream;
    if (stream === null || !this.#isThere) return;
    // What has come so far is kept, and can be used.
    for (const found of this.#consumers.splice(0)) {
      try {
        finish(stream.recoveringConsumer(found));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }
    this.#complete(stream);
  }

  /** Puts the stream into service, or leaves nothing of it. */
  #complete(stream: ManagedStream): void {
    this.#stream = null;
    try {
      stream.completeRestore();
    } catch (error) {
      this.#context.account.delete(stream);
      throw error;
    }
  }

  *#taking(entry: ArchiveEntry): Work<void> {
    if (this.#state === null) return this.#begin(entry);
    if (this.#consumers.length < this.#state.consumer_count) {
      return yield* this.#takingConsumer(entry);
    }
    if (entry.sequence === 0) {
      const isEnd = entry.name === "" && entry.time === 0n &&
        entry.content.length === 0;
      if (!isEnd) throw new Error("expected message sequence");
      this.#ended = true;
    } else this.#takeMessage(entry);
  }

  #begin({ name, content }: ArchiveEntry): void {
    if (name !== "state.json") throw new Error("expected state.json first");
    const state = readState(content);
    checkState(state);
    const { account, config } = this.#context;
    account.checkUsage(config, state.bytes);
    this.#stream = account.restore(config, state.bytes);
    if (state.first_seq > 0) this.#stream.store?.compact(state.first_seq);
    this.#state = state;
    this.#last = Math.max(0, state.first_seq - 1);
  }

  *#takingConsumer(entry: ArchiveEntry): Work<void> {
    const { content } = entry;
    const text = subjectToText(entry.name);
    if (!text.startsWith(CONSUMER_PREFIX)) {
      throw new Error(`expected consumer, found "${text}"`);
    }
    const own = text.slice(CONSUMER_PREFIX.length);
    const { config, state } = yield* readingConsumer(own, content);
    const name = config.durable_name || own;
    try {
      this.#stream?.checkConsumer(name, config);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const quoted = JSON.stringify(own);
      throw new Error(`failed to add consumer ${quoted}: ${reason}`);
    }
    const created = this.#context.now();
    this.#consumers.push({ name, config, created, state });
  }

  #takeMessage({ name, time, sequence, headerSize, content }: ArchiveEntry) {
    const store = this.#stream?.store;
    if (store === null || store === undefined) return;
    // It becomes a part of protocol lines.
    if (!isValidPublishSubject(name)) {
      throw new Error(`message sequence ${sequence} has an invalid subject`);
    }
    this.#checkSize(sequence, content.length);
    if (sequence <= this.#last) {
      throw new Error(`message sequence ${sequence} out of order`);
    }
    const gap = sequence - this.#last - 1;
    if (gap > 0) store.skip(gap);
    this.#last = sequence;
    const ttl = ttlOf(content.subarray(0, headerSize));
    const expires = time + BigInt(Math.max(0, ttl)) * 1_000_000_000n;
    if (ttl > 0 && this.#context.now() > expires) {
      store.skip(1);
      return;
    }
    const { account, config } = this.#context;
    const measures = { subject: name, size: content.length, headerSize };
    account.checkUsage(config, recordSize(measures, config.storage));
    store.appendAt(sequence, {
      subject: name,
      body: {
        chunk: Chunk.of(content),
        bodyStart: 0,
        bodyEnd: content.length,
        headerSize: headerSize === 0 ? -1 : headerSize,
      },
      ttl,
      time,
    });
  }

  #checkSize(sequence: number, size: number): void {
    const { maxPayload, config: { max_msg_size } } = this.#context;
    if (size > maxPayload) {
      throw new Error(
        `message sequence ${sequence} exceeds maximum payload size`,
      );
    }
    if (max_msg_size >= 0 && size > max_msg_size) {
      throw new Error(
        `message sequence ${sequence} exceeds maximum message size`,
      );
    }
  }
}

function readState(json: Uint8Array): StreamState {
  try {
    return readLeniently(STREAM_STATE, json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`error in state.json: ${reason}`);
  }
}

/** @throws Error when the figures contradict each other */
function checkState(state: StreamState): void {
  const { first_seq, last_seq, messages, consumer_count } = state;
  const invalid = (what: string) => {
    throw new Error(`invalid stream state: ${what}`);
  };
  if (consumer_count < 0) invalid("negative consumer count");
  const range = "inconsistent message count or sequence range";
  if (first_seq === 0) {
    if (last_seq !== 0 || messages !== 0) invalid(range);
  } else if (first_seq > last_seq) {
    if (first_seq - 1 !== last_seq || messages !== 0) invalid(range);
  } else if (messages > last_seq - first_seq + 1) {
    invalid("message count exceeds sequence range");
  }
}

/** Seconds that a message is to live; 0: it does not say. */
function ttlOf(header: Uint8Array): number {
  if (header.length === 0) return 0;
  const block = String.fromCharCode(...header);
  return parseMessageTtl(headerValue(block, "Nats-TTL") ?? "") ?? 0;
}
