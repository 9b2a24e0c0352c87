/**
 * The disk port: what was acknowledged after a sync is there after any crash,
 * in order and unharmed; what was not may be there, torn or not.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { DiskError, type Runtime } from "../../../src/runtime/ports.ts";
import type { Scenario } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";

/** What a writer may get wrong, to show that the checker would notice. */
export interface WriterHabits {
  /** Syncs the file before it acknowledges. */
  readonly syncsFile: boolean;
  /** Syncs the directory after it has created the file. */
  readonly syncsDirectory: boolean;
}

export const appendLog = appendLogWith({
  syncsFile: true,
  syncsDirectory: true,
});

/** The scenario with a writer of certain habits. */
export function appendLogWith(habits: WriterHabits): Scenario {
  return {
    name: "append-log",
    overrides: { disk: { writeError: 0.001, syncError: 0.001 } },
    run: (simulation) => run(simulation, habits),
  };
}

const DIRECTORY = "/data";
const PATH = "/data/log";

async function run(simulation: Simulation, habits: WriterHabits) {
  const host = simulation.host("writer");
  const random = simulation.random.fork();
  let acknowledged = 0;
  for (let life = 0; life < 5; life++) {
    const records = recover(host.runtime, habits);
    assertGreater(records + 1, acknowledged, "acknowledged records are lost");
    let gaveUp = false;
    void write(host.runtime, records, habits, (count) => acknowledged = count)
      .then(() => gaveUp = true);
    await simulation.sleep(random.between(1, 2000));
    // After a failed sync the cache shows what the disk does not have: nobody
    // can build on that, so the machine must restart, not just the process.
    if (!gaveUp && random.chance(0.3)) host.kill();
    else host.crash();
    host.restart();
  }
}

/** Reads the log, cuts off what is torn and returns the number of records. */
function recover({ disk }: Runtime, habits: WriterHabits): number {
  if (!disk.exists(DIRECTORY)) {
    disk.makeDirectory(DIRECTORY);
    if (habits.syncsDirectory) disk.syncDirectory("/");
  }
  const file = disk.open(PATH, { create: true, write: true });
  if (habits.syncsDirectory) disk.syncDirectory(DIRECTORY);
  const bytes = new Uint8Array(file.size());
  assertEquals(file.readAt(bytes, 0), bytes.length);
  let count = 0;
  let end = 0;
  for (;;) {
    const record = encodeRecord(count);
    const found = bytes.subarray(end, end + record.length);
    if (!equal(found, record)) break;
    count++;
    end += record.length;
  }
  try {
    file.truncate(end);
  } catch (error) {
    assert(error instanceof DiskError && error.code === "EIO");
  }
  file.close();
  return count;
}

async function write(
  { disk, timers }: Runtime,
  start: number,
  habits: WriterHabits,
  acknowledge: (count: number) => void,
): Promise<void> {
  const file = disk.open(PATH, { append: true });
  try {
    for (let count = start;; count++) {
      file.append(encodeRecord(count));
      if (habits.syncsFile) await file.sync();
      else await timers.sleep(1);
      acknowledge(count + 1);
    }
  } catch (error) {
    assert(error instanceof DiskError && error.code === "EIO");
  }
}

/** The record of a number: its length varies and its bytes tell it apart. */
function encodeRecord(number: number): Uint8Array {
  const bytes = new Uint8Array(8 + (number * 37) % 1500);
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  new DataView(bytes.buffer).setUint32(4, number);
  return bytes.fill(1 + number % 255, 8);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
