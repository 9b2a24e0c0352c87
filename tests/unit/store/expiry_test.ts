import { assert, assertEquals } from "@std/assert";
import type { StoredMessage, StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import { ManualTime, memoryStore, message, storeOptions } from "./support.ts";

const SECOND = 1_000_000_000n;

function sequences(store: StreamStore): number[] {
  const found: number[] = [];
  for (
    let next = store.loadNext(SubjectFilter.ALL, 1);
    next !== null;
    next = store.loadNext(SubjectFilter.ALL, next.sequence + 1)
  ) found.push(next.sequence);
  return found;
}

capability("messages go when they are too old", {
  positive: ["stores/max-age"],
}, () => {
  const time = new ManualTime();
  const store = memoryStore(storeOptions({ maxAge: 10n * SECOND }), time);
  store.append(message("a"));
  time.pass(5000);
  store.flush();
  store.append(message("b"));
  time.pass(4999);
  assertEquals(sequences(store), [1, 2]);
  time.pass(300);
  assertEquals(sequences(store), [2]);
  time.pass(6000);
  assertEquals(store.state().messages, 0);
  assertEquals(store.firstSequence, 3);
  time.pass(60_000);
  store.flush();
  store.append(message("c"));
  time.pass(10_300);
  assertEquals(store.messages, 0);
  store.stop();
});

capability("messages that live for ever hold up nobody", {
  edge: ["stores/max-age"],
}, () => {
  const time = new ManualTime();
  const limits = { maxAge: SECOND, allowTtl: true };
  const store = memoryStore(storeOptions(limits), time);
  store.append(message("a", "", "ttl=-1", -1));
  store.append(message("b"));
  store.append(message("c", "", "ttl=100", 100));
  time.pass(1300);
  assertEquals(sequences(store), [1]);
  store.stop();
});

capability("messages live as long as they say", {
  positive: ["stores/ttl-schedules"],
}, () => {
  const time = new ManualTime();
  const store = memoryStore(storeOptions({ allowTtl: true }), time);
  for (const ttl of [30, 10, 20, 0]) {
    store.append(message("a", "", `ttl=${ttl}`, ttl));
  }
  time.pass(9_900);
  assertEquals(sequences(store), [1, 2, 3, 4]);
  time.pass(400);
  assertEquals(sequences(store), [1, 3, 4]);
  time.pass(10_000);
  assertEquals(sequences(store), [1, 4]);
  time.pass(10_000);
  assertEquals(sequences(store), [4]);
  store.stop();
});

capability("sequences that are used again do not expire with their old time", {
  edge: ["stores/ttl-schedules"],
}, () => {
  const time = new ManualTime();
  const store = memoryStore(storeOptions({ allowTtl: true }), time);
  store.append(message("a"));
  store.append(message("a", "", "ttl=5", 5));
  store.truncate(1);
  store.append(message("a"));
  time.pass(6000);
  assertEquals(sequences(store), [1, 2]);
  // Allowing them later finds those that are there.
  const { limits } = storeOptions();
  store.updateLimits(limits);
  store.append(message("b", "", "ttl=5", 5));
  store.updateLimits({ ...limits, allowTtl: true });
  time.pass(5300);
  assertEquals(sequences(store), [1, 2]);
  store.stop();
});

Deno.test("the last message of a subject goes when the listener says so", () => {
  const time = new ManualTime();
  const asked: string[] = [];
  let store: StreamStore | null = null;
  const options = storeOptions({ maxAge: SECOND, markDeletes: true });
  const expiring = (old: StoredMessage) => {
    const { subject, sequence } = old;
    asked.push(`${sequence} ${subject}`);
    if (subject !== "a") return false;
    store?.append(message("marker"));
    store?.remove(sequence);
    return true;
  };
  store = memoryStore(
    { ...options, listener: { ...options.listener, expiring } },
    time,
  );
  store.append(message("a", "1"));
  store.append(message("a", "2"));
  store.append(message("b"));
  time.pass(1300);
  assertEquals(asked, ["2 a", "3 b"]);
  assertEquals(sequences(store), [4]);
  store.stop();
});

Deno.test("a listener that takes its time is asked again", () => {
  const time = new ManualTime();
  let asked = 0;
  const options = storeOptions({ maxAge: SECOND, markDeletes: true });
  const expiring = () => ++asked < 3;
  const store = memoryStore(
    { ...options, listener: { ...options.listener, expiring } },
    time,
  );
  store.append(message("a"));
  time.pass(1300);
  assertEquals(asked, 1);
  time.pass(1000);
  assertEquals(asked, 1);
  time.pass(4000);
  assertEquals([asked, store.messages], [3, 0]);
  store.stop();
});

Deno.test("very many messages expire in portions", async () => {
  const time = new ManualTime();
  const store = memoryStore(storeOptions({ maxAge: SECOND }), time);
  for (let i = 0; i < 1000; i++) store.append(message("a"));
  const { monotonic } = time;
  // Looking at the clock takes two milliseconds here.
  let looks = 0;
  time.monotonic = () => monotonic.call(time) + 2 * looks++;
  time.pass(1001);
  const left = store.messages;
  assert(left > 0 && left < 1000, `${left} left`);
  for (let turn = 0; turn < 50 && store.messages > 0; turn++) {
    time.pass(20);
    // The store goes on when the turn's promise has settled.
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
  assertEquals(store.messages, 0);
  store.stop();
});

Deno.test("nothing is removed while a snapshot is made", () => {
  const time = new ManualTime();
  const store = memoryStore(
    storeOptions({ maxAge: SECOND, maxMessages: 2 }),
    time,
  );
  const release = store.holdForSnapshot();
  for (let i = 0; i < 3; i++) store.append(message("a"));
  time.pass(5000);
  assertEquals(store.messages, 3);
  release();
  assertEquals(store.messages, 2);
  time.pass(300);
  assertEquals(store.messages, 0);
  store.stop();
});
