import { assert } from "@std/assert";
import type { ConsumerConfig } from "../../../../src/jetstream/types/consumer_config.ts";
import { capability } from "../../../tools/capability.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import type { Seen } from "../stream/world.ts";
import { KeptStates, revive } from "./kept_states.ts";
import { ConsumerWorld } from "./world.ts";

const MILLISECOND = 1_000_000;

/** Stream sequence of a delivery; 0: it is a status. */
function sequenceOf({ reply }: Seen): number {
  return reply.startsWith("$JS.ACK.") ? Number(reply.split(".")[5]) : 0;
}

/** One history of a client and a server that crashes now and then. */
async function live(
  seed: bigint,
  fields: Partial<ConsumerConfig>,
): Promise<void> {
  const random = new SeededRandom(seed);
  const world = new ConsumerWorld();
  const stream = world.stream({ name: "S", subjects: ["s.>"] });
  const kept = new KeptStates();
  kept.savesAtEnd = false;
  kept.keepFor(stream.store);
  let consumer = world.consumer(stream, "c", {
    ack_wait: 200 * MILLISECOND,
    ...fields,
  });
  kept.save();
  const all = consumer.config.ack_policy === "all";
  const acked = new Set<number>();
  let open: Seen[] = [];
  let published = 0;
  /** Requests may be served at any time. */
  const collect = (seen: readonly Seen[]) =>
    void open.push(...seen.filter((each) => sequenceOf(each) > 0));
  const acknowledge = (delivery: Seen) => {
    const sequence = sequenceOf(delivery);
    const seen = world.ack(delivery, "");
    collect(seen);
    if (!seen.some(({ subject }) => subject === "_INBOX.acked")) return;
    for (let i = all ? 1 : sequence; i <= sequence; i++) acked.add(i);
  };
  const check = () => {
    const floor = kept.state?.ackFloor.stream ?? 0;
    for (let i = 1; i <= floor; i++) {
      assert(acked.has(i), `seed ${seed}: floor ${floor} is beyond ${i}`);
    }
  };
  for (let step = 0; step < 120; step++) {
    switch (random.below(8)) {
      case 0:
      case 1:
        world.publish("s.a", `${++published}`);
        collect(world.take());
        break;
      case 2:
      case 3: {
        const batch = 1 + random.below(4);
        collect(world.pull(consumer, { batch, no_wait: true }));
        break;
      }
      case 4: {
        const [delivery] = open.splice(random.below(open.length + 1), 1);
        if (delivery !== undefined) acknowledge(delivery);
        break;
      }
      case 5: {
        const delivery = open[random.below(open.length + 1)];
        const verb = random.below(2) === 0 ? "-NAK" : "+WPI";
        if (delivery !== undefined) collect(world.ack(delivery, verb));
        break;
      }
      case 6:
        await world.pass(random.below(150));
        collect(world.take());
        if (random.below(2) === 0) kept.save();
        break;
      case 7:
        if (random.below(4) > 0) break;
        consumer = revive(world, stream, consumer);
        // A client may still answer what it got before the crash, or not.
        if (random.below(2) === 0) open = [];
        break;
    }
    check();
  }
  const isDone = () => {
    const { num_ack_pending, num_pending } = consumer.info();
    return acked.size === published && num_ack_pending + num_pending === 0;
  };
  for (let round = 0; round < 200 && !isDone(); round++) {
    await world.pass(250);
    collect(world.take());
    collect(world.pull(consumer, { batch: 50, no_wait: true }));
    for (let each = open.shift(); each !== undefined; each = open.shift()) {
      acknowledge(each);
    }
  }
  assert(isDone(), `seed ${seed}: ${acked.size} of ${published}`);
}

const KINDS: readonly Partial<ConsumerConfig>[] = [
  {},
  { max_ack_pending: 3 },
  { ack_policy: "all" },
  { backoff: [100, 300].map((wait) => wait * MILLISECOND), max_deliver: -1 },
];

for (const fields of KINDS) {
  capability(
    `crashes lose no message and forget no lack of an acknowledgement: ${
      JSON.stringify(fields)
    }`,
    {
      positive: ["consumers/explicit-floor", "consumers/ack-all"],
      edge: ["consumers/data-loss-reconcile", "consumers/ack-all"],
    },
    async () => {
      for (let seed = 1n; seed <= 150n; seed++) await live(seed, fields);
    },
  );
}
