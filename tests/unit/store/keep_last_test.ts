/**
 * Very many messages that go at once, but for the last.
 */

import { assert, assertEquals } from "@std/assert";
import type { StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld, type WorldSettings } from "./file_world.ts";
import { memoryStore, message, textOf } from "./support.ts";

/** More than go one by one. */
const MESSAGES = 8200;
const BLOCK_SIZE = 100_000;
const LAST = "the last one";

function fill(store: StreamStore): void {
  for (let i = 1; i < MESSAGES; i++) store.append(message("s", "xyz"));
  store.append(message("s", LAST, "head"));
  store.flush();
}

function checkLast(store: StreamStore): void {
  const { messages, firstSequence, lastSequence, subjects } = store.state();
  assertEquals(
    { messages, firstSequence, lastSequence, subjects },
    {
      messages: 1,
      firstSequence: MESSAGES,
      lastSequence: MESSAGES,
      subjects: 1,
    },
  );
  const last = store.load(MESSAGES);
  assert(last !== null);
  assertEquals(textOf(last), ["head", LAST]);
  assertEquals(last.subject, "s");
}

const WAYS: Readonly<
  Record<string, (store: StreamStore) => Iterator<unknown>>
> = {
  "by sequence": (store) => store.compacting(MESSAGES),
  "but for one": (store) => store.purgingMatching(SubjectFilter.ALL, 0, 1),
  "of the only subject": (store) =>
    store.purgingMatching(SubjectFilter.of("s"), MESSAGES, 0),
  "of all subjects": (store) =>
    store.purgingMatching(SubjectFilter.of("*", ">"), MESSAGES, 0),
};

for (const [how, begin] of Object.entries(WAYS)) {
  capability(`very many messages go at once, ${how}`, {
    positive: ["stores/compact"],
    edge: ["stores/compact"],
  }, () => {
    const world = new FileWorld({ blockSize: BLOCK_SIZE });
    for (const store of [memoryStore(), world.open()]) {
      fill(store);
      const { time = 0n } = store.load(MESSAGES) ?? {};
      const work = begin(store);
      let step = work.next();
      let rests = 0;
      for (; !step.done; step = work.next()) rests++;
      const removed = step.value;
      // Who counts what is kept rests once; nobody comes in between.
      assert(rests <= 1, `${rests} rests`);
      assertEquals(removed, MESSAGES - 1);
      checkLast(store);
      assertEquals(store.load(MESSAGES)?.time, time);
      assertEquals(store.append(message("t", "next")), MESSAGES + 1);
      assertEquals(store.messages, 2);
      store.stop();
    }
    assertEquals(
      world.names().filter((each) => each.endsWith(".blk")).length,
      1,
    );
    const again = world.open();
    assertEquals(again.messages, 2);
    assertEquals(again.lastSequence, MESSAGES + 1);
    again.stop();
  });
}

const SETTINGS: readonly WorldSettings[] = [
  {},
  { syncAlways: true },
  {
    syncAlways: true,
    encryption: {
      account: "A",
      cipher: "chacha",
      secret: "s3cr3t",
      previousSecret: "",
    },
  },
];

for (const settings of SETTINGS) {
  const name = JSON.stringify(settings);
  Deno.test(`all but the last go, or none, wherever that is cut off: ${name}`, () => {
    let outcomes = "";
    for (let operations = 0;; operations++) {
      const world = new FileWorld({ ...settings, blockSize: BLOCK_SIZE });
      const store = world.open();
      fill(store);
      store.stop();
      const opened = world.open();
      world.disk.stopAfter(operations);
      let failed = false;
      try {
        assertEquals(opened.compact(MESSAGES), MESSAGES - 1);
      } catch {
        failed = true;
      }
      // Without syncs, only the process ends.
      if (settings.syncAlways) {
        world.host.crash();
        world.host.restart();
      }
      world.disk.stopAfter(Infinity);
      const again = world.open();
      if (again.messages === 1) checkLast(again);
      else assertEquals(again.messages, MESSAGES);
      outcomes += again.messages === 1 ? "1" : "a";
      again.stop();
      if (!failed) break;
    }
    assert(/^a+1+$/.test(outcomes), outcomes);
  });
}
