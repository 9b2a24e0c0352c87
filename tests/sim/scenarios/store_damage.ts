/**
 * Files of a stream that have rotted: bits flipped, ends cut off, indexes gone.
 * Every message whose record is intact is there, nothing is altered, and the
 * store says which ones are lost.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  FileAccountStores,
  type StreamStore,
  type StreamStoreOptions,
} from "../../../src/store/mod.ts";
import { History } from "../../unit/store/history.ts";
import { type ModelMessage, ModelStore } from "../../unit/store/model.ts";
import { NO_LIMITS, storeOptions } from "../../unit/store/support.ts";
import { readAll } from "../nats/store_ledger.ts";
import type { Scenario } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";

const DIRECTORY = "/store/A";
const MESSAGES = `${DIRECTORY}/streams/S/msgs`;
const ROUNDS = 4;
const STEPS = 60;

export const storeDamage: Scenario = {
  name: "store-damage",
  claims: {
    positive: ["stores/rebuild"],
    edge: [
      "stores/rebuild",
      "stores/recovery-fast-path",
      "stores/index-db",
      "stores/blk-record",
      "stores/record-hash",
      "stores/compressed-blk",
    ],
  },
  run,
};

async function run(simulation: Simulation): Promise<void> {
  const { random } = simulation;
  const { runtime, disk } = simulation.host("server");
  const blockSize = random.pick([300, 2000, 20_000]);
  const compression = random.pick(["none", "none", "s2"] as const);
  const limits = { ...NO_LIMITS, compression };
  const options: StreamStoreOptions = {
    ...storeOptions(limits),
    storage: "file",
  };
  const open = (warnings: string[]): StreamStore =>
    new FileAccountStores({
      ...runtime,
      turns: { next: () => runtime.timers.sleep(1) },
      directory: DIRECTORY,
      syncInterval: 3000,
      syncAlways: false,
      blockSize,
      warn: (text) => warnings.push(text),
    }).open(options);
  const model = new ModelStore(limits, () => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const store = open([]);
    const history = new History(store, model, random);
    for (let step = 0; step < STEPS; step++) {
      history.grow();
      if (random.chance(0.05)) await simulation.sleep(random.below(5000));
    }
    store.stop();
    const damage = damageOne(simulation);
    const warnings: string[] = [];
    const again = open(warnings);
    checkRound(again, model, damage, compression === "none");
    model.messages = [...readAll(again)];
    model.last = again.lastSequence;
    again.stop();
    const clean: string[] = [];
    const third = open(clean);
    assertEquals(clean, []);
    assertEquals([...readAll(third)], model.messages);
    third.stop();
    assert(disk.exists(MESSAGES));
  }
}

/** What was done to a file. */
type Damage = "none" | "flip" | "cut" | "index";

/** Damages one file of the stream. */
function damageOne({ random, hosts }: Simulation): Damage {
  const disk = hosts[0]?.disk;
  if (disk === undefined) return "none";
  const names = disk.list(MESSAGES);
  const blocks = names.filter((name) => name.endsWith(".blk"));
  const choice = random.below(10);
  if (choice < 2 && names.includes("index.db")) {
    damageBytes(disk, `${MESSAGES}/index.db`, random);
    return "index";
  }
  if (blocks.length === 0) return "none";
  const file = disk.file(`${MESSAGES}/${random.pick(blocks)}`);
  if (file.size === 0) return "none";
  if (choice < 8) {
    file.flipBit(random.below(file.size), random.below(8));
    return "flip";
  }
  file.cutShort(random.below(file.size));
  return "cut";
}

function damageBytes(
  disk: NonNullable<Simulation["hosts"][0]>["disk"],
  path: string,
  random: Simulation["random"],
): void {
  const choice = random.below(3);
  if (choice === 0) disk.remove(path);
  else if (choice === 1) disk.file(path).cutShort(random.below(40));
  else {
    const file = disk.file(path);
    file.flipBit(random.below(file.size), random.below(8));
  }
}

function checkRound(
  store: StreamStore,
  model: ModelStore,
  damage: Damage,
  isPlain: boolean,
): void {
  const found = new Map(
    [...readAll(store)].map((each) => [each.sequence, each]),
  );
  const expected = new Map(model.messages.map((each) => [each.sequence, each]));
  for (const [sequence, message] of found) {
    const before = expected.get(sequence);
    // A damaged tombstone may let a message come back; an index prevents it.
    assert(before !== undefined, `${sequence} is back`);
    // Where subject, header and payload part is not covered by a checksum.
    assertEquals(joined(message), joined(before));
  }
  const missing = [...expected.keys()].filter((each) => !found.has(each));
  const lost = store.state().lost?.sequences ?? [];
  assertEquals([...lost], missing, "what is lost is not what is said");
  assertEquals(store.lastSequence, model.last);
  if (damage === "none" || damage === "index") assertEquals(missing, []);
  if (damage === "flip" && isPlain) {
    assert(missing.length <= 1, "too much lost");
  }
}

function joined({ subject, header, payload, time }: ModelMessage): string {
  return `${time} ${subject}${header}${payload}`;
}
