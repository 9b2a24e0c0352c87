/** Directories of accounts that go. */

import { assert, assertEquals } from "@std/assert";
import {
  removeAccount,
  removeStaging,
} from "../../../src/jetstream/old_directories.ts";
import { CALM } from "../../sim/options.ts";
import { CountdownDisk } from "../../sim/ports/countdown_disk.ts";
import { Simulation } from "../../sim/simulation.ts";

const STORE = "/store/jetstream";
const FILES = ["streams/S/meta.inf", "streams/S/msgs/1.blk", "streams/T/x"];

function world() {
  const simulation = new Simulation(1, CALM);
  const { disk: real } = simulation.host("server").runtime;
  for (const file of FILES) {
    const path = `${STORE}/A/${file}`;
    real.makeDirectory(path.slice(0, path.lastIndexOf("/")));
    real.writeFile(path, new Uint8Array(3));
  }
  return { simulation, real, disk: new CountdownDisk(real) };
}

Deno.test("what is kept of an account is gone at once, and its files off the loop", async () => {
  const { simulation, real, disk } = world();
  const removed: string[] = [];
  disk.remove = (path) => void removed.push(path);
  const removing = removeAccount(disk, STORE, "A", "id1");
  assertEquals(real.exists(`${STORE}/A`), false);
  // A stream comes meanwhile.
  real.makeDirectory(`${STORE}/A/streams/N`);
  await simulation.runFor(10);
  await removing;
  assertEquals(removed, []);
  assertEquals(real.list(`${STORE}/.snap-staging`), []);
  assertEquals(real.list(`${STORE}/A/streams`), ["N"]);
  // Nothing is kept of this one.
  await removeAccount(disk, STORE, "B", "id2");
});

Deno.test("an account whose removal was cut short is there with all files, or with none", async () => {
  for (let operations = 1;; operations++) {
    const { simulation, real, disk } = world();
    disk.stopAfter(operations);
    const removing = removeAccount(disk, STORE, "A", "id1")
      .then(() => true, () => false);
    await simulation.runFor(10);
    const isDone = await removing;
    removeStaging(real, STORE);
    assertEquals(real.exists(`${STORE}/.snap-staging`), false);
    const left = FILES.filter((file) => real.exists(`${STORE}/A/${file}`));
    assert([0, FILES.length].includes(left.length), left.join());
    if (isDone) return assertEquals(left, []);
  }
});
