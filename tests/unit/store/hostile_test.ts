/**
 * Files that say what can't be: who restores an archive of files chooses what
 * stands in them, checksums included.
 */

import { assert, assertEquals } from "@std/assert";
import {
  HashKey,
  HighwayHash,
  type IndexedBlock,
  type IndexedStream,
  IndexWriter,
  SequenceSet,
} from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld } from "./file_world.ts";
import { message } from "./support.ts";
import { withChecksum } from "./format/at_once.ts";

const FAR = 2 ** 52;
/** Milliseconds in which a stream must be open, on a busy machine; not days. */
const SOON = 30_000;

function filled(): FileWorld {
  const world = new FileWorld({ blockSize: 400 });
  const store = world.open();
  for (let i = 0; i < 20; i++) store.append(message("a", "x".repeat(30)));
  store.stop();
  return world;
}

/** Replaces the index by one that is sound but for what it says. */
function claim(
  world: FileWorld,
  stream: Partial<IndexedStream>,
  block: Partial<IndexedBlock>,
): void {
  const { disk } = world.host;
  const names = world.names().filter((name) => name.endsWith(".blk"));
  const last = Math.max(...names.map((name) => parseInt(name)));
  const tail = disk.readFile(`${world.messages}/${last}.blk`);
  const writer = new IndexWriter({
    messages: 20,
    bytes: 1000,
    firstSequence: 1,
    firstTime: 1n,
    lastSequence: 20,
    lastTime: 2n,
    ...stream,
  }, 0);
  writer.blocks(1);
  writer.block({
    number: last,
    bytes: 1000,
    firstSequence: 1,
    firstTime: 1n,
    lastSequence: 20,
    lastTime: 2n,
    deleted: null,
    ttls: 0,
    schedules: 0,
    ...block,
  });
  const body = writer.end({ block: last, checksum: tail.slice(-8) });
  const bytes = withChecksum(new HighwayHash(), HashKey.ofStream("S"), body);
  disk.writeFile(`${world.messages}/index.db`, bytes);
}

const everything = new SequenceSet();
everything.insertRange(1, 100_000);

for (
  const [what, stream, block] of [
    ["an end that is far away", { lastSequence: FAR }, {}],
    ["a block without end", { messages: FAR }, { lastSequence: FAR }],
    ["a beginning behind everything", { firstSequence: FAR }, {}],
    [
      "an end and a block that are far away",
      { lastSequence: FAR, messages: FAR },
      { lastSequence: FAR },
    ],
    [
      "nothing that was not deleted",
      { messages: FAR },
      { deleted: everything, lastSequence: FAR },
    ],
  ] satisfies [string, Partial<IndexedStream>, Partial<IndexedBlock>][]
) {
  capability(`an index that tells of ${what} holds nobody up`, {
    edge: ["stores/index-db", "streams/v1-tar-restore"],
  }, () => {
    const world = filled();
    claim(world, stream, block);
    const begun = performance.now();
    const store = world.open();
    store.append(message("b"));
    store.flush();
    assert(performance.now() - begun < SOON);
    assertEquals(store.loadLast(SubjectFilter.ALL)?.subject, "b");
    store.stop();
  });
}
