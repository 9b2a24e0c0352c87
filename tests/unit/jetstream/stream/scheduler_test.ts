/**
 * What is scheduled is found out again in slices.
 */

import { assert, assertEquals } from "@std/assert";
import { Scheduler } from "../../../../src/jetstream/stream/scheduler.ts";
import { StreamWorld } from "./world.ts";

/** So many messages that it takes some slices. */
const MESSAGES = 2000;

function worldWithSchedules(): StreamWorld {
  const world = new StreamWorld();
  world.stream({
    name: "S",
    subjects: ["s.*", "t"],
    allow_msg_schedules: true,
    allow_msg_ttl: true,
    allow_rollup_hdrs: true,
  });
  const schedule = {
    "Nats-Schedule": "@every 5s",
    "Nats-Schedule-Target": "t",
  };
  for (let i = 0; i < MESSAGES; i++) {
    const isSchedule = i % 10 === 0;
    world.publish(`s.${i}`, "x", isSchedule ? schedule : {});
  }
  return world;
}

Deno.test("scheduler - schedules are found out again step by step", () => {
  const world = worldWithSchedules();
  const [stream] = world.streams.values();
  assert(stream !== undefined);
  const expected = stream.scheduler.entries();
  assertEquals(expected?.length, MESSAGES / 10);
  const again = new Scheduler(stream);
  let rests = 0;
  for (const _ of again.recovering()) {
    rests++;
    // What is not known yet must not be kept as if it were.
    assertEquals(again.entries(), null);
  }
  assert(rests >= 5, `${rests}`);
  const known = (list: typeof expected) =>
    list?.map(({ subject, sequence }) => `${subject} ${sequence}`).sort();
  assertEquals(known(again.entries()), known(expected));
  again.stop();
});

Deno.test("scheduler - nothing is published before all is known", async () => {
  const world = worldWithSchedules();
  const [stream] = world.streams.values();
  assert(stream !== undefined);
  stream.scheduler.stop();
  const before = stream.store.lastSequence;
  const again = new Scheduler(stream);
  const work = again.recovering();
  work.next();
  await world.pass(20_000);
  assertEquals(stream.store.lastSequence, before);
  while (!work.next().done);
  await world.pass(6000);
  assert(stream.store.lastSequence > before);
  again.stop();
});
