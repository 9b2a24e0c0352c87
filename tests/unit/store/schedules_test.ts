/** Which messages schedule others is kept with the index. */

import { decodeSchedules } from "./format/at_once.ts";
import { assert, assertEquals } from "@std/assert";
import { finish } from "../../../src/connection/mod.ts";
import type { ScheduleEntry } from "../../../src/store/mod.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld } from "./file_world.ts";
import { message, storeOptions } from "./support.ts";

const ROW = "stores/ttl-schedules";
const ENTRIES: readonly ScheduleEntry[] = [
  { subject: "a", sequence: 1, time: 5_000_000_000n },
  { subject: "b.c", sequence: 3, time: -1n },
];

function open(world: FileWorld, entries: readonly ScheduleEntry[] | null) {
  return world.stores().open({
    ...storeOptions(),
    storage: "file",
    schedules: () => entries,
  });
}

function filled(entries: readonly ScheduleEntry[] | null): FileWorld {
  const world = new FileWorld();
  const store = open(world, entries);
  for (const subject of ["a", "x", "b.c"]) store.append(message(subject));
  store.stop();
  return world;
}

capability("schedules are kept up to a message", {
  positive: [ROW, "stores/sched-db"],
}, () => {
  const world = filled(ENTRIES);
  const path = `${world.messages}/sched.db`;
  const kept = { stamp: 4, entries: ENTRIES };
  assertEquals(decodeSchedules(world.host.disk.readFile(path)), kept);
  const store = open(world, ENTRIES.slice(1));
  assertEquals(finish(store.keptSchedules()), kept);
  store.append(message("x"));
  store.stop();
  const again = open(world, []);
  assertEquals(finish(again.keptSchedules()), {
    stamp: 5,
    entries: ENTRIES.slice(1),
  });
  again.stop();
});

capability("schedules of nobody's interest are not kept", {
  edge: [ROW, "stores/sched-db"],
}, () => {
  const world = filled(null);
  assert(!world.names().includes("sched.db"));
  const store = open(world, null);
  assertEquals(finish(store.keptSchedules()), null);
  store.stop();
});

capability("schedules that can't be read, or know too much, are forgotten", {
  edge: [ROW, "stores/sched-db"],
}, () => {
  const damages: ((world: FileWorld) => void)[] = [
    ({ host, messages }) => host.disk.file(`${messages}/sched.db`).cutShort(5),
    ({ host, messages }) => {
      // The last message did not reach the disk, nor did the index.
      host.disk.file(`${messages}/1.blk`).cutShort(40);
      host.disk.remove(`${messages}/index.db`);
    },
  ];
  for (const damage of damages) {
    const world = filled(ENTRIES);
    damage(world);
    const store = open(world, null);
    assertEquals(finish(store.keptSchedules()), null);
    assert(!world.names().includes("sched.db"));
    store.stop();
  }
  const world = filled(ENTRIES);
  const store = open(world, null);
  store.truncate(1);
  assertEquals(finish(store.keptSchedules()), null);
  store.stop();
});
