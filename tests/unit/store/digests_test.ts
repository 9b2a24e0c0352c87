/** Streams that are opened by digests of their blocks, after a kill. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import type { StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld, type WorldSettings } from "./file_world.ts";
import { message, textOf } from "./support.ts";

const BLOCKS: WorldSettings = { blockSize: 1000, digestFrom: 0 };
/** Milliseconds in which digests are made, and blocks become durable. */
const SOON = 1000;
const SYNCED = 61_000;
const CIPHER = {
  account: "A",
  secret: "s3cret",
  previousSecret: "",
  cipher: "chacha",
} as const;

function fill(store: StreamStore, count: number): void {
  for (let i = 1; i <= count; i++) {
    const number = store.lastSequence + 1;
    store.append(message(`s.${number % 5}`, `${number}`.padEnd(50, ".")));
  }
  store.flush();
}

/** All that can be asked of a stream. */
function contents(store: StreamStore): unknown {
  const found: string[] = [];
  for (let at = 1;;) {
    const next = store.loadNext(SubjectFilter.ALL, at);
    if (next === null) break;
    const text = textOf(next).join("");
    found.push(`${next.sequence} ${next.time} ${next.subject} ${text}`);
    at = next.sequence + 1;
  }
  const totals = [...store.subjectTotals(SubjectFilter.ALL)].sort();
  const last = store.lastSequences(SubjectFilter.of("s.*"), 0, 0);
  return {
    found,
    state: store.state(),
    deleted: [...store.deletedSequences()],
    totals,
    last,
  };
}

/** Has simulated time go on while something is tested. */
function inTime(
  settings: WorldSettings,
  test: (world: FileWorld) => Promise<void>,
): Promise<void> {
  const world = new FileWorld({ ...BLOCKS, ...settings });
  return world.simulation.run(() => test(world));
}

function killed(world: FileWorld): StreamStore {
  world.host.kill();
  world.host.restart();
  return world.open();
}

function digests(world: FileWorld): string[] {
  return world.names().filter((each) => /^\d+\.idx$/.test(each));
}

function removeDigests(world: FileWorld): void {
  for (const name of digests(world)) {
    world.host.disk.remove(`${world.messages}/${name}`);
  }
}

/** Flips a bit of a file, by default in its middle. */
function rot(world: FileWorld, name: string, at?: number): void {
  const file = world.host.disk.file(`${world.messages}/${name}`);
  file.flipBit(at ?? Math.floor(file.size / 2), 3);
}

/** Whether a start after a kill reads a block, of which something is damaged. */
function reads(world: FileWorld, name: string): boolean {
  rot(world, name);
  const before = world.warnings.length;
  world.host.kill();
  const copy = world.host.disk.readFile(`${world.messages}/${name}`);
  world.host.restart();
  world.open();
  const isRead = world.warnings.length > before;
  world.host.kill();
  world.host.disk.writeFile(`${world.messages}/${name}`, copy);
  rot(world, name);
  world.host.restart();
  return isRead;
}

for (
  const [how, settings] of [
    ["plain", {}],
    ["compressed", { limits: { compression: "s2" } }],
    ["encrypted", { encryption: CIPHER }],
  ] as const
) {
  capability(`a killed stream, ${how}, is opened by digests of its blocks`, {
    positive: ["stores/recovery-fast-path"],
  }, () =>
    inTime(settings, async (world) => {
      let store = world.open();
      fill(store, 60);
      await world.pass(SOON);
      assertGreater(digests(world).length, 3);
      // Tombstones of these are in the last block, and not in digests.
      for (const sequence of [3, 17, 18, 44]) store.remove(sequence);
      store.flush();
      const expected = contents(store);
      store = killed(world);
      assertEquals(contents(store), expected);
      // The power may have failed before the blocks were durable.
      assert(reads(world, "1.blk"));
      store = world.open();
      await world.pass(SYNCED);
      assert(!reads(world, "1.blk"));
      store = world.open();
      assertEquals(contents(store), expected);
      removeDigests(world);
      assert(reads(world, "1.blk"));
      assertEquals(contents(world.open()), expected);
    }));
}

capability("digests know what was deleted before they were made", {
  edge: ["stores/recovery-fast-path", "stores/deletes"],
}, () =>
  inTime({}, async (world) => {
    let store = world.open();
    fill(store, 30);
    for (const sequence of [2, 12, 13, 29]) store.remove(sequence);
    store.skip(5);
    fill(store, 30);
    store.remove(31);
    await world.pass(SYNCED);
    const expected = contents(store);
    store = killed(world);
    assertEquals(contents(store), expected);
    fill(store, 40);
    const more = contents(store);
    assertEquals(contents(killed(world)), more);
    assertEquals(world.warnings, []);
  }));

capability("a block that changes loses its digest", {
  edge: ["stores/recovery-fast-path", "stores/erase"],
}, () =>
  inTime({ syncAlways: true }, async (world) => {
    let store = world.open();
    fill(store, 60);
    await world.pass(SYNCED);
    assert(digests(world).includes("1.idx"));
    store.erase(5);
    assert(!digests(world).includes("1.idx"));
    const erased = contents(store);
    // That is durable before the record is overwritten.
    world.host.crash({ keepSector: 1, keepOperation: 0 });
    world.host.restart();
    assert(!digests(world).includes("1.idx"));
    store = world.open();
    assertEquals(contents(store), erased);
    await world.pass(SYNCED);
    assert(digests(world).includes("1.idx"));
    // Most of the second block goes, so that it is rewritten.
    for (let at = 13; at < 22; at++) store.remove(at);
    store.flush();
    const sparse = contents(store);
    store = killed(world);
    assertEquals(contents(store), sparse);
    await world.pass(2 * SYNCED);
    assertEquals(contents(killed(world)), sparse);
    store = world.open();
    store.truncate(30);
    fill(store, 40);
    const truncated = contents(store);
    assertEquals(contents(killed(world)), truncated);
    assertEquals(world.warnings, []);
  }));

capability("digests that are damaged, torn or of another time do not count", {
  edge: ["stores/recovery-fast-path"],
}, () =>
  inTime({}, async (world) => {
    const { disk } = world.host;
    const store = world.open();
    fill(store, 60);
    await world.pass(SYNCED);
    store.remove(20);
    store.flush();
    const expected = contents(store);
    world.host.kill();
    world.host.restart();
    const path = `${world.messages}/2.idx`;
    const good = disk.readFile(path);
    const bad: Uint8Array[] = [disk.readFile(`${world.messages}/3.idx`)];
    for (let size = 0; size < good.length; size += 7) {
      bad.push(good.slice(0, size));
    }
    for (let at = 0; at < good.length; at++) {
      const bytes = good.slice();
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      bad.push(bytes);
    }
    for (const bytes of bad) {
      disk.remove(path);
      disk.writeFile(path, bytes);
      assertEquals(contents(world.open()), expected);
      world.host.kill();
      world.host.restart();
    }
    // Nor does one of which the block has gone.
    disk.writeFile(`${world.messages}/999.idx`, good);
    assertEquals(contents(world.open()), expected);
    assert(!digests(world).includes("999.idx"));
    assertEquals(world.warnings, []);
  }));

capability("blocks that the power took are not believed to be there", {
  edge: ["stores/recovery-fast-path", "stores/fsync"],
}, async () => {
  for (let round = 0; round < 40; round++) {
    await inTime({}, async (world) => {
      const store = world.open();
      fill(store, 20);
      if (round % 2 === 0) await world.pass(SYNCED);
      fill(store, 60 + round);
      await world.pass(SOON);
      assertGreater(digests(world).length, 3);
      world.host.crash({ keepSector: 0.9, keepOperation: 1 });
      world.host.restart();
      const again = world.open();
      // Whatever it says is there can be read.
      const { messages } = again.state();
      const { found } = contents(again) as { found: string[] };
      assertEquals(found.length, messages);
      assertEquals(
        world.warnings.filter((each) => each.startsWith("Message")),
        [],
      );
    });
  }
});

capability("damage in a block that was not read is found later", {
  edge: ["stores/recovery-fast-path", "stores/rebuild"],
}, () =>
  inTime({}, async (world) => {
    let store = world.open();
    fill(store, 60);
    await world.pass(SYNCED);
    world.host.kill();
    rot(world, "2.blk");
    world.host.restart();
    store = world.open();
    assertEquals(store.messages, 60);
    await world.pass(SOON);
    assertEquals(store.messages, 59);
    assertEquals(store.state().lost?.sequences.length, 1);
    const expected = contents(store) as { found: string[] };
    // The next start reads it, and mends it.
    const again = contents(killed(world)) as { found: string[] };
    assertEquals(again.found, expected.found);
    const warnings = world.warnings.length;
    assertEquals((contents(killed(world)) as typeof again).found, again.found);
    assertEquals(world.warnings.length, warnings);
  }));

/** The message sequences that a start without any index finds. */
function rebuilt(world: FileWorld): number[] {
  for (const name of world.names()) {
    if (!name.endsWith(".blk")) {
      world.host.disk.remove(`${world.messages}/${name}`);
    }
  }
  const { found } = contents(world.open()) as { found: string[] };
  return found.map((each) => Number.parseInt(each, 10));
}

capability("what was deleted stays so when its tombstone is damaged", {
  edge: ["stores/recovery-fast-path", "stores/deletes"],
}, () =>
  inTime({}, async (world) => {
    const store = world.open();
    fill(store, 30);
    // Before there are digests, which leave it out.
    store.remove(5);
    await world.pass(SYNCED);
    fill(store, 30);
    store.stop();
    const { disk } = world.host;
    disk.remove(`${world.messages}/messages.idx`);
    const bytes = disk.readFile(`${world.messages}/3.blk`);
    const view = new DataView(bytes.buffer);
    let at = 0;
    while (view.getUint32(at, true) !== 30) at += view.getUint32(at, true);
    rot(world, "3.blk", at + 29);
    const again = world.open();
    assertEquals(again.messages, 59);
    assertEquals(again.load(5), null);
    assert(world.warnings.some((each) => each.startsWith("Damage in block 3")));
    again.stop();
    const found = rebuilt(world);
    assertEquals(found.length, 59);
    assert(!found.includes(5));
  }));

capability("a message that is lost as another's does not come back as that", {
  edge: ["stores/recovery-fast-path", "stores/rebuild"],
}, () =>
  inTime({}, async (world) => {
    const store = world.open();
    fill(store, 30);
    store.stop();
    // The subject of the second is one byte, `s`, by then: no checksum tells.
    const size = world.host.disk.readFile(`${world.messages}/1.blk`)[0] ?? 0;
    world.host.disk.file(`${world.messages}/1.blk`).flipBit(size + 20, 1);
    const again = world.open();
    assertEquals(again.load(2), null);
    await world.pass(SOON);
    assertEquals(again.state().lost?.sequences, [2]);
    again.stop();
    assert(!rebuilt(world).includes(2));
  }));

capability("messages may go while digests are made", {
  edge: ["stores/recovery-fast-path"],
}, async () => {
  for (let wait = 0; wait < 24; wait++) {
    await inTime({}, async (world) => {
      const store = world.open();
      fill(store, 60);
      await world.pass(wait);
      for (const each of [1, 9, 20, 21, 33, 40]) store.remove(each);
      store.erase(30);
      store.flush();
      await world.pass(SYNCED);
      assertGreater(digests(world).length, 3);
      const expected = contents(store);
      assertEquals(contents(killed(world)), expected);
      assertEquals(world.warnings, []);
    });
  }
});
