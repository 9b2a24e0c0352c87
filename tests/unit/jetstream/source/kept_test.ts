import { assert, assertEquals } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import { PositionScan } from "../../../../src/jetstream/source/position_scan.ts";
import { sourceHeader } from "../../../../src/jetstream/source/source_header.ts";
import type { Clock } from "../../../../src/runtime/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { FileWorld } from "../../store/file_world.ts";
import {
  ManualTime,
  memoryStore,
  message,
  storeOptions,
} from "../../store/support.ts";
import { OriginWorld } from "./origin_world.ts";

const SOURCES = "/store/A/streams/C/sources.db";
const ALL = { filter: "", seq: 0, keep: 0 };

/** A stream with a source, in files. */
function open(files: FileWorld, recovering: boolean): OriginWorld {
  return new OriginWorld("source", {}, { storage: "file" }, {
    stores: files.stores(),
    recovering,
  });
}

/** Where the stream goes on in its source after a restart. */
async function startOf(files: FileWorld): Promise<unknown> {
  const world = open(files, true);
  const { config } = await world.asked(2500);
  return config["opt_start_seq"];
}

capability("sources - go on where they were though everything was purged", {
  positive: ["mirror-source/source-state-persistence"],
}, async () => {
  const files = new FileWorld();
  const world = open(files, false);
  const deliver = await world.connect();
  world.send(deliver, [3, 1]);
  world.send(deliver, [4, 2]);
  world.copy.purge(ALL);
  finish(world.copy.stopping());
  assertEquals(await startOf(files), 5);
});

capability("sources - go on behind what was stored since", {
  edge: ["mirror-source/source-state-persistence"],
}, async () => {
  const files = new FileWorld();
  const world = open(files, false);
  const deliver = await world.connect();
  world.send(deliver, [3, 1]);
  world.copy.purge(ALL);
  const early = files.host.disk.readFile(SOURCES);
  world.send(deliver, [4, 2]);
  finish(world.copy.stopping());
  files.host.disk.writeFile(SOURCES, early);
  assertEquals(await startOf(files), 5);
});

capability("sources - go by their messages where a file tells too much", {
  edge: ["mirror-source/source-state-persistence"],
}, async () => {
  const files = new FileWorld();
  const world = open(files, false);
  const deliver = await world.connect();
  world.send(deliver, [3, 1]);
  world.send(deliver, [4, 2]);
  finish(world.copy.stopping());
  const late = files.host.disk.readFile(SOURCES);
  const other = new FileWorld();
  const before = open(other, false);
  before.send(await before.connect(), [3, 1]);
  finish(before.copy.stopping());
  other.host.disk.writeFile(SOURCES, late);
  assertEquals(await startOf(other), 4);
  other.host.disk.writeFile(SOURCES, new Uint8Array(3));
  assertEquals(await startOf(other), 4);
});

capability("sources - their last messages are looked for in slices", {
  positive: ["stores/sources-index"],
  edge: ["stores/sources-index"],
}, () => {
  const store = memoryStore(storeOptions(), new ManualTime());
  const copied = (key: string, sequence: number) => {
    const value = sourceHeader(key, sequence, "x", "id");
    return message(
      "x",
      "",
      `NATS/1.0\r\nNats-Stream-Source: ${value}\r\n\r\n`,
    );
  };
  store.append(copied("ONE > >", 7));
  for (let i = 0; i < 1000; i++) store.append(message("x"));
  store.append(copied("TWO > >", 8));
  // A clock by which every look takes long.
  let now = 0;
  const clock = { ...new ManualTime(), monotonic: () => now += 10 } as Clock;
  const keys = ["ONE > >", "TWO > >", "NONE > >"];
  const kept = (stamp: number) => ({
    stamp,
    entries: new Map([["ONE > >", { sequence: 3, identity: "kept" }]]),
  });
  const positionsOf = (scan: PositionScan) => {
    let slices = 1;
    while (!scan.run(clock)) slices++;
    const found = Object.fromEntries(
      keys.map((key) => [key, scan.positions.get(key)?.sequence]),
    );
    return { slices, found };
  };
  const all = { "ONE > >": 7, "TWO > >": 8, "NONE > >": undefined };
  assertEquals(positionsOf(new PositionScan(store, keys, null)).found, all);
  assert(positionsOf(new PositionScan(store, keys, null)).slices > 10);
  const { found, slices } = positionsOf(
    new PositionScan(store, keys.slice(0, 2), kept(900)),
  );
  assertEquals(found, { ...all, "ONE > >": 3 });
  assert(slices < 5);
  // It tells of messages that there are not.
  assertEquals(
    positionsOf(new PositionScan(store, keys, kept(1004))).found,
    all,
  );
});
