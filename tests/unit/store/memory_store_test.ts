import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { History, randomLimits } from "./history.ts";
import { ModelStore } from "./model.ts";
import {
  ManualTime,
  memoryStore,
  SeededRandom,
  storeOptions,
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
