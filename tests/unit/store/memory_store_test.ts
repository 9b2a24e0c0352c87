import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { History, randomLimits } from "./history.ts";
import { ModelStore } from "./model.ts";
import {
  ManualTime,
  memoryStore,
  message,
  SeededRandom,
  storeOptions,
  textOf,
} from "./support.ts";

const HISTORIES = 200;
const STEPS = 120;

capability("a memory store agrees with a list of messages", {
  positive: ["stores/same-semantics", "stores/size", "stores/erase-2"],
}, () => {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const random = new SeededRandom(seed);
    const time = new ManualTime();
    const limits = randomLimits(random);
    const told = { messages: 0, bytes: 0 };
    const store = memoryStore(storeOptions(limits, told), time);
    const model = new ModelStore(
      limits,
      (m) => 16 + m.subject.length + m.header.length + m.payload.length,
    );
    const history = new History(store, model, random);
    try {
      for (let i = 1; i <= STEPS; i++) {
        history.step();
        if (i % 10 === 0) history.compare();
      }
      assertEquals(told, { messages: store.messages, bytes: store.bytes });
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    store.stop();
  }
});

Deno.test("memory of messages that went serves those that come", () => {
  const maxMessages = 40;
  const store = memoryStore(storeOptions({ maxMessages }));
  const payload = (sequence: number) =>
    String(sequence % 10).repeat(100_000 + sequence % 7);
  for (let sequence = 1; sequence <= 400; sequence++) {
    store.append(message(`a.${sequence % 3}`, payload(sequence)));
    if (sequence % 10 === 0) store.remove(sequence - 5);
    const oldest = store.load(store.firstSequence);
    assertEquals(oldest && textOf(oldest)[1], payload(store.firstSequence));
  }
  for (let sequence = store.firstSequence; sequence <= 400; sequence++) {
    const stored = store.load(sequence);
    if (sequence % 10 === 5) assertEquals(stored, null);
    else assertEquals(stored && textOf(stored)[1], payload(sequence));
  }
  const { total, reported } = store.utilization();
  assertEquals(total >= reported, true);
  // Blocks hold 10 of them: those in use, the first, the last and a spare one.
  assertEquals(total <= reported + 4 * 1024 * 1024, true, `${total}`);
  store.purge();
  assertEquals(store.utilization().total, 0);
  store.stop();
});
