import { assert, assertEquals, assertThrows } from "@std/assert";
import { StoreError, type StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld } from "./file_world.ts";
import { ManualTime, memoryStore, message, storeOptions } from "./support.ts";
import type { StoreLimits } from "../../../src/store/mod.ts";

/** The same in memory and in files. */
function inBoth(
  limits: Partial<StoreLimits>,
  check: (store: StreamStore) => void,
): void {
  for (
    const store of [
      memoryStore(storeOptions(limits), new ManualTime()),
      new FileWorld({ limits, blockSize: 200 }).open(),
    ]
  ) {
    check(store);
    store.stop();
  }
}

function fill(store: StreamStore, subjects: readonly string[]): void {
  for (const subject of subjects) store.append(message(subject, subject));
  store.flush();
}

function sequences(store: StreamStore): number[] {
  return store.filteredState(SubjectFilter.ALL, 1).messages === 0
    ? []
    : Array.from(
      { length: store.lastSequence },
      (_, i) => i + 1,
    ).filter((each) => store.load(each) !== null);
}

const of = SubjectFilter.of;

capability("purges by subject keep what they are told to keep", {
  edge: ["stores/purgeex", "stores/same-semantics"],
}, () => {
  inBoth({}, (store) => {
    fill(store, ["a", "b", "a", "b", "a", "c"]);
    assertEquals(store.purgeMatching(of("a"), 1, 0), 0);
    assertEquals(store.purgeMatching(of("a"), 0, 3), 0);
    assertEquals(store.purgeMatching(of("a"), 0, 2), 1);
    assertEquals(store.purgeMatching(of("none"), 0, 0), 0);
    // Without a subject it is a bound, whatever is to be kept.
    assertEquals(store.purgeMatching(SubjectFilter.ALL, 3, 1), 1);
    assertEquals(sequences(store), [3, 4, 5, 6]);
    assertEquals(store.purgeMatching(of("*"), 0, 1), 3);
    assertEquals(sequences(store), [6]);
    assertEquals(store.firstSequence, 6);
  });
});

capability("an empty stream has a first sequence once it was purged", {
  edge: ["stores/purge", "stores/same-semantics"],
}, () => {
  inBoth({}, (store) => {
    assertEquals(store.state().firstSequence, 0);
    assertEquals(store.purgeMatching(of("a"), 0, 0), 0);
    assertEquals(store.state().firstSequence, 0);
    assertEquals(store.purge(), 0);
    assertEquals(store.state().firstSequence, 1);
    store.truncate(0);
    assertEquals(store.state().firstSequence, 0);
  });
  const first = { ...storeOptions(), firstSequence: 1 };
  assertEquals(memoryStore(first, new ManualTime()).state().firstSequence, 1);
});

capability("that an empty stream was purged is known after a restart", {
  edge: ["stores/purge", "stores/restart"],
}, () => {
  const world = new FileWorld();
  const store = world.open();
  store.stop();
  const again = world.open();
  assertEquals(again.state().firstSequence, 0);
  again.purge();
  again.stop();
  const last = world.open();
  assertEquals(last.state().firstSequence, 1);
  assertEquals(last.append(message("a", "x")), 1);
  last.stop();
});

capability("what is compacted beyond the end begins there", {
  edge: ["stores/compact", "stores/purge"],
}, () => {
  inBoth({}, (store) => {
    fill(store, ["a", "b", "c"]);
    store.remove(2);
    assertEquals(store.compact(2), 1);
    assertEquals(store.firstSequence, 3);
    assertEquals(store.compact(2), 0);
    assertEquals(store.compact(10), 1);
    assertEquals([store.firstSequence, store.lastSequence], [10, 9]);
    assertEquals(store.state().firstTime, 0n);
    assertEquals(store.append(message("a")), 10);
    assertEquals(store.purge(), 1);
    assertEquals([store.firstSequence, store.lastSequence], [11, 10]);
  });
});

capability("skipped sequences are gaps, or move the beginning", {
  edge: ["stores/skipmsg"],
}, () => {
  inBoth({}, (store) => {
    assertEquals(store.state().lastTime, 0n);
    assertEquals(store.skip(5), 5);
    assertEquals([store.firstSequence, store.lastSequence], [6, 5]);
    const first = store.state().lastTime;
    assert(first > 0n);
    fill(store, ["a"]);
    const stored = store.state().lastTime;
    store.skip(2);
    assertEquals(store.state().lastTime, stored);
    store.skip(1, true);
    assert(store.state().lastTime > stored);
    assertEquals([...store.deletedSequences()], [7, 8, 9]);
    assertThrows(() => store.appendAt(9, message("a")), StoreError);
    store.appendAt(12, message("a"));
    assertEquals(store.state().deleted, 5);
  });
});

capability("new messages are refused only where there is no room for them", {
  edge: ["stores/limits-2"],
}, () => {
  const codeOf = (call: () => void): string => {
    try {
      call();
      return "stored";
    } catch (error) {
      return error instanceof StoreError ? error.code : String(error);
    }
  };
  const limits = { discard: "new", maxMessages: 2 } as const;
  inBoth({ ...limits, maxMessagesPerSubject: 1 }, (store) => {
    fill(store, ["a", "b"]);
    assertEquals(codeOf(() => store.append(message("c"))), "maxMessages");
    // It takes the place of the one before.
    assertEquals(codeOf(() => store.append(message("a"))), "stored");
    assertEquals(sequences(store), [2, 3]);
  });
  const perSubject = { ...limits, maxMessages: -1, maxMessagesPerSubject: 1 };
  inBoth({ ...perSubject, discardNewPerSubject: true }, (store) => {
    fill(store, ["a"]);
    const again = message("a");
    assertEquals(codeOf(() => store.append(again)), "maxMessagesPerSubject");
    assertEquals(
      codeOf(() => store.append({ ...again, rollup: true })),
      "stored",
    );
  });
  inBoth({ discard: "new", maxBytes: 100 }, (store) => {
    fill(store, ["a"]);
    const large = message("b", "x".repeat(200));
    assertEquals(codeOf(() => store.append(large)), "maxBytes");
    assertEquals(store.lastSequence, 1);
  });
});

capability("messages are found by time", {
  positive: ["stores/time-lookup"],
  edge: ["stores/time-lookup"],
}, () => {
  inBoth({}, (store) => {
    assertEquals(store.sequenceAt(5n), 1);
    for (let i = 1; i <= 20; i++) {
      store.append({ ...message("a"), time: BigInt(i * 10) });
    }
    for (const gone of [5, 6, 7, 19, 20]) store.remove(gone);
    assertEquals(store.sequenceAt(0n), 1);
    assertEquals(store.sequenceAt(30n), 3);
    assertEquals(store.sequenceAt(31n), 4);
    assertEquals(store.sequenceAt(41n), 8);
    assertEquals(store.sequenceAt(70n), 8);
    assertEquals(store.sequenceAt(180n), 18);
    assertEquals(store.sequenceAt(181n), 21);
  });
});

capability("the last message of each subject is told, up to a bound", {
  positive: ["stores/multi-last"],
  edge: ["stores/multi-last"],
}, () => {
  inBoth({}, (store) => {
    assertEquals(store.lastSequences(SubjectFilter.ALL, 0, 0), []);
    fill(store, ["a", "b.x", "b.y", "a", "b.x", "c"]);
    assertEquals(store.lastSequences(SubjectFilter.ALL, 0, 0), [3, 4, 5, 6]);
    assertEquals(store.lastSequences(of("a", "b.>", "b.x"), 3, 0), [1, 2, 3]);
    assertEquals(store.lastSequences(of("b.*"), 0, 2), [3, 5]);
    const error = assertThrows(
      () => store.lastSequences(of("b.*"), 0, 1),
      StoreError,
    );
    assertEquals(error.message, "too many matching results for request");
  });
});

capability("consumers are told how much is before them", {
  positive: ["stores/numpending"],
  edge: ["stores/numpending"],
}, () => {
  inBoth({}, (store) => {
    fill(store, ["a", "b.x", "b.y", "a", "b.x", "c"]);
    const count = (filter: SubjectFilter, from: number, last = false) => {
      const { count, validThrough } = store.pending(filter, from, last);
      assertEquals(validThrough, 6);
      return count;
    };
    assertEquals(count(SubjectFilter.ALL, 1), 6);
    assertEquals(count(SubjectFilter.ALL, 3), 4);
    assertEquals(count(of("b.>"), 3), 2);
    assertEquals(count(of("b.x"), 1, true), 1);
    assertEquals(count(SubjectFilter.ALL, 5, true), 2);
    assertEquals(count(of("none"), 1), 0);
    assertEquals(count(SubjectFilter.ALL, 7), 0);
    store.remove(3);
    assertEquals(count(of("b.*"), 0), 2);
  });
});

capability("subjects come and go, with what they hold", {
  positive: ["stores/subject-index"],
}, () => {
  inBoth({}, (store) => {
    fill(store, ["a.b", "a", "a.b", "a.b.c"]);
    assertEquals(store.state().subjects, 3);
    assertEquals(
      store.subjectStates(of("a.b")),
      new Map([["a.b", { messages: 2, firstSequence: 1, lastSequence: 3 }]]),
    );
    assertEquals(
      store.subjectTotals(of("a.*", "a.>")),
      new Map([["a.b", 2], ["a.b.c", 1]]),
    );
    store.remove(1);
    store.remove(3);
    assertEquals(store.state().subjects, 2);
    assertEquals(store.subjectStates(of("a.b")).size, 0);
    assertEquals(store.loadLast(of("a.b")), null);
  });
});

capability("very many subjects are found by their beginnings", {
  edge: ["stores/subject-index"],
}, () => {
  const store = memoryStore();
  for (let i = 0; i < 20_000; i++) {
    store.append(message(`orders.${i % 200}.${i}`));
  }
  assertEquals(store.subjectTotals(of("orders.7.>")).size, 100);
  assertEquals(store.subjectTotals(of("orders.*.19999")).size, 1);
  for (let i = 1; i <= 20_000; i += 2) store.remove(i);
  assertEquals(store.subjectTotals(of("orders.>")).size, 10_000);
  assertEquals(store.subjectTotals(of("orders.8.>")).size, 0);
  assertEquals(store.loadLast(of("orders.199.*"))?.sequence, 20_000);
  store.stop();
});

capability("messages in memory count what Go counts", {
  edge: ["stores/size", "stores/erase-2"],
}, () => {
  const store = memoryStore();
  store.append(message("subject", "payload", "header"));
  assertEquals(store.bytes, 16 + 7 + 7 + 6);
  const stored = store.load(1);
  assert(stored !== null);
  const { chunk } = stored;
  assert(new TextDecoder("latin1").decode(chunk.bytes).includes("payload"));
  assert(store.erase(1));
  assertEquals(store.erase(1), false);
  assert(!new TextDecoder("latin1").decode(chunk.bytes).includes("payload"));
  assertEquals(store.bytes, 0);
  store.stop();
});

capability("a stream in memory is empty when it is opened again", {
  positive: ["stores/restart"],
}, () => {
  const world = new FileWorld();
  const options = storeOptions();
  const store = world.stores().open(options);
  fill(store, ["a", "b"]);
  store.stop();
  assertThrows(() => store.load(1), StoreError);
  const again = world.stores().open(options);
  assertEquals([again.messages, again.lastSequence], [0, 0]);
  again.stop();
});
