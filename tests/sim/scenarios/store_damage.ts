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
/** Milliseconds in which all blocks are verified. */
const AUDIT = 2000;

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
      digestFrom: 0,
      warn: (text) => warnings.push(text),
    }).open(options);
  const model = new ModelStore(limits, () => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const before = indexFiles(disk);
    const store = open([]);
    const history = new History(store, model, random);
    for (let step = 0; step < STEPS; step++) {
      history.grow();
      if (random.chance(0.05)) await simulation.sleep(random.below(5000));
    }
    store.stop();
    const damage = damageOne(simulation, before);
    const warnings: string[] = [];
    const again = open(warnings);
    // What nobody has asked for is verified in the background.
    const audited = random.chance(0.5);
    if (audited) await simulation.sleep(AUDIT);
    checkRound(again, model, damage, compression === "none");
    if (!audited) await simulation.sleep(AUDIT);
    model.messages = [...readAll(again)];
    model.last = again.lastSequence;
    again.stop();
    // What was found out while it was in use is mended now.
    const mended = open([]);
    assertEquals([...readAll(mended)], model.messages);
    mended.stop();
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

/** The files that say what is in the blocks. */
const INDEXES = ["index.db", "messages.idx"];
const DIGEST = /^\d+\.idx$/;

type TestDisk = NonNullable<Simulation["hosts"][0]>["disk"];

/** The indexes as they are, by name. */
function indexFiles(disk: TestDisk): ReadonlyMap<string, Uint8Array> {
  const names = disk.exists(MESSAGES) ? disk.list(MESSAGES) : [];
  return new Map(
    INDEXES.filter((name) => names.includes(name))
      .map((name) => [name, disk.readFile(`${MESSAGES}/${name}`)]),
  );
}

/** Damages one file of the stream. @param before indexes of another time */
function damageOne(
  { random, hosts }: Simulation,
  before: ReadonlyMap<string, Uint8Array>,
): Damage {
  const disk = hosts[0]?.disk;
  if (disk === undefined) return "none";
  if (random.chance(0.3)) {
    damageIndexes(disk, random, before);
    return "index";
  }
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

/**
 * One is damaged, gone or out of date; or both are out of date; or there is
 * only a digest that is damaged.
 */
function damageIndexes(
  disk: TestDisk,
  random: Simulation["random"],
  before: ReadonlyMap<string, Uint8Array>,
): void {
  const digests = disk.list(MESSAGES).filter((name) => DIGEST.test(name));
  if (digests.length > 0 && random.chance(0.3)) {
    const pages = `${MESSAGES}/messages.idx`;
    if (disk.exists(pages)) disk.remove(pages);
    damageBytes(disk, `${MESSAGES}/${random.pick(digests)}`, random);
    return;
  }
  if (random.chance(0.3)) {
    const isBoth = random.chance(0.5);
    const chosen = random.pick(INDEXES);
    for (const [name, bytes] of before) {
      if (isBoth || name === chosen) {
        disk.writeFile(`${MESSAGES}/${name}`, bytes);
      }
    }
    return;
  }
  const path = `${MESSAGES}/${random.pick(INDEXES)}`;
  if (disk.exists(path)) damageBytes(disk, path, random);
}

function damageBytes(
  disk: TestDisk,
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
