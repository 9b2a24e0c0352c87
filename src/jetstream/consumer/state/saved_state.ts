/**
 * The state of a consumer as its store keeps it.
 *
 * @module
 */

import { sorting, type Work } from "../../../connection/mod.ts";
import type { ConsumerState, PendingDelivery } from "../../../store/mod.ts";
import type { DeliveryState } from "./delivery_state.ts";
import { NO_SLOT, type PendingTable } from "./pending_table.ts";

const NANOS_PER_MILLI = 1_000_000;
/** Entries between two rests. */
const STEP = 512;

/**
 * A picture of the state. What is pending may change while it is gone through:
 * who reads on hears of all that is pending all the time, and maybe of what was
 * for a while.
 */
export function savedState(state: DeliveryState): ConsumerState {
  return {
    delivered: {
      consumer: state.deliveredConsumer,
      stream: state.deliveredStream,
    },
    ackFloor: {
      consumer: state.shownFloorConsumer,
      stream: state.shownFloorStream,
    },
    pending: new PendingView(state.pending),
    redelivered: state.redelivered,
  };
}

/**
 * Takes over what was saved, step by step. Everything pending waits anew from
 * its last delivery on.
 */
export function* restoringState(
  state: DeliveryState,
  { delivered, ackFloor, pending, redelivered }: ConsumerState,
): Work<void> {
  state.startAt(delivered.stream + 1);
  state.deliveredConsumer = delivered.consumer;
  state.ackFloorConsumer = ackFloor.consumer;
  state.ackFloorStream = ackFloor.stream;
  state.showFloor();
  const sequences: number[] = [];
  for (const each of pending.keys()) {
    if (sequences.push(each) % STEP === 0) yield;
  }
  let taken = 0;
  for (const each of yield* sorting(sequences, (a, b) => a - b)) {
    const { sequence, time } = pending.get(each) as PendingDelivery;
    state.pending.add(each, sequence, Number(time / 1000n) / 1000);
    if (++taken % STEP === 0) yield;
  }
  for (const [each, count] of redelivered) {
    state.redelivered.set(each, count);
    if (++taken % STEP === 0) yield;
  }
}

/** Rows of a table as a map by stream sequence, made while it is read. */
class PendingView implements ReadonlyMap<number, PendingDelivery> {
  readonly #table: PendingTable;

  constructor(table: PendingTable) {
    this.#table = table;
  }

  get size(): number {
    return this.#table.count;
  }

  has(sequence: number): boolean {
    return this.#table.find(sequence) !== NO_SLOT;
  }

  get(sequence: number): PendingDelivery | undefined {
    const table = this.#table;
    const slot = table.find(sequence);
    return slot === NO_SLOT
      ? undefined
      : delivery(table.consumerSequence(slot), table.time(slot));
  }

  forEach(
    callback: (
      value: PendingDelivery,
      key: number,
      map: ReadonlyMap<number, PendingDelivery>,
    ) => void,
  ): void {
    for (const [sequence, row] of this) callback(row, sequence, this);
  }

  *entries(): Generator<[number, PendingDelivery], undefined> {
    for (const { sequence, consumerSequence, time } of this.#table.rows()) {
      yield [sequence, delivery(consumerSequence, time)];
    }
  }

  *keys(): Generator<number, undefined> {
    for (const [sequence] of this.entries()) yield sequence;
  }

  *values(): Generator<PendingDelivery, undefined> {
    for (const [, row] of this.entries()) yield row;
  }

  [Symbol.iterator](): Generator<[number, PendingDelivery], undefined> {
    return this.entries();
  }
}

function delivery(sequence: number, time: number): PendingDelivery {
  return { sequence, time: nanos(time) };
}

function nanos(milliseconds: number): bigint {
  const whole = Math.floor(milliseconds);
  const rest = Math.floor((milliseconds - whole) * NANOS_PER_MILLI);
  return BigInt(whole) * 1_000_000n + BigInt(rest);
}
