/**
 * What a consumer tells of itself.
 *
 * @module
 */

import { formatTime } from "../json/time.ts";
import type {
  ConsumerInfo,
  PriorityGroupState,
  SequenceInfo,
} from "../types/infos.ts";
import type { Consumer } from "./consumer.ts";
import { PullMode } from "./pull_mode.ts";
import { PushMode } from "./push_mode.ts";

const NANOS_PER_MILLI = 1_000_000n;

export function consumerInfo(consumer: Consumer): ConsumerInfo {
  const { state, config, mode, host } = consumer;
  const { clock } = host;
  const nanos = clock.nowNanos();
  const pull = mode instanceof PullMode ? mode : null;
  pull?.scan(false, clock.monotonic());
  const pause = consumer.pausedUntil === null
    ? 0n
    : consumer.pausedUntil - nanos;
  return {
    stream_name: consumer.streamName,
    name: consumer.name,
    created: formatTime(consumer.createdAt),
    config,
    delivered: delivered(consumer),
    ack_floor: {
      consumer_seq: state.shownFloorConsumer,
      stream_seq: state.shownFloorStream,
      last_active: timeOf(consumer.lastAcknowledged),
    },
    num_ack_pending: state.pending.count,
    // With a single delivery there are no redeliveries to tell of.
    num_redelivered: config.max_deliver === 1 ? 0 : state.redelivered.size,
    num_waiting: pull?.queue.size ?? 0,
    num_pending: consumer.countPending(),
    cluster: null,
    push_bound: mode instanceof PushMode && mode.isActive,
    paused: pause > 0n,
    pause_remaining: Number(pause > 0n ? pause : 0n),
    ts: formatTime(nanos),
    priority_groups: groupStates(consumer),
  };
}

/** Without any delivery, consumers that are kept in memory tell how far they looked. */
function delivered(consumer: Consumer): SequenceInfo {
  const { state, store, kept } = consumer;
  const { deliveredConsumer, deliveredStream } = state;
  const inMemory = kept === null || store.storage === "memory";
  const looked = inMemory && deliveredConsumer === 0 && deliveredStream === 0;
  return {
    consumer_seq: deliveredConsumer,
    stream_seq: looked ? state.next - 1 : deliveredStream,
    last_active: timeOf(consumer.lastDelivered),
  };
}

/** One group stands for all, as there is one pin. */
function groupStates({ config, mode }: Consumer): PriorityGroupState[] {
  const [group] = config.priority_groups;
  if (group === undefined || !(mode instanceof PullMode)) return [];
  const { pins } = mode;
  return [{ group, pinned_client_id: pins.current, pinned_ts: pins.since }];
}

/** @param wall milliseconds; 0: never */
function timeOf(wall: number): string | null {
  return wall === 0 ? null : formatTime(BigInt(wall) * NANOS_PER_MILLI);
}
