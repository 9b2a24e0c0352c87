import { assertEquals } from "@std/assert";
import { capability } from "../../../tools/capability.ts";
import { FileWorld } from "../../store/file_world.ts";
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
  world.copy.stop();
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
  world.copy.stop();
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
  world.copy.stop();
  const late = files.host.disk.readFile(SOURCES);
  const other = new FileWorld();
  const before = open(other, false);
  before.send(await before.connect(), [3, 1]);
  before.copy.stop();
  other.host.disk.writeFile(SOURCES, late);
  assertEquals(await startOf(other), 4);
  other.host.disk.writeFile(SOURCES, new Uint8Array(3));
  assertEquals(await startOf(other), 4);
});
