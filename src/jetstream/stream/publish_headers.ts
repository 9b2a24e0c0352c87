/**
 * The headers of a message that mean something to a stream.
 *
 * As in the Go server, names are compared byte by byte, the first of equal
 * headers counts, and blanks before a value are no part of it.
 *
 * @module
 */

import {
  type Chunk,
  CR,
  decodeByteString,
  LF,
  SPACE,
} from "../../protocol/mod.ts";

/** Names that streams know. */
export const StreamHeader = {
  msgId: "Nats-Msg-Id",
  expectedStream: "Nats-Expected-Stream",
  expectedLastSequence: "Nats-Expected-Last-Sequence",
  expectedLastSubjectSequence: "Nats-Expected-Last-Subject-Sequence",
  expectedLastSubjectSequenceSubject:
    "Nats-Expected-Last-Subject-Sequence-Subject",
  expectedLastMsgId: "Nats-Expected-Last-Msg-Id",
  streamSource: "Nats-Stream-Source",
  rollup: "Nats-Rollup",
  ttl: "Nats-TTL",
  markerReason: "Nats-Marker-Reason",
  increment: "Nats-Incr",
  counterSources: "Nats-Counter-Sources",
  batchId: "Nats-Batch-Id",
  batchSequence: "Nats-Batch-Sequence",
  batchCommit: "Nats-Batch-Commit",
  schedule: "Nats-Schedule",
  scheduleTimeZone: "Nats-Schedule-Time-Zone",
  scheduleTtl: "Nats-Schedule-TTL",
  scheduleRollup: "Nats-Schedule-Rollup",
  scheduleTarget: "Nats-Schedule-Target",
  scheduleSource: "Nats-Schedule-Source",
  scheduleNext: "Nats-Schedule-Next",
  scheduler: "Nats-Scheduler",
  requiredApiLevel: "Nats-Required-Api-Level",
  requestInfo: "Nats-Request-Info",
} as const;

/** A header that streams know, by the name it has here. */
export type StreamHeaderKey = keyof typeof StreamHeader;

const KEYS = Object.keys(StreamHeader) as StreamHeaderKey[];
const COLON = 0x3a;
/** What all names begin with. */
const PREFIX = "Nats-";

interface Candidate {
  readonly index: number;
  readonly name: string;
}

/** Candidates by the length of the name. */
const BY_LENGTH: readonly (readonly Candidate[])[] = candidates();

function candidates(): Candidate[][] {
  const lengths: Candidate[][] = [];
  for (const [index, key] of KEYS.entries()) {
    const name = StreamHeader[key];
    (lengths[name.length] ??= []).push({ index, name });
  }
  return Array.from(lengths, (each) => each ?? []);
}

/** Finds them in one pass; used again for every message. */
export class PublishHeaders {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Start and end of each value; start 0: absent, as no value can begin there. */
  readonly #ranges = new Uint32Array(2 * KEYS.length);
  #found = 0;

  /** How many of the known headers are there. */
  get count(): number {
    return this.#found;
  }

  /** Looks at the block `chunk.bytes[start, end)`; an empty one has no headers. */
  scan({ bytes }: Chunk, start: number, end: number): void {
    this.clear();
    this.#bytes = bytes;
    let line = nextLine(bytes, start, end);
    while (line < end) {
      const next = nextLine(bytes, line, end);
      // The last line of a block that is cut off has no end of its own.
      if (startsWith(bytes, line, end, PREFIX)) this.#take(line, next, end);
      line = next;
    }
  }

  /** Forgets what was found. */
  clear(): void {
    if (this.#found > 0) this.#ranges.fill(0);
    this.#found = 0;
  }

  has(key: StreamHeaderKey): boolean {
    return this.#ranges[2 * INDEX[key]] !== 0;
  }

  /** Value as a byte string; empty when there is none, or it is. */
  get(key: StreamHeaderKey): string {
    const at = 2 * INDEX[key];
    const start = this.#ranges[at] as number;
    if (start === 0) return "";
    return decodeByteString(this.#bytes, start, this.#ranges[at + 1]);
  }

  #take(line: number, next: number, end: number): void {
    const bytes = this.#bytes;
    let colon = line + PREFIX.length;
    while (colon < next && bytes[colon] !== COLON) colon++;
    if (colon === next) return;
    for (const { index, name } of BY_LENGTH[colon - line] ?? []) {
      if (!startsWith(bytes, line, colon, name)) continue;
      if (this.#ranges[2 * index] !== 0) return;
      let from = colon + 1;
      while (from < end && bytes[from] === SPACE) from++;
      const closed = bytes[next - 1] === LF && bytes[next - 2] === CR;
      this.#ranges[2 * index] = from;
      this.#ranges[2 * index + 1] = Math.max(from, closed ? next - 2 : next);
      this.#found++;
      return;
    }
  }
}

const INDEX = Object.fromEntries(
  KEYS.map((key, index) => [key, index]),
) as Record<StreamHeaderKey, number>;

/** Position behind the next CR LF, or `end`. */
function nextLine(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start + 1; i < end; i++) {
    if (bytes[i] === LF && bytes[i - 1] === CR) return i + 1;
  }
  return end;
}

function startsWith(
  bytes: Uint8Array,
  start: number,
  end: number,
  text: string,
): boolean {
  if (end - start < text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
