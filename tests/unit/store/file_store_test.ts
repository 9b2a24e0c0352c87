import { assertEquals } from "@std/assert";
import type { Runtime } from "../../../src/runtime/mod.ts";
import {
  type AccountStores,
  FileAccountStores,
  type StreamStoreOptions,
} from "../../../src/store/mod.ts";
import { CALM } from "../../sim/options.ts";
import { Simulation } from "../../sim/simulation.ts";
import { capability } from "../../tools/capability.ts";
import { History, randomLimits } from "./history.ts";
import { ModelStore } from "./model.ts";
import { storeOptions } from "./support.ts";

const HISTORIES = 60;
const STEPS = 150;

function storesOn(
  { disk, clock, timers, random }: Runtime,
  blockSize: number,
  warnings: string[] = [],
): AccountStores {
  return new FileAccountStores({
    disk,
    clock,
    timers,
    random,
    turns: { next: () => timers.sleep(1) },
    directory: "/store/jetstream/A",
    syncInterval: 5000,
    syncAlways: false,
    blockSize,
    warn: (text) => warnings.push(text),
  });
}

async function runHistory(seed: number, warnings: string[]): Promise<void> {
  const simulation = new Simulation(seed, CALM);
  const { random } = simulation;
  const host = simulation.host("server");
  const blockSize = random.pick([300, 1000, 3000, 100_000]);
  const limits = {
    ...randomLimits(random),
    compression: random.pick(["none", "none", "s2"] as const),
  };
  const told = { messages: 0, bytes: 0 };
  const options: StreamStoreOptions = {
    ...storeOptions(limits, told),
    storage: "file",
  };
  const model = new ModelStore(
    limits,
    ({ subject, header, payload }) =>
      30 + subject.length + payload.length +
      (header === "" ? 0 : 4 + header.length),
  );
  const { runtime } = host;
  let store = storesOn(runtime, blockSize, warnings).open(options);
  const history = new History(store, model, random);
  await simulation.run(async () => {
    for (let i = 1; i <= STEPS; i++) {
      history.step();
      if (random.chance(0.05)) await simulation.sleep(random.below(10_000));
      if (i % 10 === 0) history.compare();
      if (random.chance(0.04)) {
        store.stop();
        store = history.store = storesOn(runtime, blockSize, warnings)
          .open({ ...options, limits: model.limits });
        history.compare();
      }
    }
  });
  assertEquals(told, { messages: store.messages, bytes: store.bytes });
  store.stop();
}

capability("a file store agrees with a list of messages over restarts", {
  positive: [
    "stores/blk-record",
    "stores/seq-bits",
    "stores/erased-record",
    "stores/state-index",
    "stores/deletes",
    "stores/erase",
    "stores/compaction",
    "stores/purge",
    "stores/purgeex",
    "stores/compact",
    "stores/truncate",
    "stores/skipmsg",
    "stores/limits-2",
  ],
}, async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const warnings: string[] = [];
    try {
      await runHistory(seed, warnings);
      assertEquals(warnings, []);
    } catch (error) {
      throw new Error(`seed ${seed}: ${warnings}`, { cause: error });
    }
  }
});
