import { finish } from "../../../../src/connection/mod.ts";
import { assert, assertEquals } from "@std/assert";
import {
  AckOutcome,
  type DeliveryPolicy,
  DeliveryState,
  NO_SLOT,
  restoringState,
  rewinding,
  savedState,
} from "../../../../src/jetstream/consumer/state/mod.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { type Picture, StateModel } from "./state_model.ts";

const POLICY: DeliveryPolicy = {
  ack: "explicit",
  ackWait: 30_000,
  backoff: [],
  maxDeliver: 0,
  maxAckPending: 0,
};

function stateWith(
  policy: Partial<DeliveryPolicy>,
  deliveries = 0,
): DeliveryState {
  const state = new DeliveryState({ ...POLICY, ...policy });
  for (let i = 1; i <= deliveries; i++) {
    state.deliver(i, 1000);
    state.next = i + 1;
  }
  return state;
}

function picture(state: DeliveryState): Picture {
  const rows: [number, number, number, number][] = [];
  const { pending } = state;
  for (let slot = pending.first; slot !== NO_SLOT; slot = pending.after(slot)) {
    rows.push([
      pending.sequence(slot),
      pending.consumerSequence(slot),
      pending.time(slot),
      pending.ticket(slot),
    ]);
  }
  const queued = rows.filter(([, , , ticket]) => ticket !== 0)
    .sort(([, , , a], [, , , b]) => a - b);
  assertEquals(queued.length, state.queue.count);
  return {
    next: state.next,
    delivered: [state.deliveredConsumer, state.deliveredStream],
    floor: [state.ackFloorConsumer, state.ackFloorStream],
    shown: [state.shownFloorConsumer, state.shownFloorStream],
    pending: rows.map(([sequence, dseq, time]) => [sequence, dseq, time]),
    queue: queued.map(([sequence]) => sequence),
    redelivered: [...state.redelivered].sort(([a], [b]) => a - b),
    exceeded: [...state.exceeded],
  };
}

Deno.test("the floor follows the lowest message that is pending", () => {
  const state = stateWith({}, 5);
  state.acknowledge(2, 2, null);
  assertEquals(state.ackFloorStream, 0);
  state.acknowledge(1, 1, null);
  assertEquals([state.ackFloorConsumer, state.ackFloorStream], [2, 2]);
  for (const each of [5, 4, 3]) state.acknowledge(each, each, null);
  assertEquals([state.ackFloorConsumer, state.ackFloorStream], [5, 5]);
});

Deno.test("an acknowledgement of what was not delivered counts for nothing", () => {
  const state = stateWith({}, 2);
  assertEquals(state.acknowledge(3, 3, null), AckOutcome.ignored);
  assertEquals(state.pending.count, 2);
});

Deno.test("one acknowledgement settles all before it when the policy says so", () => {
  const state = stateWith({ ack: "all" }, 5);
  const settled: number[] = [];
  assertEquals(state.acknowledge(3, 3, settled), AckOutcome.accepted);
  assertEquals(settled, [3, 1, 2]);
  assertEquals(state.acknowledge(2, 2, settled), AckOutcome.repeated);
  assertEquals([state.ackFloorConsumer, state.pending.count], [3, 2]);
});

Deno.test("what is not acknowledged in time is delivered again, in order", () => {
  const state = stateWith({ ackWait: 100 }, 3);
  assertEquals(state.checkAt, 1101);
  assertEquals(finish(state.expiring(1050, 1)), false);
  state.acknowledge(2, 2, null);
  assertEquals(finish(state.expiring(1101, 1)), true);
  const slot = state.nextRedelivery();
  assertEquals(state.pending.sequence(slot), 1);
  assertEquals(state.redeliver(slot, 1101), 4);
  assertEquals(state.pending.sequence(state.nextRedelivery()), 3);
});

Deno.test("a message is given up once it was delivered often enough", () => {
  const state = stateWith({ ackWait: 100, maxDeliver: 2 }, 1);
  finish(state.expiring(1200, 1));
  state.redeliver(state.nextRedelivery(), 1200);
  finish(state.expiring(1400, 1));
  assertEquals(state.nextRedelivery(), NO_SLOT);
  assertEquals(state.exceeded, [{ sequence: 1, deliveries: 2 }]);
  assertEquals([state.pending.count, state.ackFloorStream], [0, 1]);
  assertEquals(state.needs(1), true);
});

Deno.test("waits grow with the list, and its last one stays", () => {
  const state = stateWith({ ackWait: 10, backoff: [10, 50, 200] }, 1);
  let now = 1000;
  const waits: number[] = [];
  for (let i = 0; i < 4; i++) {
    const delivered = now;
    do now = state.checkAt; while (!finish(state.expiring(now, 1)));
    waits.push(Math.floor((now - delivered) / 10) * 10);
    state.redeliver(state.nextRedelivery(), now);
  }
  assertEquals(waits, [10, 50, 200, 200]);
});

Deno.test("a state survives being saved", () => {
  const state = stateWith({ ackWait: 100 }, 4);
  state.acknowledge(2, 2, null);
  finish(state.expiring(1500.25, 1));
  state.redeliver(state.nextRedelivery(), 1500.25);
  const other = stateWith({ ackWait: 100 });
  finish(restoringState(other, savedState(state)));
  assertEquals({ ...picture(other), queue: [] }, {
    ...picture(state),
    queue: [],
  });
  const saved = [...savedState(state).pending];
  assertEquals(saved.map(([sequence]) => sequence), [1, 3, 4]);
});

Deno.test("a state in which very much is pending is taken over in steps, in whatever order it comes", () => {
  const count = 20_000;
  const random = new SeededRandom(3n);
  const sequences = Array.from({ length: count }, (_, i) => 3 * i + 1)
    .map((each) => [each, random.below(1 << 30)] as const)
    .sort(([, a], [, b]) => a - b).map(([each]) => each);
  const saved = {
    delivered: { consumer: count, stream: 3 * count },
    ackFloor: { consumer: 0, stream: 0 },
    pending: new Map(
      sequences.map((each) => [each, { sequence: each + 7, time: 5_000_000n }]),
    ),
    redelivered: new Map(sequences.slice(9).map((each) => [each, each % 5])),
  };
  const state = stateWith({});
  const work = restoringState(state, saved);
  let steps = 0;
  for (let step = work.next(); !step.done; step = work.next()) steps++;
  assert(steps > 3 * count / 1000, `${steps} steps`);
  const { pending, redelivered, next } = picture(state);
  assertEquals(next, 3 * count + 1);
  const ascending = sequences.toSorted((a, b) => a - b);
  assertEquals(pending, ascending.map((each) => [each, each + 7, 5]));
  assertEquals(redelivered, [...saved.redelivered].sort(([a], [b]) => a - b));
});

Deno.test("a stream that lost its end takes the consumer back", () => {
  const state = stateWith({}, 10);
  for (let i = 1; i <= 8; i++) state.acknowledge(i, i, null);
  finish(rewinding(state, 5));
  assertEquals([state.next, state.ackFloorStream], [6, 5]);
  assertEquals(state.pending.count, 0);
  const other = stateWith({}, 10);
  other.acknowledge(1, 1, null);
  finish(rewinding(other, 5));
  assertEquals([other.next, other.deliveredConsumer], [6, 5]);
  assertEquals(other.pending.count, 4);
});

const POLICIES: Partial<DeliveryPolicy>[] = [
  { ackWait: 50 },
  { ackWait: 50, maxDeliver: 3 },
  { ackWait: 50, maxDeliver: 1 },
  { ackWait: 20, backoff: [20, 60, 150], maxDeliver: 4 },
  { ack: "all", ackWait: 50, maxDeliver: 3 },
  { ack: "all", ackWait: 50 },
  { ack: "none", ackWait: 0 },
];

for (const policy of POLICIES) {
  Deno.test(`behaves like its model: ${JSON.stringify(policy)}`, () => {
    for (let seed = 1; seed <= 40; seed++) run(policy, seed);
  });
}

function run(change: Partial<DeliveryPolicy>, seed: number): void {
  const policy = { ...POLICY, ...change };
  const random = new SeededRandom(BigInt(seed));
  const state = new DeliveryState(policy);
  const model = new StateModel(policy);
  let now = 1000;
  let last = 0;
  let first = 1;
  const removed = new Set<number>();
  const remains = (sequence: number) => !removed.has(sequence);
  for (let step = 0; step < 300; step++) {
    now += random.below(12);
    const sequence = 1 + random.below(last + 2);
    const dseq = 1 + random.below(model.delivered.consumer + 2);
    switch (random.below(14)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        last = model.next + random.below(3);
        state.deliver(last, now);
        state.next = last + 1;
        model.deliver(last, now);
        break;
      }
      case 4:
      case 5: {
        const slot = state.nextRedelivery();
        const expected = model.redeliver(now);
        assertEquals(
          slot === NO_SLOT ? 0 : state.pending.sequence(slot),
          expected,
        );
        if (slot !== NO_SLOT) state.redeliver(slot, now);
        break;
      }
      case 6:
      case 7: {
        const settled: number[] = [];
        state.acknowledge(sequence, dseq, settled);
        assertEquals(settled, model.acknowledge(sequence, dseq));
        break;
      }
      case 8: {
        const slot = state.refusable(sequence, dseq);
        if (slot !== NO_SLOT) state.requeue(slot);
        if (dseq <= model.delivered.consumer + 1) model.refuse(sequence, dseq);
        break;
      }
      case 9: {
        const slot = state.pending.find(sequence);
        if (slot !== NO_SLOT) state.postpone(slot, now, 30);
        model.postpone(sequence, now, 30);
        break;
      }
      case 10:
        state.prolong(sequence, now);
        model.prolong(sequence, now);
        break;
      case 11:
        if (policy.ackWait > 0) {
          finish(state.expiring(now, first));
          if (model.pending.size > 0) model.expire(now, first);
        }
        break;
      case 12:
        if (random.below(2) === 0) {
          removed.add(sequence);
          state.forget(sequence);
          model.forget(sequence);
        } else if (random.below(8) === 0) {
          const start = 1 + random.below(model.next);
          state.startAt(start);
          model.startAt(start);
        }
        break;
      case 13:
        if (random.below(10) === 0) {
          first = Math.max(first, sequence);
          finish(state.purging(first, remains));
          model.purge(first, remains);
        }
        break;
    }
    assertEquals(picture(state), model.picture(), `seed ${seed} step ${step}`);
    for (let each = 1; each <= last + 1; each += 3) {
      assertEquals(state.needs(each), model.needs(each), `needs ${each}`);
    }
  }
}
