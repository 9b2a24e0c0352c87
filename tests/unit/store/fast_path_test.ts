/** Streams that are opened by their index, without reading their blocks. */

import { assert, assertEquals } from "@std/assert";
import { finish } from "../../../src/connection/mod.ts";
import type { StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld, type WorldSettings } from "./file_world.ts";
import { memoryStore, message, storeOptions, textOf } from "./support.ts";

const BLOCKS: WorldSettings = { blockSize: 1000 };
const PAGES = "messages.idx";

function fill(store: StreamStore, count: number): void {
  for (let i = 1; i <= count; i++) {
    const number = store.lastSequence + 1;
    store.append(message(`s.${number % 5}`, `${number}`.padEnd(50, ".")));
  }
  store.flush();
}

/** Sequence, subject and text of all messages. */
function contents(store: StreamStore): string[] {
  const found: string[] = [];
  for (let at = 1;;) {
    const next = store.loadNext(SubjectFilter.ALL, at);
    if (next === null) return found;
    found.push(`${next.sequence} ${next.subject} ${textOf(next).join("")}`);
    at = next.sequence + 1;
  }
}

/** A stream of some blocks, with deletions, that was closed properly. */
function closed(settings: WorldSettings = BLOCKS): FileWorld {
  const world = new FileWorld(settings);
  const store = world.open();
  fill(store, 60);
  for (const sequence of [3, 17, 18, 44]) store.remove(sequence);
  store.stop();
  return world;
}

/** Has simulated time go on while something is tested. */
function inTime(
  world: FileWorld,
  test: (world: FileWorld) => Promise<void>,
): Promise<void> {
  return world.simulation.run(() => test(world));
}

/** Flips a bit in the middle of a file, where its ending does not show it. */
function rot(world: FileWorld, name: string, at?: number): void {
  const file = world.host.disk.file(`${world.messages}/${name}`);
  file.flipBit(at ?? Math.floor(file.size / 2), 3);
}

/** What a start finds that reads all blocks. */
function readWithoutPages(world: FileWorld): string[] {
  const path = `${world.messages}/${PAGES}`;
  if (world.host.disk.exists(path)) world.host.disk.remove(path);
  const store = world.open();
  const found = contents(store);
  store.stop();
  return found;
}

/** Whether a start reads what is in the middle of the first block. */
function readsBlocks(world: FileWorld): boolean {
  const before = world.warnings.length;
  rot(world, "1.blk");
  const store = world.open();
  const noticed = world.warnings.slice(before)
    .some((each) => each.startsWith("Damage in block 1"));
  rot(world, "1.blk");
  assert(store.messages > 0);
  return noticed;
}

for (
  const [how, settings] of [
    ["plain", BLOCKS],
    ["compressed", { ...BLOCKS, limits: { compression: "s2" } }],
    ["encrypted", {
      ...BLOCKS,
      encryption: {
        account: "A",
        secret: "s3cret",
        previousSecret: "",
        cipher: "chacha",
      },
    }],
  ] as const
) {
  capability(`a closed stream, ${how}, is opened by its index`, {
    positive: ["stores/recovery-fast-path"],
  }, () =>
    inTime(closed(settings), async (world) => {
      const expected = readWithoutPages(world);
      assertEquals(expected.length, 56);
      assert(!readsBlocks(world));
      const store = world.open();
      assertEquals(contents(store), expected);
      const { messages, bytes, firstSequence, lastSequence, subjects } = store
        .state();
      assertEquals(
        [messages, firstSequence, lastSequence, subjects],
        [56, 1, 60, 5],
      );
      assert(bytes > 56 * 80);
      assertEquals([...store.deletedSequences()], [3, 17, 18, 44]);
      // Everything goes on as if the blocks had been read.
      store.remove(20);
      fill(store, 3);
      assertEquals(store.loadLast(SubjectFilter.of("s.3"))?.sequence, 63);
      await world.simulation.sleep(1000);
      assertEquals(world.warnings, []);
      const now = contents(store);
      store.stop();
      assertEquals(readWithoutPages(world), now);
    }));
}

capability("what came after the index was written is read", {
  positive: ["stores/recovery-fast-path"],
}, () =>
  inTime(closed(), async (world) => {
    const store = world.open();
    fill(store, 1);
    await world.simulation.sleep(200_000);
    fill(store, 50);
    store.remove(5);
    store.remove(62);
    store.flush();
    const expected = contents(store);
    world.host.kill();
    world.host.restart();
    assert(!readsBlocks(world));
    const again = world.open();
    assertEquals(contents(again), expected);
    assertEquals(again.lastSequence, 111);
    assertEquals(world.warnings, []);
  }));

capability("damage of the index of messages leads to the blocks", {
  edge: ["stores/recovery-fast-path"],
}, () => {
  const expected = readWithoutPages(closed());
  const { size } = closed().host.disk.stat(`/store/A/streams/S/msgs/${PAGES}`);
  for (let at = 0; at < size; at += at < 1000 ? 61 : 211) {
    const world = closed();
    rot(world, PAGES, at);
    const store = world.open();
    assertEquals(contents(store), expected);
    assertEquals(store.messages, expected.length);
    store.stop();
    assert(!readsBlocks(world), "it was not written anew");
  }
});

capability("an index of messages that does not fit is not used", {
  edge: ["stores/recovery-fast-path"],
}, () => {
  const changes: ((world: FileWorld) => void)[] = [
    // Another server has written the other index, or none has.
    (world) => rot(world, "index.db"),
    (world) => world.host.disk.remove(`${world.messages}/index.db`),
    // A block that was rewritten, cut off, removed, or came from nowhere.
    (world) => {
      const bytes = world.host.disk.readFile(`${world.messages}/2.blk`);
      world.host.disk.writeFile(`${world.messages}/2.blk`, bytes.slice(0, -9));
    },
    (world) => world.host.disk.file(`${world.messages}/4.blk`).cutShort(40),
    (world) => world.host.disk.remove(`${world.messages}/3.blk`),
    (world) => {
      const bytes = world.host.disk.readFile(`${world.messages}/2.blk`);
      world.host.disk.writeFile(`${world.messages}/0.blk`, bytes);
    },
  ];
  for (const change of changes) {
    const world = closed();
    change(world);
    assert(readsBlocks(world), `${change}`);
  }
});

capability("damage in a block is found without anybody asking", {
  edge: ["stores/recovery-fast-path", "stores/rebuild"],
}, () =>
  inTime(closed(), async (world) => {
    const all = readWithoutPages(world);
    rot(world, "2.blk");
    const store = world.open();
    assertEquals([store.messages, world.warnings], [56, []]);
    await world.simulation.sleep(1000);
    const { lost, messages } = store.state();
    assertEquals([messages, lost?.sequences.length], [55, 1]);
    assert(world.warnings.some((each) => each.startsWith("Damage in block 2")));
    const [gone] = lost?.sequences ?? [];
    const expected = all.filter((each) => !each.startsWith(`${gone} `));
    assertEquals(contents(store), expected);
    store.stop();
    // The next start mends the block, and the one after has nothing to say.
    const mended = world.open();
    assertEquals(contents(mended), expected);
    mended.stop();
    world.warnings.length = 0;
    assertEquals(contents(world.open()), expected);
    assertEquals(world.warnings, []);
  }));

capability("a message that is damaged is told of when it is asked for", {
  edge: ["stores/recovery-fast-path"],
}, () => {
  const world = closed();
  rot(world, "2.blk");
  const store = world.open();
  const found = contents(store).length;
  assertEquals(store.state().lost?.sequences.length, 1);
  assertEquals(found < 56, true);
  assert(world.warnings[0]?.includes("is damaged"));
});

capability("nothing erased comes back by an index from before", {
  edge: ["stores/recovery-fast-path", "stores/erase"],
}, () => {
  const world = closed();
  const store = world.open();
  store.erase(10);
  assert(!world.names().includes(PAGES));
  store.flush();
  world.host.kill();
  world.host.restart();
  const again = world.open();
  assertEquals(again.load(10), null);
  assertEquals(again.messages, 55);
});

capability("a stream that has not changed writes no index", {
  edge: ["stores/state-index"],
}, () => {
  const world = closed();
  world.open().stop();
  const before = world.host.disk.stat(`${world.messages}/${PAGES}`).modified;
  const store = world.open();
  store.stop();
  const after = world.host.disk.stat(`${world.messages}/${PAGES}`).modified;
  assertEquals(after, before);
});

capability("what was found ahead is what is opened", {
  positive: ["stores/recovery-fast-path"],
}, () => {
  for (const forgotten of [false, true]) {
    const world = closed();
    const expected = readWithoutPages(world);
    if (forgotten) world.host.disk.remove(`${world.messages}/index.db`);
    const stores = world.stores();
    // It is forgotten when something else is opened first.
    finish(stores.finding("S"));
    stores.open({ ...storeOptions(), name: "T", storage: "file" }).stop();
    const steps = [...stores.finding("S")].length;
    assert(steps >= 5, `${steps} steps`);
    const store = stores.open({ ...storeOptions(), storage: "file" });
    assertEquals(contents(store), expected);
    fill(store, 2);
    assertEquals(store.messages, expected.length + 2);
    store.stop();
    assertEquals(readWithoutPages(world).length, expected.length + 2);
  }
});

capability("messages with a header are found among others", {
  positive: ["streams/dedupe"],
}, () => {
  const world = closed();
  const store = world.open();
  const header = "NATS/1.0\r\nA: b\r\n\r\n";
  for (let i = 0; i < 40; i++) {
    store.append(message("s.h", `${i}`, i % 4 === 0 ? header : ""));
  }
  store.remove(69);
  store.flush();
  for (const each of [store, memoryStoreOf(store)]) {
    const found: number[] = [];
    finish(each.withHeader(66, ({ sequence, headerSize }) => {
      assertEquals(headerSize, header.length);
      found.push(sequence);
    }));
    assertEquals(found, [73, 77, 81, 85, 89, 93, 97]);
  }
});

/** The same messages in memory. */
function memoryStoreOf(store: StreamStore): StreamStore {
  const copy = memoryStore();
  for (let at = 1; at <= store.lastSequence; at++) {
    const stored = store.load(at);
    if (stored === null) copy.skip(1);
    else copy.append({ subject: stored.subject, body: stored, ttl: 0 });
  }
  return copy;
}

capability("an index is written again and again while messages come and go", {
  edge: ["stores/state-index", "stores/recovery-fast-path"],
}, () =>
  inTime(closed(), async (world) => {
    const store = world.open();
    for (let round = 0; round < 5; round++) {
      fill(store, 20);
      for (const each of [7, 23, 31]) store.remove(each + round);
      store.remove(store.firstSequence);
      await world.simulation.sleep(200_000);
    }
    const expected = contents(store);
    world.host.kill();
    world.host.restart();
    assert(!readsBlocks(world));
    const again = world.open();
    assertEquals(contents(again), expected);
    assertEquals(world.warnings, []);
    again.stop();
    assertEquals(readWithoutPages(world), expected);
  }));
