/** Streams change to another cipher when they are opened. */

import { finish } from "../../../src/connection/mod.ts";
import { assert, assertEquals } from "@std/assert";
import { DiskError } from "../../../src/runtime/mod.ts";
import type { ConsumerState, StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld } from "./file_world.ts";
import { loaded, message, storedConsumers, textOf } from "./support.ts";

const ENCRYPTION = { account: "A", secret: "one", previousSecret: "" };
const STREAM = "/store/A/streams/S";
const ROW = "stores/encryption-conversion";

/** Bytes of a key's file: the nonce is longer with one cipher. */
const KEY_SIZE = { aes: 64, chacha: 72 };

type Cipher = keyof typeof KEY_SIZE;

const STATE: ConsumerState = {
  delivered: { consumer: 5, stream: 7 },
  ackFloor: { consumer: 3, stream: 4 },
  pending: new Map([[6, { sequence: 4, time: 0n }]]),
  redelivered: new Map([[6, 2]]),
};

function worldWith(cipher: Cipher): FileWorld {
  const world = new FileWorld({
    blockSize: 400,
    syncAlways: true,
    encryption: { ...ENCRYPTION, cipher },
  });
  const store = world.open();
  store.writeMeta('{"name":"S"}');
  for (let i = 1; i <= 12; i++) {
    store.append(message(`s.${i % 5}`, `${i}`.padEnd(60, ".")));
  }
  store.flush();
  for (const sequence of [3, 8]) store.remove(sequence);
  const consumer = store.consumer("C", () => STATE);
  consumer.writeMeta('{"name":"C"}');
  consumer.changed();
  store.stop();
  return world;
}

function contents(store: StreamStore): string[] {
  const found: string[] = [];
  for (let at = 1;;) {
    const next = store.loadNext(SubjectFilter.ALL, at);
    if (next === null) return found;
    found.push(`${next.sequence} ${next.subject} ${textOf(next).join("|")}`);
    at = next.sequence + 1;
  }
}

/** Opens the stream and closes it again. @returns all that it has */
function look(world: FileWorld): unknown {
  const { streams, unreadable } = finish(world.stores().recovering());
  const store = world.open();
  const consumers = storedConsumers(store);
  const consumer = store.consumer("C", () => STATE);
  const seen = {
    metas: streams.map(({ meta }) => meta),
    unreadable,
    contents: contents(store),
    deleted: [...store.deletedSequences()],
    lost: store.state().lost,
    consumers: consumers.map(({ name, meta }) => [name, meta]),
    state: loaded(consumer),
  };
  store.stop();
  return seen;
}

function keySizes({ host: { disk } }: FileWorld): Set<number> {
  const keys = ["msgs", ".", "obs/C"].flatMap((folder) =>
    disk.list(`${STREAM}/${folder}`)
      .filter((name) => name.endsWith(".key"))
      .map((name) => disk.stat(`${STREAM}/${folder}/${name}`).size)
  );
  assert(keys.length > 4);
  return new Set(keys);
}

function use(world: FileWorld, cipher: Cipher): void {
  world.settings = {
    ...world.settings,
    encryption: { ...ENCRYPTION, cipher },
  };
}

for (const [from, to] of [["aes", "chacha"], ["chacha", "aes"]] as const) {
  capability(`everything is encrypted anew: ${to} instead of ${from}`, {
    positive: [ROW],
  }, () => {
    const world = worldWith(from);
    const before = look(world);
    assertEquals(keySizes(world), new Set([KEY_SIZE[from]]));
    assertEquals(told(world), ["kept"]);
    use(world, to);
    assertEquals(told(world), ["renewed"]);
    assertEquals(look(world), before);
    assertEquals(keySizes(world), new Set([KEY_SIZE[to]]));
    assertEquals(told(world), ["kept"]);
    assertEquals(look(world), before);
    assertEquals(world.warnings, []);
  });
}

capability("a large block is encrypted anew piece by piece", {
  positive: [ROW],
}, () => {
  const world = new FileWorld({
    blockSize: 1 << 20,
    syncAlways: true,
    encryption: { ...ENCRYPTION, cipher: "aes" },
  });
  const store = world.open();
  store.writeMeta('{"name":"S"}');
  const texts = Array.from(
    { length: 60 },
    (_, i) => `${i}`.padEnd(15_000, "."),
  );
  for (const text of texts) store.append(message("s", text));
  store.stop();
  use(world, "chacha");
  let steps = 0;
  const finding = world.stores().finding("S");
  while (!finding.next().done) steps++;
  assert(steps > 7, `${steps} steps`);
  const again = world.open();
  assertEquals(contents(again), texts.map((text, i) => `${i + 1} s |${text}`));
  again.stop();
  const key = world.host.disk.stat(`${STREAM}/msgs/1.key`);
  assertEquals(key.size, KEY_SIZE.chacha);
});

function told(world: FileWorld): string[] {
  return finish(world.stores().recovering()).streams.map(({ encryption }) =>
    encryption
  );
}

capability("a stream that is encrypted for the first time says so", {
  positive: [ROW],
}, () => {
  const world = worldWith("aes");
  world.settings = { blockSize: 400 };
  world.host.disk.remove(STREAM, { recursive: true });
  const plain = world.open();
  plain.writeMeta('{"name":"S"}');
  plain.stop();
  assertEquals(told(world), ["kept"]);
  use(world, "chacha");
  assertEquals(told(world), ["added"]);
  world.open().stop();
  assertEquals(told(world), ["kept"]);
  world.settings = {
    encryption: {
      ...ENCRYPTION,
      cipher: "chacha",
      secret: "two",
      previousSecret: "one",
    },
  };
  assertEquals(told(world), ["renewed"]);
  assertEquals(told(world), ["kept"]);
});

/** Opens until the power fails, wherever that is. @returns whether it did */
function openUntil(world: FileWorld, operations: number): boolean {
  world.disk.stopAfter(operations);
  try {
    const store = world.open();
    storedConsumers(store);
    const failed = world.disk.isDead;
    if (!failed) store.stop();
    return failed;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return true;
  } finally {
    world.disk.stopAfter(Infinity);
  }
}

for (const then of ["aes", "chacha"] as const) {
  capability(`a change of the cipher may be cut off anywhere, then ${then}`, {
    edge: [ROW],
  }, () => {
    for (let operations = 1;; operations++) {
      const world = worldWith("chacha");
      const before = look(world);
      use(world, "aes");
      const failed = openUntil(world, operations);
      const keep = operations % 3 / 2;
      world.host.disk.losePower({ keepSector: keep, keepOperation: keep });
      use(world, then);
      assertEquals(look(world), before, `after ${operations} operations`);
      assertEquals(
        keySizes(world),
        new Set([KEY_SIZE[then]]),
        `after ${operations} operations ${
          world.host.disk.list(`${STREAM}/msgs`)
        } ${world.host.disk.list(STREAM)}`,
      );
      assertEquals(look(world), before);
      if (!failed) break;
      assert(operations < 1000);
    }
  });
}

capability("a key that can't be opened stops no conversion", {
  edge: [ROW],
}, () => {
  const world = worldWith("chacha");
  world.host.disk.file(`${STREAM}/msgs/2.key`).cutShort(10);
  use(world, "aes");
  const store = world.open();
  assertEquals(contents(store).length, 7);
  assertEquals(world.warnings.length, 1);
  store.stop();
});
