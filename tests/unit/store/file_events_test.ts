import { finish } from "../../../src/connection/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Chunk } from "../../../src/protocol/mod.ts";
import { DiskError } from "../../../src/runtime/mod.ts";
import {
  type ConsumerState,
  StoreError,
  type StreamStore,
} from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { blockSize } from "../../../src/store/file/block_size.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld } from "./file_world.ts";
import { loaded, message, storedConsumers, textOf } from "./support.ts";

function fill(store: StreamStore, count: number, size = 50): void {
  for (let i = 1; i <= count; i++) {
    store.append(message(`s.${i % 5}`, `${i}`.padEnd(size, ".")));
  }
  store.flush();
}

function sequences(store: StreamStore): number[] {
  const found: number[] = [];
  for (let at = 1;;) {
    const next = store.loadNext(SubjectFilter.ALL, at);
    if (next === null) return found;
    found.push(next.sequence);
    at = next.sequence + 1;
  }
}

capability("blocks are as large as Go makes them", {
  positive: ["stores/block-size"],
  edge: ["stores/block-size"],
}, () => {
  const size = (
    maxBytes: number,
    encrypted = false,
    consumed = false,
    maxMessages = -1,
    maxMessagesPerSubject = -1,
  ) =>
    blockSize({
      limits: { maxBytes, maxMessages, maxMessagesPerSubject },
      largestRecord: 1000,
      encrypted,
      consumed,
    });
  const MIB = 1024 * 1024;
  assertEquals(size(-1), 8 * MIB);
  assertEquals(size(0, false, true), 4 * MIB);
  assertEquals(size(-1, true), 2 * MIB);
  assertEquals(size(1000), 32_000);
  assertEquals(size(127_996), 32_000);
  assertEquals(size(128_000), 4 * MIB);
  assertEquals(size(10 * MIB), 4 * MIB);
  assertEquals(size(32 * MIB), 8 * MIB);
  assertEquals(size(1024 * MIB), 8 * MIB);
  assertEquals(size(1024 * MIB, true), 2 * MIB);
  assertEquals(size(-1, false, false, 100), 32_000);
  assertEquals(size(-1, false, false, 1000), 4 * MIB);
  assertEquals(size(-1, false, false, 100_000), 8 * MIB);
  assertEquals(size(-1, false, false, -1, 5), 4 * MIB);
});

capability("what no record can hold is refused", {
  positive: ["stores/limits"],
  edge: ["stores/limits"],
}, () => {
  const world = new FileWorld();
  const store = world.open();
  const most = 32 * 1024 * 1024 - 30 - 1;
  const chunk = new Chunk(most + 1);
  const body = { chunk, bodyStart: 0, bodyEnd: most, headerSize: 0 };
  assertEquals(store.append({ subject: "a", body, ttl: 0 }), 1);
  const error = assertThrows(
    () =>
      store.append({
        subject: "a",
        body: { ...body, bodyEnd: most + 1 },
        ttl: 0,
      }),
    StoreError,
  );
  assertEquals(error.message, "message too large");
  store.stop();
  const again = world.open();
  assertEquals(again.load(1)?.bodyEnd, 23 + most);
  again.stop();
});

capability(
  "a batch is one write, and rolls to the next block when it is full",
  {
    positive: ["stores/write-path"],
  },
  () => {
    const world = new FileWorld({ blockSize: 1000 });
    const store = world.open();
    for (let i = 0; i < 12; i++) store.append(message("a", "x".repeat(40)));
    // One write is enough for all of them.
    world.disk.stopAfter(2);
    store.flush();
    world.disk.stopAfter(Infinity);
    assertEquals(world.host.disk.file(`${world.messages}/1.blk`).size, 12 * 71);
    fill(store, 10);
    assertEquals(world.names(), ["1.blk", "2.blk"]);
    store.stop();
  },
);

capability("acknowledgements wait for the disk, or do not", {
  edge: ["stores/fsync"],
}, async () => {
  const lazy = new FileWorld();
  const store = lazy.open();
  fill(store, 3);
  assertEquals(store.settled(), null);
  store.stop();
  const world = new FileWorld({ syncAlways: true });
  const careful = world.open();
  fill(careful, 3);
  let settled = false;
  void careful.settled()?.then(() => settled = true);
  assertEquals(settled, false);
  await world.pass(1000);
  assertEquals(settled, true);
  assertEquals(careful.settled(), null);
  careful.stop();
});

capability("a disk that fails is not written to any more", {
  positive: ["stores/errors"],
  edge: ["stores/errors"],
}, async () => {
  const world = new FileWorld({ syncAlways: true });
  const store = world.open();
  fill(store, 3);
  world.host.disk.options = { ...world.host.disk.options, syncError: 1 };
  const settled = store.settled();
  assert(settled !== null);
  const failed = assertRejects(() => settled, DiskError);
  await world.pass(1000);
  await failed;
  world.host.disk.options = { ...world.host.disk.options, syncError: 0 };
  assertThrows(() => store.append(message("a")), DiskError);
  assertThrows(() => store.flush(), DiskError);
  // It can still be read.
  assertEquals(sequences(store), [1, 2, 3]);
  store.stop();
});

capability("a disk that can't be read for a while is no reason to give up", {
  edge: ["stores/caches"],
}, async () => {
  const world = new FileWorld({ blockSize: 500 });
  const store = world.open();
  fill(store, 20);
  await world.pass(30_000);
  world.host.disk.options = { ...world.host.disk.options, readError: 1 };
  assertThrows(() => store.load(1), DiskError);
  world.host.disk.options = { ...world.host.disk.options, readError: 0 };
  assertEquals(store.load(1)?.sequence, 1);
  assertEquals(store.append(message("a")), 21);
  store.stop();
});

capability(
  "memory is given back, and files are closed, when nobody needs them",
  {
    positive: ["stores/caches"],
  },
  async () => {
    const world = new FileWorld({ blockSize: 500 });
    let open = 0;
    const { disk } = world;
    const openFile = disk.open.bind(disk);
    disk.open = (path, options) => {
      const file = openFile(path, options);
      if (!path.endsWith(".blk")) return file;
      open++;
      const close = file.close.bind(file);
      return {
        ...file,
        close: () => {
          open--;
          close();
        },
      };
    };
    const store = world.open();
    fill(store, 40);
    assert(open > 5);
    await world.pass(120_000);
    assert(open <= 1, `${open} files are open`);
    assertEquals(sequences(store).length, 40);
    store.stop();
    assertEquals(open, 0);
  },
);

capability("the index remembers an end that the blocks do not show", {
  positive: ["stores/prior-last-seq"],
  edge: ["stores/prior-last-seq"],
}, () => {
  const world = new FileWorld({ blockSize: 400 });
  const store = world.open();
  fill(store, 9);
  store.stop();
  const last = world.names().filter((name) => name.endsWith(".blk")).at(-1);
  world.host.disk.remove(`${world.messages}/${last}`);
  const again = world.open();
  assertEquals(again.lastSequence, 9);
  const { lost, messages } = again.state();
  assertEquals(messages + (lost?.sequences.length ?? 0), 9);
  assertEquals(again.append(message("a")), 10);
  again.stop();
  // It stands in the blocks now.
  world.host.disk.remove(`${world.messages}/index.db`);
  const third = world.open();
  assertEquals(third.lastSequence, 10);
  third.stop();
});

const ENCRYPTION = {
  account: "A",
  secret: "secret",
  previousSecret: "",
  cipher: "chacha",
} as const;

capability("a block without its key is put aside, the others are read", {
  positive: ["stores/key-loss"],
}, () => {
  const world = new FileWorld({ blockSize: 400, encryption: ENCRYPTION });
  const store = world.open();
  store.writeMeta("{}");
  fill(store, 20);
  store.stop();
  const disk = world.host.disk;
  disk.file(`${world.messages}/2.key`).cutShort(10);
  disk.writeFile(`${world.messages}/77.key`, new Uint8Array(72));
  const again = world.open();
  const left = sequences(again);
  const lost = again.state().lost?.sequences ?? [];
  assert(lost.length > 0 && left.length > 10);
  assertEquals(
    [...left, ...lost].sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  assert(world.names().includes("2.blk.damaged"));
  assert(!world.names().includes("77.key"));
  again.stop();
});

capability("an encrypted stream is not opened without its key", {
  edge: ["stores/key-loss"],
}, () => {
  const world = new FileWorld({ encryption: ENCRYPTION });
  const store = world.open();
  store.writeMeta('{"name":"S"}');
  store.stop();
  const { streams } = finish(world.stores().recovering());
  assertEquals(streams.map(({ name, meta }) => ({ name, meta })), [
    { name: "S", meta: '{"name":"S"}' },
  ]);
  world.settings = {};
  assertEquals(finish(world.stores().recovering()).unreadable, [{
    name: "S",
    reason: "Error decrypting our stream metafile: encryption not enabled",
  }]);
  world.settings = { encryption: { ...ENCRYPTION, secret: "other" } };
  assertEquals(finish(world.stores().recovering()).unreadable.length, 1);
});

capability("a configuration that does not fit its checksum is left alone", {
  edge: ["stores/meta-inf", "stores/meta-sum"],
}, () => {
  const world = new FileWorld();
  const store = world.open();
  store.writeMeta('{"name":"S"}');
  fill(store, 3);
  store.stop();
  const path = "/store/A/streams/S/meta.inf";
  world.host.disk.file(path).flipBit(3, 1);
  const { streams, unreadable } = finish(world.stores().recovering());
  assertEquals(streams, []);
  assertEquals(unreadable, [{
    name: "S",
    reason: `Stream metafile "${path}": checksums do not match ` +
      '"2cb42838854509af" vs "9c86d8c74f2c750b"',
  }]);
  world.host.disk.file(path).flipBit(3, 1);
  const again = world.open();
  assertEquals(sequences(again), [1, 2, 3]);
  again.stop();
});

capability("erased messages leave no byte in the file", {
  edge: ["stores/erase"],
}, async () => {
  for (const compression of ["none", "s2"] as const) {
    const world = new FileWorld({ blockSize: 2000, limits: { compression } });
    const store = world.open();
    fill(store, 20);
    store.append(message("secret.subject", "secret payload"));
    fill(store, 40);
    await world.pass(1000);
    assert(store.erase(21));
    for (const name of world.names()) {
      const text = world.text(name);
      assert(!text.includes("secret"), `${name} holds it`);
    }
    store.stop();
    const again = world.open();
    assertEquals(again.load(21), null);
    assertEquals(again.messages, 60);
    again.stop();
  }
});

capability("times of expiry that can't be read are found out again", {
  edge: ["stores/thw-db"],
}, async () => {
  const world = new FileWorld({ limits: { allowTtl: true } });
  const store = world.open();
  store.append(message("a", "", "ttl=100", 100));
  store.append(message("a"));
  store.stop();
  assert(world.names().includes("thw.db"));
  world.host.disk.file(`${world.messages}/thw.db`).cutShort(5);
  const again = world.open();
  await world.pass(99_000);
  assertEquals(sequences(again), [1, 2]);
  await world.pass(2_000);
  assertEquals(sequences(again), [2]);
  again.stop();
});

capability(
  "times of expiry of messages that are lost are not those of others",
  {
    edge: ["stores/thw-db", "stores/ttl-schedules"],
  },
  async () => {
    const world = new FileWorld({ limits: { allowTtl: true } });
    const store = world.open();
    for (let i = 0; i < 3; i++) store.append(message("a", "", "ttl=100", 100));
    store.stop();
    // The blocks did not reach the disk, nor did the index.
    world.host.disk.file(`${world.messages}/1.blk`).cutShort(80);
    world.host.disk.remove(`${world.messages}/index.db`);
    const after = world.open();
    const first = after.lastSequence;
    while (after.lastSequence < 5) after.append(message("b"));
    after.flush();
    // The process ends before anything else is written.
    const again = world.open();
    await world.pass(200_000);
    assertEquals(
      sequences(again),
      Array.from({ length: 5 - first }, (_, i) => first + 1 + i),
    );
    again.stop();
  },
);

capability("a state that can't be read is told apart from none", {
  positive: ["stores/corrupt-o-dat"],
  edge: ["stores/corrupt-o-dat", "stores/consumer-store"],
}, () => {
  const world = new FileWorld();
  const store = world.open();
  const state: ConsumerState = {
    delivered: { consumer: 5, stream: 7 },
    ackFloor: { consumer: 3, stream: 4 },
    pending: new Map([[6, { sequence: 4, time: 0n }]]),
    redelivered: new Map([[6, 2]]),
  };
  const consumer = store.consumer("C", () => state);
  assertEquals(loaded(consumer), null);
  consumer.writeMeta('{"name":"C"}');
  consumer.changed();
  consumer.flush();
  assertEquals(loaded(consumer), state);
  store.stop();
  const path = "/store/A/streams/S/obs/C/o.dat";
  world.host.disk.file(path).flipBit(0, 3);
  const again = world.open();
  assertEquals(storedConsumers(again), [{
    name: "C",
    path: "/store/A/streams/S/obs/C/meta.inf",
    meta: '{"name":"C"}',
  }]);
  const broken = again.consumer("C", () => state);
  const error = assertThrows(() => loaded(broken), StoreError);
  assertEquals(error.message, "corrupt state file");
  broken.delete();
  assertEquals(storedConsumers(again), []);
  again.stop();
});

capability("states are written ten times a second at most", {
  positive: ["stores/consumer-store"],
}, async () => {
  const world = new FileWorld();
  const store = world.open();
  let asked = 0;
  const consumer = store.consumer("C", () => {
    asked++;
    return {
      delivered: { consumer: asked, stream: asked },
      ackFloor: { consumer: 0, stream: 0 },
      pending: new Map(),
      redelivered: new Map(),
    };
  });
  for (let i = 0; i < 100; i++) {
    consumer.changed();
    await world.pass(10);
  }
  assert(asked >= 9 && asked <= 10, `${asked} times`);
  store.stop();
});

capability("a state that is being written is whole when the store stops", {
  positive: ["stores/consumer-store"],
  edge: ["stores/o-dat"],
}, async () => {
  const world = new FileWorld({ disk: { syncMean: 500 } });
  const store = world.open();
  let reached = 1;
  const state = (): ConsumerState => ({
    delivered: { consumer: reached, stream: reached },
    ackFloor: { consumer: 0, stream: 0 },
    pending: new Map(),
    redelivered: new Map(),
  });
  const consumer = store.consumer("C", state);
  consumer.writeMeta('{"name":"C"}');
  consumer.changed();
  await world.pass(110);
  store.stop();
  const again = world.open();
  const second = again.consumer("C", state);
  assertEquals(loaded(second), state());
  // A new file is under way again when a newer state is written at once.
  world.host.disk.remove("/store/A/streams/S/obs/C/o.dat");
  second.changed();
  await world.pass(110);
  reached = 2;
  second.changed();
  second.flush();
  await world.pass(5000);
  assertEquals(loaded(second), state());
  again.stop();
});

Deno.test("a state that can't be written keeps nothing from ending", () => {
  const world = new FileWorld();
  const store = world.open();
  const consumer = store.consumer("C", () => ({
    delivered: { consumer: 1, stream: 1 },
    ackFloor: { consumer: 0, stream: 0 },
    pending: new Map(),
    redelivered: new Map(),
  }));
  consumer.changed();
  world.host.disk.options = { ...world.host.disk.options, writeError: 1 };
  consumer.stop();
  store.stop();
  const told = (text: string) => text.startsWith("Consumer state was not");
  assert(world.warnings.some(told), world.warnings.join("\n"));
  assertThrows(() => store.append(message("a")), StoreError);
});

capability("a deleted stream is gone, even if the process ends meanwhile", {
  edge: ["stores/restart"],
}, async () => {
  const world = new FileWorld({ blockSize: 300 });
  const store = world.open();
  store.writeMeta("{}");
  fill(store, 40);
  store.delete();
  assertEquals(finish(world.stores().recovering()).streams, []);
  await world.pass(1000);
  assertEquals(world.host.disk.list("/store/A/streams"), []);
  const again = world.open();
  assertEquals([again.messages, again.append(message("a"))], [0, 1]);
  again.stop();
});

capability("what was compressed reads as before", {
  positive: ["stores/compressed-blk"],
}, async () => {
  const world = new FileWorld({
    blockSize: 3000,
    limits: { compression: "s2" },
  });
  const store = world.open();
  fill(store, 100, 200);
  await world.pass(2000);
  assertEquals(world.warnings, []);
  assertEquals(world.text("1.blk").slice(0, 3), "cmp");
  for (const sequence of [1, 50, 100]) {
    const stored = store.load(sequence);
    assert(stored !== null);
    assertEquals(textOf(stored)[1], `${sequence}`.padEnd(200, "."));
  }
  store.stop();
});

Deno.test("what was purged goes little by little, however often that happens", async () => {
  const world = new FileWorld({ blockSize: 4096 });
  const directory = "/store/A/streams/S";
  const purged = () =>
    world.host.disk.list(directory).filter((name) =>
      name.startsWith("__msgs__")
    );
  let store = world.open();
  const purge = () => {
    for (let i = 0; i < 500; i++) store.append(message("a", "some payload"));
    assertEquals(store.purge(), 500);
  };
  purge();
  purge();
  purge();
  assertEquals(purged().sort(), ["__msgs__", "__msgs__.1", "__msgs__.2"]);
  // A new process finds what the one before has left.
  store.stop();
  store = world.open();
  assertEquals(store.lastSequence, 1500);
  await world.pass(1000);
  assertEquals(purged(), []);
  store.stop();
});

capability(
  "a block of nothing but very many unneeded tombstones goes, if not at once",
  {
    positive: ["stores/compaction"],
    edge: ["stores/compaction"],
  },
  async () => {
    const world = new FileWorld({ blockSize: 400_000 });
    const store = world.open();
    fill(store, 5000);
    for (let i = 1; i <= 5000; i++) store.remove(i);
    fill(store, 10_000);
    store.flush();
    const blocks = () => world.names().filter((each) => each.endsWith(".blk"));
    assertEquals(blocks().includes("1.blk"), false);
    const second = store.loadNext(SubjectFilter.ALL, 1)?.sequence ?? 0;
    let last = second;
    // The block with the tombstones of the first one loses its messages.
    while (world.names().includes("2.blk") && last < 9000) store.remove(last++);
    const left = sequences(store);
    assertEquals(blocks().includes("2.blk"), true);
    await world.pass(5000);
    assertEquals(blocks().includes("2.blk"), false);
    assertEquals(sequences(store), left);
    store.stop();
    const again = world.open();
    assertEquals(sequences(again), left);
    assertEquals(world.warnings, []);
    again.stop();
  },
);

capability(
  "the block at the end goes little by little, too, and the end is known",
  {
    positive: ["stores/compaction"],
    edge: ["stores/compaction"],
  },
  async () => {
    for (const syncAlways of [false, true]) {
      const world = new FileWorld({ blockSize: 400_000, syncAlways });
      const store = world.open();
      fill(store, 20_000);
      const blocks = () =>
        world.names().filter((each) => each.endsWith(".blk"));
      const end = blocks().at(-1) ?? "";
      // It has the last messages, and fills up with tombstones.
      for (let i = 1; i <= 20_000; i++) store.remove(i);
      store.flush();
      assert(blocks().includes(end));
      assertEquals(blocks().at(-1) === end, false);
      const settled = store.settled();
      // With two syncs: the second finds what the first has left.
      await world.pass(130_000);
      await settled;
      assertEquals(blocks().includes(end), false);
      if (syncAlways) {
        world.host.crash();
        world.host.restart();
      } else store.stop();
      const again = world.open();
      assertEquals(again.lastSequence, 20_000);
      assertEquals(again.messages, 0);
      assertEquals(world.warnings, []);
      again.stop();
    }
  },
);
