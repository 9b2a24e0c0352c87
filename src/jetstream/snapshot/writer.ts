/**
 * Makes the bytes of a snapshot: an archive of a stream's state, its consumers
 * and its messages, compressed with S2.
 *
 * @module
 */

import { S2Encoder } from "../../protocol/mod.ts";
import {
  ByteWriter,
  type MessageReader,
  writeArchiveEntry,
  writeArchiveStart,
} from "../../store/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import type { ManagedConsumer } from "../assets.ts";
import { STREAM_STATE, type StreamState } from "../types/infos.ts";
import { CONSUMER_PREFIX, writeConsumer } from "./consumer_entry.ts";

/** Bytes that are compressed at once. */
const PIECE_SIZE = 65_536;

/** What goes into a snapshot. */
export interface SnapshotSource {
  readonly store: MessageReader;
  /** As it was when the snapshot began; what comes later is left out. */
  readonly state: StreamState;
  readonly consumers: readonly ManagedConsumer[];
  /** Nanoseconds since the Unix epoch. */
  readonly time: bigint;
}

/**
 * The bytes, piece by piece; messages are read as they are written.
 * @throws StoreError
 */
export function* snapshotPieces(source: SnapshotSource): Generator<Uint8Array> {
  const encoder = new S2Encoder();
  const out = new ByteWriter();
  writeArchiveStart(out);
  for (const _ of entries(source, out)) {
    if (out.size < PIECE_SIZE) continue;
    yield encoder.encode(out.written);
    out.clear();
  }
  yield encoder.encode(out.written);
}

/** Writes all entries; pauses behind each. */
function* entries(
  { store, state, consumers, time }: SnapshotSource,
  out: ByteWriter,
): Generator<void> {
  const { first_seq, last_seq } = state;
  const writeText = (name: string, text: string) => {
    const content = new TextEncoder().encode(text);
    const entry = { name, time, sequence: 0, headerSize: 0, content };
    writeArchiveEntry(out, entry);
  };
  const shown = { ...state, consumer_count: consumers.length };
  writeText("state.json", STREAM_STATE.write(shown));
  yield;
  for (const consumer of consumers) {
    const name = CONSUMER_PREFIX + nameOf(consumer);
    writeText(name, writeConsumer(consumer, last_seq));
    yield;
  }
  let from = first_seq;
  for (;;) {
    const message = store.loadNext(SubjectFilter.ALL, from);
    if (message === null || message.sequence > last_seq) break;
    const { subject, sequence, chunk, bodyStart, bodyEnd } = message;
    writeArchiveEntry(out, {
      name: subject,
      time: message.time,
      sequence,
      headerSize: Math.max(0, message.headerSize),
      content: chunk.bytes.subarray(bodyStart, bodyEnd),
    });
    from = sequence + 1;
    yield;
  }
  // Who reads it knows by this that nothing is missing.
  const end = { name: "", time: 0n, sequence: 0, headerSize: 0 };
  writeArchiveEntry(out, { ...end, content: new Uint8Array() });
}

/** As a byte string, which names in archives are. */
function nameOf({ name }: ManagedConsumer): string {
  return String.fromCharCode(...new TextEncoder().encode(name));
}
