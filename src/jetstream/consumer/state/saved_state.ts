/**
 * The state of a consumer as its store keeps it.
 *
 * @module
 */

import { sorting, type Work } from "../../../connection/mod.ts";
import type {
  ConsumerState,
  Entries,
  PendingDelivery,
} from "../../../store/mod.ts";
import type { DeliveryState } from "./delivery_state.ts";
import { NO_SLOT, type PendingRow } from "./pending_table.ts";

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
    pending: new PendingView(state),
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
  const rows = new Rows(pending.size);
  for (const each of pending) if (rows.add(each)) yield;
  for (const row of yield* rows.inOrder()) {
    const { sequence, consumerSequence, time } = rows.at(row);
    const present = state.pending.last;
    if (present !== NO_SLOT && state.pending.sequence(present) === sequence) {
      state.pending.remove(present);
    }
    state.pending.add(sequence, consumerSequence, time);
    if (row % STEP === 0) yield;
  }
  let taken = 0;
  for (const [each, count] of redelivered) {
    state.redelivered.set(each, count);
    if (++taken % STEP === 0) yield;
  }
}

/** What was pending, to be put in order. */
class Rows {
  #count = 0;
  #isOrdered = true;
  readonly #sequences: Float64Array;
  readonly #consumerSequences: Float64Array;
  readonly #times: Float64Array;

  constructor(size: number) {
    this.#sequences = new Float64Array(size);
    this.#consumerSequences = new Float64Array(size);
    this.#times = new Float64Array(size);
  }

  /** @returns whether to rest */
  add([stream, { sequence, time }]: [number, PendingDelivery]): boolean {
    const row = this.#count++;
    if (row > 0 && stream <= (this.#sequences[row - 1] as number)) {
      this.#isOrdered = false;
    }
    this.#sequences[row] = stream;
    this.#consumerSequences[row] = sequence;
    this.#times[row] = Number(time / 1000n) / 1000;
    return this.#count % STEP === 0;
  }

  at(row: number): PendingRow {
    return {
      sequence: this.#sequences[row] as number,
      consumerSequence: this.#consumerSequences[row] as number,
      time: this.#times[row] as number,
    };
  }

  /** Numbers of rows by sequence; of equal ones, as they came. */
  *inOrder(): Work<readonly number[]> {
    const all: number[] = [];
    while (all.length < this.#count) {
      if (all.push(all.length) % STEP === 0) yield;
    }
    if (this.#isOrdered) return all;
    const sequences = this.#sequences;
    return yield* sorting(
      all,
      (a, b) => (sequences[a] as number) - (sequences[b] as number),
    );
  }
}

/**
 * The stream has lost everything behind `last`: goes back, so that nothing
 * stored from now on is passed over.
 */
export function* rewinding(state: DeliveryState, last: number): Work<void> {
  const { pending, queue, redelivered } = state;
  if (state.ackFloorStream > last) {
    state.ackFloorStream = last;
    state.ackFloorConsumer = state.deliveredConsumer;
    pending.clear();
    queue.clear();
    redelivered.clear();
  }
  let steps = 0;
  while (pending.last !== NO_SLOT && pending.sequence(pending.last) > last) {
    queue.leave(pending.last);
    pending.remove(pending.last);
    if (++steps % STEP === 0) yield;
  }
  for (const sequence of redelivered.keys()) {
    if (sequence > last) redelivered.delete(sequence);
    if (++steps % STEP === 0) yield;
  }
  state.deliveredStream = state.ackFloorStream;
  state.deliveredConsumer = state.ackFloorConsumer;
  if (pending.last !== NO_SLOT) {
    state.deliveredStream = pending.sequence(pending.last);
    state.deliveredConsumer = pending.consumerSequence(pending.last);
  }
  state.next = state.deliveredStream + 1;
  state.showFloor();
}

/**
 * What is pending, as it is when it is gone through. What is settled and has yet
 * to be removed is left out, but it counts.
 */
class PendingView implements Entries<PendingDelivery> {
  readonly #state: DeliveryState;

  constructor(state: DeliveryState) {
    this.#state = state;
  }

  get size(): number {
    return this.#state.pending.count;
  }

  *[Symbol.iterator](): Generator<[number, PendingDelivery], undefined> {
    for (const row of this.#state.pending.rows()) {
      const { sequence, consumerSequence, time } = row;
      if (this.#state.isSettled(sequence)) continue;
      yield [sequence, { sequence: consumerSequence, time: nanos(time) }];
    }
  }
}

function nanos(milliseconds: number): bigint {
  const whole = Math.floor(milliseconds);
  const rest = Math.floor((milliseconds - whole) * NANOS_PER_MILLI);
  return BigInt(whole) * 1_000_000n + BigInt(rest);
}
