/** What concerns very many deliveries of a consumer at once. */

import { assert, assertEquals } from "@std/assert";
import { Subscription } from "../../../../src/account/mod.ts";
import { finish, type Work } from "../../../../src/connection/mod.ts";
import type { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import {
  DeliveryState,
  NO_SLOT,
  restoringState,
  savedState,
} from "../../../../src/jetstream/consumer/state/mod.ts";
import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import {
  CONSUMER_CONFIG,
  type ConsumerConfig,
} from "../../../../src/jetstream/types/consumer_config.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { slowDown } from "../stream/world.ts";
import { busyState } from "./busy_state.ts";
import { KeptStates, revive } from "./kept_states.ts";
import { ConsumerWorld } from "./world.ts";

const MANY = 5000;
const SECOND = 1_000_000_000;

/** Everything up to `MANY` is pending, policy `all`. */
function owing(): DeliveryState {
  const state = busyState(MANY, 1000);
  state.policy = { ...state.policy, ack: "all" };
  return state;
}

function savedSequences(state: DeliveryState): number[] {
  return [...savedState(state).pending].map(([each]) => each)
    .sort((a, b) => a - b);
}

function countSteps(work: Work<unknown>): number {
  let steps = 0;
  while (!work.next().done) steps++;
  return steps;
}

Deno.test("much at once - what an acknowledgement settles goes in steps, but counts no more", () => {
  const state = owing();
  const acknowledged: number[] = [];
  state.acknowledge(4000, 4000, acknowledged);
  assert(state.isSettling);
  assert(state.pending.count > MANY - 4000, `${state.pending.count} left`);
  assertEquals([state.ackFloorStream, state.shownFloorStream], [4000, 4000]);
  for (const each of [2000, 4000]) {
    assertEquals(state.find(each), NO_SLOT);
    assertEquals(state.refusable(each, each), NO_SLOT);
    assertEquals(state.prolong(each, 5), false);
    assertEquals(state.forget(each), false);
    assertEquals(state.needs(each), false);
  }
  assert(state.find(4001) !== NO_SLOT);
  assertEquals(savedSequences(state).length, MANY - 4000);
  assertEquals(savedSequences(state)[0], 4001);
  const work = state.settling((each) => void acknowledged.push(each));
  assert(countSteps(work) > 1);
  assertEquals([state.isSettling, state.pending.count], [false, MANY - 4000]);
  assertEquals(
    new Set(acknowledged),
    new Set(Array.from({ length: 4000 }, (_, i) => i + 1)),
  );
});

Deno.test("much at once - what has been settled is not delivered again", () => {
  const state = owing();
  finish(state.expiring(2000, 1));
  assertEquals(state.queue.count, MANY);
  state.acknowledge(4000, 4000, null);
  let slot = NO_SLOT;
  while (slot === NO_SLOT) slot = state.nextRedelivery();
  assertEquals(state.pending.sequence(slot), 4001);
  // Who looks for what is gone leaves it to who has to tell of it.
  const before = state.pending.count;
  finish(state.expiring(9000, 3000));
  assertEquals(state.pending.count, before);
});

Deno.test("much at once - what is settled while the overdue are looked for is not given up", () => {
  const state = owing();
  state.policy = { ...state.policy, maxDeliver: 1 };
  const work = state.expiring(2000, 1);
  work.next();
  const before = state.exceeded.length;
  assert(before > 0 && before < 2000, `${before} given up`);
  state.acknowledge(4000, 4000, null);
  finish(work);
  const given = state.exceeded.slice(before).map(({ sequence }) => sequence);
  assertEquals(given.length, MANY - 4000);
  assertEquals(given[0], 4001);
});

Deno.test("much at once - beginning anew ends what is being settled", () => {
  const state = owing();
  state.acknowledge(4000, 4000, null);
  const work = state.settling(() => {});
  work.next();
  state.startAt(1);
  state.deliver(1, 0);
  finish(work);
  assertEquals([state.isSettling, state.pending.count], [false, 1]);
  assert(state.find(1) !== NO_SLOT);
});

/** The same happens to both: one settles at once, the other now and then. */
class Twins {
  readonly #quick = owing();
  readonly #slow = owing();
  readonly #random: SeededRandom;
  readonly #told = { quick: new Set<number>(), slow: new Set<number>() };
  #work: Work<void> | null = null;
  #now = 1000;

  constructor(seed: number) {
    this.#random = new SeededRandom(BigInt(seed));
  }

  step(): void {
    const random = this.#random;
    const { deliveredStream, ackFloorStream } = this.#quick;
    const any = 1 + random.below(deliveredStream);
    this.#now += random.below(300);
    switch (random.below(8)) {
      case 0:
        for (let i = random.below(3000); i > 0; i--) this.#deliver();
        break;
      case 1:
      case 2: {
        const upTo = ackFloorStream + random.below(2500);
        this.#acknowledge(Math.min(upTo, deliveredStream));
        break;
      }
      case 3:
        this.#both((state) => finish(state.expiring(this.#now, 1)));
        break;
      case 4:
        for (let i = random.below(500); i > 0; i--) this.#redeliver();
        break;
      case 5:
        this.#both((state) => {
          const slot = state.refusable(any, any);
          if (slot !== NO_SLOT) state.requeue(slot);
        });
        break;
      case 6:
        this.#both((state) => state.forget(any));
        break;
      case 7:
        if (this.#work?.next().done) this.#work = null;
        break;
    }
    this.#compare(any);
  }

  end(): void {
    finish(this.#slow.settling((each) => void this.#told.slow.add(each)));
    assertEquals(this.#slow.pending.count, this.#quick.pending.count);
    assertEquals(this.#told.slow, this.#told.quick);
  }

  #both(action: (state: DeliveryState) => unknown): void {
    // What overtakes who settles slowly would not be the same.
    if (this.#slow.isSettling) {
      finish(this.#slow.settling((each) => void this.#told.slow.add(each)));
    }
    assertEquals(action(this.#slow), action(this.#quick));
  }

  #deliver(): void {
    for (const state of [this.#quick, this.#slow]) {
      state.deliver(state.next++, this.#now);
    }
  }

  #acknowledge(sequence: number): void {
    for (const which of ["quick", "slow"] as const) {
      const state = which === "quick" ? this.#quick : this.#slow;
      const settled: number[] = [];
      state.acknowledge(sequence, sequence, settled);
      for (const each of settled) this.#told[which].add(each);
      const tell = (each: number) => void this.#told[which].add(each);
      if (which === "quick") finish(state.settling(tell));
      else if (state.isSettling) this.#work ??= state.settling(tell);
    }
  }

  #redeliver(): void {
    const next = (state: DeliveryState) => {
      for (let i = 0; i < MANY && state.queue.count > 0; i++) {
        const slot = state.nextRedelivery();
        if (slot === NO_SLOT) continue;
        const sequence = state.pending.sequence(slot);
        state.redeliver(slot, this.#now);
        return sequence;
      }
      return 0;
    };
    assertEquals(next(this.#slow), next(this.#quick));
  }

  #compare(any: number): void {
    const [a, b] = [this.#slow, this.#quick];
    assertEquals(a.find(any) !== NO_SLOT, b.find(any) !== NO_SLOT);
    assertEquals(a.needs(any), b.needs(any));
    assertEquals(
      [a.ackFloorStream, a.ackFloorConsumer, a.shownFloorStream],
      [b.ackFloorStream, b.ackFloorConsumer, b.shownFloorStream],
    );
    assertEquals(savedSequences(a), savedSequences(b));
  }
}

Deno.test("much at once - settling slowly is as good as settling at once", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const twins = new Twins(seed);
    for (let i = 0; i < 40; i++) twins.step();
    twins.end();
  }
});

Deno.test("much at once - of two deliveries of one message the later counts", () => {
  const state = new DeliveryState(busyState(0, 1000).policy);
  finish(restoringState(state, {
    delivered: { consumer: 9, stream: 9 },
    ackFloor: { consumer: 0, stream: 0 },
    pending: Object.assign([
      [7, { sequence: 1, time: 0n }],
      [3, { sequence: 2, time: 0n }],
      [7, { sequence: 3, time: 0n }],
    ] as [number, { sequence: number; time: bigint }][], { size: 3 }),
    redelivered: new Map(),
  }));
  assertEquals(state.pending.count, 2);
  assertEquals(state.pending.consumerSequence(state.find(7)), 3);
});

/** A stream whose messages have all been delivered by a consumer. */
function delivered(
  world: ConsumerWorld,
  fields: Partial<ConsumerConfig>,
  retention: "limits" | "interest" = "limits",
): { stream: Stream; consumer: Consumer } {
  const stream = world.stream({ name: "S", subjects: ["s"], retention });
  const consumer = world.consumer(stream, "c", {
    max_ack_pending: -1,
    ...fields,
  });
  for (let i = 0; i < MANY; i++) world.publish("s");
  return { stream, consumer };
}

Deno.test("much at once - an acknowledgement of everything lets all messages go", async () => {
  const world = new ConsumerWorld();
  const { stream, consumer } = delivered(
    world,
    { ack_policy: "all" },
    "interest",
  );
  world.pull(consumer, { batch: MANY });
  await world.pass(100);
  const last = world.seen.at(-1);
  assertEquals(consumer.info().num_ack_pending, MANY);
  slowDown(world.clock);
  assert(last !== undefined);
  world.ack(last);
  assertEquals(consumer.info().ack_floor.stream_seq, MANY);
  const done = consumer.complete();
  assert(done !== null, "it was too little");
  let over = false;
  void done.then(() => over = true);
  while (!over) await world.pass(1);
  assertEquals(consumer.info().num_ack_pending, 0);
  await world.pass(10_000);
  assertEquals(stream.store.messages, 0);
  assertEquals(world.told.filter(([what]) => what === "terminated"), []);
});

Deno.test("much at once - a consumer that ends keeps nothing of what is settled", async () => {
  const world = new ConsumerWorld();
  const kept = new KeptStates();
  const stream = world.stream({ name: "S", subjects: ["s"] });
  kept.keepFor(stream.store);
  const fields = { ack_policy: "all", max_ack_pending: -1 } as const;
  const consumer = world.consumer(stream, "c", fields);
  for (let i = 0; i < MANY; i++) world.publish("s");
  world.pull(consumer, { batch: MANY });
  await world.pass(100);
  slowDown(world.clock);
  const fourthLast = world.seen[MANY - 4];
  assert(fourthLast !== undefined);
  world.ack(fourthLast);
  assert(consumer.complete() !== null, "it was too little");
  const again = revive(world, stream, consumer);
  assertEquals(again.info().ack_floor.stream_seq, MANY - 3);
  assertEquals(again.info().num_ack_pending, 3);
});

Deno.test("much at once - a consumer that delivers elsewhere delivers all of it again, in order", async () => {
  const world = new ConsumerWorld();
  const { consumer, stream } = delivered(world, {});
  consumer.delete();
  const one = new Subscription(world, "one", null, "3");
  world.account.subscribe(one);
  const push = world.consumer(stream, "p", {
    deliver_subject: "one",
    max_ack_pending: -1,
  });
  await world.pass(100);
  assertEquals(push.info().num_ack_pending, MANY);
  slowDown(world.clock);
  // Only who is not listened to may go elsewhere.
  world.account.unsubscribe(one);
  world.seen = [];
  world.listen("elsewhere");
  world.consumer(stream, "p", {
    deliver_subject: "elsewhere",
    max_ack_pending: -1,
  });
  await world.pass(1000);
  assertEquals(
    world.seen.map(({ reply }) => Number(reply.split(".")[5])),
    Array.from({ length: MANY }, (_, i) => i + 1),
  );
});

Deno.test("much at once - what was delivered often enough is given up in turns, and told of", async () => {
  const world = new ConsumerWorld();
  const { consumer } = delivered(world, { max_deliver: 2, ack_wait: SECOND });
  world.pull(consumer, { batch: MANY });
  await world.pass(100);
  world.pull(consumer, { batch: MANY, expires: 10 * SECOND });
  await world.pass(2500);
  assertEquals(consumer.info().num_redelivered, MANY);
  world.seen = [];
  world.pull(consumer, { batch: 1, expires: 60 * SECOND });
  await world.pass(5000);
  const told = world.told.filter(([what]) => what === "exceeded");
  assertEquals(
    told.map(([, , sequence]) => sequence),
    Array.from({ length: MANY }, (_, i) => i + 1),
  );
  world.publish("s", "new");
  await world.pass(10);
  assertEquals(world.seen.map(({ body }) => body), ["new"]);
  assertEquals(consumer.info().num_ack_pending, 1);
});

Deno.test("much at once - what is given up is passed over a little at a time", () => {
  const state = busyState(MANY, 1000);
  finish(state.expiring(2000, 1));
  state.policy = { ...state.policy, maxDeliver: 1 };
  assertEquals(state.nextRedelivery(), NO_SLOT);
  const { length } = state.exceeded;
  assert(length > 0 && length < 100, `${length} at once`);
  assertEquals(state.queue.count, MANY - length);
  while (state.queue.count > 0) state.nextRedelivery();
  assertEquals(state.exceeded.length, MANY);
});

Deno.test("much at once - an unused consumer stays as long as somebody may work on what is pending", async () => {
  for (const comesBack of [false, true]) {
    const world = new ConsumerWorld();
    const { consumer, stream } = delivered(world, {
      inactive_threshold: 2 * SECOND,
      ack_wait: 4 * SECOND,
    });
    world.pull(consumer, { batch: MANY });
    await world.pass(100);
    // What is overdue waits once more for who works on it.
    await world.pass(9500);
    assertEquals(stream.consumers.size, 1);
    const { monotonic } = world.clock;
    slowDown(world.clock);
    while (consumer.inactivity.isRunning) await world.scheduler.step();
    assertEquals(stream.consumers.size, 1);
    world.clock.monotonic = monotonic;
    if (comesBack) world.pull(consumer, { batch: 1, no_wait: true });
    await world.pass(50);
    assertEquals(stream.consumers.size, comesBack ? 1 : 0);
    await world.pass(20_000);
    assertEquals(stream.consumers.size, 0);
  }
});

Deno.test("much at once - what comes from elsewhere is kept as it was configured", () => {
  const world = new ConsumerWorld();
  const kept = new KeptStates();
  const stream = world.stream({ name: "S", subjects: ["s"] });
  const config = { ...CONSUMER_CONFIG.zero(), ack_policy: "explicit" } as const;
  kept.keepFor(stream.store);
  const state = savedState(busyState(3, 1000));
  const found = { name: "e", config, created: 1n, state };
  finish(world.factory.recovering(stream, found));
  assertEquals(JSON.parse(kept.meta).inactive_threshold, undefined);
  const info = stream.consumers.get("e")?.info();
  assertEquals(info?.config?.inactive_threshold, 5 * SECOND);
});

Deno.test("much at once - a consumer comes back step by step", async () => {
  const world = new ConsumerWorld();
  const kept = new KeptStates();
  const stream = world.stream({ name: "S", subjects: ["s"] });
  kept.keepFor(stream.store);
  const consumer = world.consumer(stream, "c", { max_ack_pending: -1 });
  for (let i = 0; i < MANY; i++) world.publish("s");
  world.pull(consumer, { batch: MANY });
  await world.pass(100);
  const { config, createdAt, name } = consumer;
  consumer.stop();
  const found = { name, config, created: createdAt };
  const work = world.factory.recovering(stream, found);
  const steps = countSteps(work);
  const pending = stream.consumers.get(name)?.info().num_ack_pending ?? 0;
  assert(steps > 3 * pending / 1000, `${steps} steps for ${pending}`);
});
