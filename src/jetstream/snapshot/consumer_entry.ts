/**
 * Consumers in the archive of a snapshot: JSON of configuration and state.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { joinBytes } from "../../protocol/mod.ts";
import {
  type ConsumerPosition,
  type ConsumerState,
  DeliveryList,
  type Entries,
  PairList,
} from "../../store/mod.ts";
import type { ManagedConsumer } from "../assets.ts";
import { int64, type Kind, mapOf, nullable, uint64 } from "../json/kind.ts";
import { readLeniently } from "../json/read.ts";
import { omit, struct } from "../json/struct.ts";
import {
  CONSUMER_CONFIG,
  type ConsumerConfig,
} from "../types/consumer_config.ts";
import { cuttingMaps } from "./map_cutter.ts";

/** Where consumers stand in an archive. */
export const CONSUMER_PREFIX = "consumers/";

/** Entries of a map that are put in order before they are written. */
const ORDERED_MAX = 4096;
/** Entries between two rests. */
const STEP = 512;
/** Characters of a piece of text. */
const PIECE = 65_536;
/** Bytes from which on an entry is read in parts. */
const LONG = 16_384;

const encoder = new TextEncoder();

interface PairJson {
  consumer_seq: number;
  stream_seq: number;
}

const PAIR: Kind<PairJson> = struct<PairJson>("SequencePair", {
  consumer_seq: uint64,
  stream_seq: uint64,
});

interface PendingJson {
  Sequence: number;
  Timestamp: number;
}

const PENDING: Kind<PendingJson> = struct<PendingJson>("Pending", {
  Sequence: uint64,
  Timestamp: int64,
});

const PENDING_MAP = mapOf(PENDING);
const REDELIVERED_MAP = mapOf(uint64);

interface StateJson {
  delivered: PairJson;
  ack_floor: PairJson;
  pending: Map<string, PendingJson>;
  redelivered: Map<string, number>;
}

interface EntryJson {
  config: ConsumerConfig | null;
  state: StateJson | null;
}

const ENTRY: Kind<EntryJson> = struct<EntryJson>("SnapshotConsumerState", {
  config: nullable(CONSUMER_CONFIG),
  state: nullable(
    struct<StateJson>("ConsumerState", {
      delivered: PAIR,
      ack_floor: PAIR,
      pending: omit(PENDING_MAP),
      redelivered: omit(REDELIVERED_MAP),
    }),
  ),
});

/** A consumer as the archive has it. */
export interface ConsumerEntry {
  readonly config: ConsumerConfig;
  readonly state: ConsumerState;
}

/**
 * JSON of a consumer in pieces, step by step.
 * @param last what comes behind it is not in the snapshot
 */
export function* writingConsumer(
  consumer: Pick<ManagedConsumer, "name" | "config" | "position">,
  last: number,
): Work<Uint8Array[]> {
  const { delivered, ackFloor, pending, redelivered } = consumer.position();
  // More may be delivered meanwhile.
  const end = Math.min(last, delivered.stream);
  const config = CONSUMER_CONFIG.write({
    ...consumer.config,
    name: consumer.name,
  });
  const text = new PiecedText();
  text.add(
    `{"config":${config},"state":{"delivered":${writePair(delivered, last)}` +
      `,"ack_floor":${writePair(ackFloor, last)}`,
  );
  yield* writingMap(
    text,
    "pending",
    upTo(end, pending),
    ({ sequence, time }) =>
      PENDING.write({ Sequence: sequence, Timestamp: Number(time) }),
  );
  yield* writingMap(
    text,
    "redelivered",
    upTo(end, redelivered),
    (count) => uint64.write(count),
  );
  text.add("}}");
  return text.pieces();
}

function writePair(
  { consumer, stream }: ConsumerPosition,
  last: number,
): string {
  return PAIR.write({
    consumer_seq: consumer,
    stream_seq: Math.min(stream, last),
  });
}

/** Entries up to `last`, as Go orders them unless they are very many. */
function upTo<T>(
  last: number,
  entries: Entries<T>,
): Iterable<[number, T] | null> {
  if (entries.size > ORDERED_MAX) return masked(entries, last);
  return [...entries].filter(([sequence]) => sequence <= last)
    .map(([sequence, each]) => [String(sequence), sequence, each] as const)
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([, sequence, each]) => [sequence, each]);
}

/** With null instead of those that come behind. */
function* masked<T>(
  entries: Iterable<[number, T]>,
  last: number,
): Generator<[number, T] | null> {
  for (const each of entries) yield each[0] <= last ? each : null;
}

/** Writes a map of a structure, behind other fields of it, unless it is empty. */
function* writingMap<T>(
  text: PiecedText,
  key: string,
  entries: Iterable<[number, T] | null>,
  write: (each: T) => string,
): Work<void> {
  let opening = `,"${key}":{`;
  let looks = 0;
  for (const entry of entries) {
    if (++looks % STEP === 0) yield;
    if (entry === null) continue;
    const [sequence, each] = entry;
    text.add(`${opening}"${sequence}":${write(each)}`);
    opening = ",";
  }
  if (opening === ",") text.add("}");
}

/** Text that grows, as bytes in pieces. */
class PiecedText {
  readonly #pieces: Uint8Array[] = [];
  #text = "";

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE) this.#cut();
  }

  pieces(): Uint8Array[] {
    this.#cut();
    return this.#pieces;
  }

  #cut(): void {
    this.#pieces.push(encoder.encode(this.#text));
    this.#text = "";
  }
}

/** Reads it, step by step. @throws Error telling what is wrong or missing */
export function* readingConsumer(
  name: string,
  json: Uint8Array,
): Work<ConsumerEntry> {
  const cut = json.length < LONG
    ? null
    : yield* cuttingMaps(json, "state", ["pending", "redelivered"]);
  const rest = cut === null ? json : joinBytes(cut.rest);
  const { config, state } = decode(ENTRY, name, rest);
  if (config === null) throw new Error(`consumer "${name}" is missing config`);
  if (state === null) throw new Error(`consumer "${name}" is missing state`);
  const partsOf = (field: string) => cut?.maps.get(field) ?? [];
  const pending = new DeliveryList();
  const takePending = (each: StateJson["pending"]) => {
    for (const [key, { Sequence, Timestamp }] of each) {
      const delivery = { sequence: Sequence, time: BigInt(Timestamp) };
      pending.add(Number(key), delivery);
    }
  };
  takePending(state.pending);
  for (const part of partsOf("pending")) {
    takePending(decode(PENDING_MAP, name, part));
    yield;
  }
  const redelivered = new PairList();
  const takeRedelivered = (each: StateJson["redelivered"]) => {
    for (const [key, count] of each) redelivered.add(Number(key), count);
  };
  takeRedelivered(state.redelivered);
  for (const part of partsOf("redelivered")) {
    takeRedelivered(decode(REDELIVERED_MAP, name, part));
    yield;
  }
  return {
    config,
    state: {
      delivered: pairOf(state.delivered),
      ackFloor: pairOf(state.ack_floor),
      pending,
      redelivered,
    },
  };
}

function decode<T>(kind: Kind<T>, name: string, json: Uint8Array): T {
  try {
    return readLeniently(kind, json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`failed to decode consumer "${name}" state: ${reason}`);
  }
}

function pairOf({ consumer_seq, stream_seq }: PairJson) {
  return { consumer: consumer_seq, stream: stream_seq };
}
