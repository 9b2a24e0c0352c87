import { assertEquals } from "@std/assert";
import { Alarm, AlarmClock } from "../../../../src/jetstream/consumer/mod.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { Scheduler } from "../../../sim/ports/scheduler.ts";
import { SimClock, SimTimers } from "../../../sim/ports/time.ts";

function world() {
  const scheduler = new Scheduler();
  const timers = new SimTimers(scheduler, { alive: true, busyUntil: 0 });
  const clock = new SimClock(scheduler, 0, 1000);
  return { scheduler, clock, alarms: new AlarmClock(clock, timers) };
}

async function pass(scheduler: Scheduler, until: number): Promise<void> {
  while (scheduler.next <= until) await scheduler.step();
  scheduler.advanceTo(until);
}

Deno.test("alarms ring like those of a plain list, in order and in time", async () => {
  for (let seed = 1n; seed <= 30n; seed++) {
    const random = new SeededRandom(seed);
    const { scheduler, clock, alarms } = world();
    const start = clock.monotonic();
    const rung: string[] = [];
    const expected = new Map<number, number>();
    const all = Array.from({ length: 40 }, (_, i) =>
      new Alarm(() => {
        rung.push(`${i} at ${clock.monotonic() - start}`);
        expected.delete(i);
      }));
    let now = 0;
    for (let step = 0; step < 200; step++) {
      const i = random.below(all.length);
      const at = random.below(5) === 0 ? Infinity : now + 1 + random.below(50);
      alarms.set(all[i] as Alarm, start + at);
      if (at === Infinity) expected.delete(i);
      else expected.set(i, at);
      if (random.below(3) > 0) continue;
      const until = now + random.below(20);
      const due = [...expected].filter(([, each]) => each <= until)
        .sort(([, a], [, b]) => a - b).map(([, each]) => each);
      await pass(scheduler, scheduler.now + (until - now));
      now = until;
      const times = rung.splice(0).map((each) => Number(each.split(" at ")[1]));
      assertEquals(times, due, `seed ${seed} step ${step}`);
    }
    assertEquals(alarms.size, expected.size);
    alarms.close();
    await pass(scheduler, scheduler.now + 1000);
    assertEquals(rung, []);
  }
});

Deno.test("who rings may set alarms, also its own", async () => {
  const { scheduler, clock, alarms } = world();
  const start = clock.monotonic();
  const rung: number[] = [];
  const alarm: Alarm = new Alarm(() => {
    rung.push(clock.monotonic() - start);
    if (rung.length < 3) alarms.set(alarm, clock.monotonic() + 10);
  });
  alarms.set(alarm, start + 5);
  await pass(scheduler, scheduler.now + 100);
  assertEquals(rung, [5, 15, 25]);
});
