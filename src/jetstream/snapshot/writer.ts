/**
 * Makes the bytes of a snapshot: an archive of a stream's state, its consumers
 * and its messages, compressed with S2.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { S2Encoder } from "../../protocol/mod.ts";
import {
  ByteWriter,
  type MessageReader,
  writeArchiveEntry,
  writeArchiveHead,
  writeArchiveStart,
} from "../../store/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import type { ManagedConsumer } from "../assets.ts";
import { STREAM_STATE, type StreamState } from "../types/infos.ts";
import { CONSUMER_PREFIX, writingConsumer } from "./consumer_entry.ts";

/** Bytes that are compressed at once. */
const PIECE_SIZE = 65_536;
const NOTHING = new Uint8Array();

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
  for (const pause of entries(source, out)) {
    if (out.size >= PIECE_SIZE) {
      yield encoder.encode(out.written);
      out.clear();
    } else if (pause === "rest") yield NOTHING;
  }
  yield encoder.encode(out.written);
}

/** Behind an entry or a part of it; or there may be nothing for long. */
type Pause = "written" | "rest";

/** Writes all entries. */
function* entries(
  { store, state, consumers, time }: SnapshotSource,
  out: ByteWriter,
): Generator<Pause> {
  const { first_seq, last_seq } = state;
  const head = { time, sequence: 0, headerSize: 0 };
  const shown = { ...state, consumer_count: consumers.length };
  writeArchiveEntry(out, {
    ...head,
    name: "state.json",
    content: new TextEncoder().encode(STREAM_STATE.write(shown)),
  });
  yield "written";
  for (const consumer of consumers) {
    const pieces = yield* resting(writingConsumer(consumer, last_seq));
    writeArchiveHead(out, {
      ...head,
      name: CONSUMER_PREFIX + nameOf(consumer),
      contentSize: pieces.reduce((size, { length }) => size + length, 0),
    });
    for (const piece of pieces) {
      out.put(piece);
      yield "written";
    }
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
    yield "written";
  }
  // Who reads it knows by this that nothing is missing.
  const end = { name: "", time: 0n, sequence: 0, headerSize: 0 };
  writeArchiveEntry(out, { ...end, content: new Uint8Array() });
}

/** Does work that waits for nothing but its turns. */
function* resting<T>(work: Work<T>): Generator<Pause, T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    yield "rest";
  }
}

/** As a byte string, which names in archives are. */
function nameOf({ name }: ManagedConsumer): string {
  return String.fromCharCode(...new TextEncoder().encode(name));
}
