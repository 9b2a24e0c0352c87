/**
 * Consumers in the archive of a snapshot: JSON of configuration and state.
 *
 * @module
 */

import type { ConsumerState } from "../../store/mod.ts";
import type { ManagedConsumer } from "../assets.ts";
import { int64, type Kind, mapOf, nullable, uint64 } from "../json/kind.ts";
import { readLeniently } from "../json/read.ts";
import { omit, struct } from "../json/struct.ts";
import {
  CONSUMER_CONFIG,
  type ConsumerConfig,
} from "../types/consumer_config.ts";

/** Where consumers stand in an archive. */
export const CONSUMER_PREFIX = "consumers/";

interface PairJson {
  consumer_seq: number;
  stream_seq: number;
}

const PAIR: Kind<PairJson> = struct<PairJson>("SequencePair", {
  consumer_seq: uint64,
  stream_seq: uint64,
});

interface StateJson {
  delivered: PairJson;
  ack_floor: PairJson;
  pending: Map<string, { Sequence: number; Timestamp: number }>;
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
      pending: omit(mapOf(
        struct<{ Sequence: number; Timestamp: number }>("Pending", {
          Sequence: uint64,
          Timestamp: int64,
        }),
      )),
      redelivered: omit(mapOf(uint64)),
    }),
  ),
});

/** A consumer as the archive has it. */
export interface ConsumerEntry {
  readonly config: ConsumerConfig;
  readonly state: ConsumerState;
}

/** JSON of a consumer. @param last what comes behind it is not in the snapshot */
export function writeConsumer(consumer: ManagedConsumer, last: number): string {
  const { delivered, ackFloor, pending, redelivered } = consumer.position();
  const upToLast = <T>(entries: ReadonlyMap<number, T>): [number, T][] =>
    [...entries].filter(([sequence]) => sequence <= last);
  return ENTRY.write({
    config: { ...consumer.config, name: consumer.name },
    state: {
      delivered: {
        consumer_seq: delivered.consumer,
        stream_seq: Math.min(delivered.stream, last),
      },
      ack_floor: {
        consumer_seq: ackFloor.consumer,
        stream_seq: Math.min(ackFloor.stream, last),
      },
      pending: new Map(
        upToLast(pending).map(([key, { sequence, time }]) => [String(key), {
          Sequence: sequence,
          Timestamp: Number(time),
        }]),
      ),
      redelivered: new Map(
        upToLast(redelivered).map(([key, count]) => [String(key), count]),
      ),
    },
  });
}

/** @throws Error telling what is wrong or missing */
export function readConsumer(name: string, json: Uint8Array): ConsumerEntry {
  const { config, state } = decode(name, json);
  if (config === null) throw new Error(`consumer "${name}" is missing config`);
  if (state === null) throw new Error(`consumer "${name}" is missing state`);
  const pending = [...state.pending].map(([key, each]) =>
    [Number(key), {
      sequence: each.Sequence,
      time: BigInt(each.Timestamp),
    }] as const
  );
  return {
    config,
    state: {
      delivered: pairOf(state.delivered),
      ackFloor: pairOf(state.ack_floor),
      pending: new Map(pending),
      redelivered: new Map(
        [...state.redelivered].map(([key, count]) => [Number(key), count]),
      ),
    },
  };
}

function decode(name: string, json: Uint8Array): EntryJson {
  try {
    return readLeniently(ENTRY, json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`failed to decode consumer "${name}" state: ${reason}`);
  }
}

function pairOf({ consumer_seq, stream_seq }: PairJson) {
  return { consumer: consumer_seq, stream: stream_seq };
}
