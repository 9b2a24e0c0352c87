/** What the simulated disk keeps and what it loses. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DiskError } from "../../src/runtime/ports.ts";
import type { SimHost } from "./host.ts";
import { CALM } from "./options.ts";
import { SECTOR_SIZE } from "./ports/inode.ts";
import { Simulation } from "./simulation.ts";

const KEEP_NOTHING = { keepSector: 0, keepOperation: 0 };
const KEEP_ALL = { keepSector: 1, keepOperation: 1 };

function newHost(seed = 1): [Simulation, SimHost] {
  const simulation = new Simulation(seed, CALM);
  return [simulation, simulation.host("a")];
}

/** Writes a file and makes it durable, name and all. */
function writeDurably({ disk }: SimHost, path: string, data: Uint8Array) {
  disk.writeFile(path, data);
  disk.open(path, { write: true }).syncNow();
  disk.syncDirectory("/");
}

Deno.test("crash - synced bytes stay, others go", () => {
  const [, host] = newHost();
  writeDurably(host, "/f", new Uint8Array(10).fill(1));
  const file = host.disk.open("/f", { write: true, append: true });
  file.writeAt(new Uint8Array(5).fill(2), 0);
  file.append(new Uint8Array(2000).fill(3));
  host.crash(KEEP_NOTHING);
  assertEquals(host.disk.readFile("/f"), new Uint8Array(10).fill(1));
});

Deno.test("crash - a kill keeps what was written", () => {
  const [, host] = newHost();
  host.disk.writeFile("/f", new Uint8Array(10).fill(1));
  host.kill();
  assertEquals(host.disk.readFile("/f"), new Uint8Array(10).fill(1));
});

Deno.test("crash - every sector is old or new, never a mixture", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const [, host] = newHost(seed);
    writeDurably(host, "/f", new Uint8Array(3 * SECTOR_SIZE).fill(1));
    const file = host.disk.open("/f", { write: true });
    file.writeAt(new Uint8Array(3 * SECTOR_SIZE).fill(2), 0);
    host.crash({ keepSector: 0.5, keepOperation: 1 });
    const bytes = host.disk.readFile("/f");
    const sectors = [0, 1, 2].map((sector) => {
      const start = sector * SECTOR_SIZE;
      const part = new Set(bytes.subarray(start, start + SECTOR_SIZE));
      assertEquals(part.size, 1, "a sector is torn");
      return [...part][0];
    });
    seen.add(sectors.join());
  }
  assert(seen.has("1,2,1"), `no torn write among ${[...seen].join(" ")}`);
  assert(seen.has("2,2,2") && seen.has("1,1,1"));
});

Deno.test("crash - an unsynced append may leave any length, or a hole", () => {
  const lengths = new Set<number>();
  let holes = 0;
  for (let seed = 0; seed < 60; seed++) {
    const [, host] = newHost(seed);
    writeDurably(host, "/f", new Uint8Array(SECTOR_SIZE).fill(1));
    const file = host.disk.open("/f", { append: true });
    file.append(new Uint8Array(2 * SECTOR_SIZE).fill(2));
    host.crash({ keepSector: 0.5, keepOperation: 1 });
    const bytes = host.disk.readFile("/f");
    assertEquals(bytes[SECTOR_SIZE - 1], 1);
    lengths.add(bytes.length);
    if (bytes.length === 3 * SECTOR_SIZE && bytes.includes(0)) holes++;
  }
  assert(lengths.has(SECTOR_SIZE) && lengths.has(3 * SECTOR_SIZE));
  assert([...lengths].some((length) => length % SECTOR_SIZE !== 0));
  assert(holes > 0);
});

Deno.test("crash - an unsynced truncation may be undone", () => {
  const [, kept] = newHost();
  writeDurably(kept, "/f", new Uint8Array(10).fill(1));
  kept.disk.open("/f", { write: true }).truncate(4);
  kept.crash(KEEP_NOTHING);
  assertEquals(kept.disk.readFile("/f").length, 10);
  const [, cut] = newHost();
  writeDurably(cut, "/f", new Uint8Array(10).fill(1));
  cut.disk.open("/f", { write: true }).truncate(4);
  cut.crash(KEEP_ALL);
  assertEquals(cut.disk.readFile("/f").length, 4);
});

Deno.test("crash - names need a sync of their directory", () => {
  const [, host] = newHost();
  const file = host.disk.open("/new", { create: true, write: true });
  file.writeAt(new Uint8Array(3), 0);
  file.syncNow();
  host.crash(KEEP_NOTHING);
  assertEquals(host.disk.list("/"), []);
  host.restart();
  writeDurably(host, "/old", new Uint8Array(3));
  host.disk.rename("/old", "/renamed");
  host.crash(KEEP_NOTHING);
  assertEquals(host.disk.list("/"), ["old"]);
  host.restart();
  host.disk.remove("/old");
  host.crash(KEEP_NOTHING);
  assertEquals(host.disk.list("/"), ["old"]);
});

Deno.test("crash - a rename across directories is never half done", () => {
  for (let seed = 0; seed < 40; seed++) {
    const [, host] = newHost(seed);
    const { disk } = host;
    disk.makeDirectory("/from");
    disk.makeDirectory("/to");
    disk.syncDirectory("/");
    disk.writeFile("/from/f", new Uint8Array(3));
    disk.syncDirectory("/from");
    disk.writeFile("/to/other", new Uint8Array(3));
    disk.rename("/from/f", "/to/f");
    if (seed % 2 === 0) disk.syncDirectory("/to");
    host.crash({ keepSector: 1, keepOperation: 0.5 });
    const places = [...disk.list("/from"), ...disk.list("/to")]
      .filter((name) => name === "f");
    assertEquals(places, ["f"]);
    if (seed % 2 === 0) assert(disk.exists("/to/f"));
  }
});

Deno.test("sync - takes time and covers what was written before it", async () => {
  const [simulation, host] = newHost();
  const { disk } = host;
  writeDurably(host, "/f", new Uint8Array(0));
  await simulation.run(async () => {
    const file = disk.open("/f", { append: true });
    file.append(new Uint8Array(5).fill(1));
    const start = simulation.now;
    const syncing = file.sync();
    file.append(new Uint8Array(5).fill(2));
    await syncing;
    assert(simulation.now > start);
    host.crash(KEEP_NOTHING);
    assertEquals(disk.readFile("/f"), new Uint8Array(5).fill(1));
  });
});

Deno.test("sync - after a failure the bytes are in nobody's care", async () => {
  const [simulation, host] = newHost();
  const { disk } = host;
  writeDurably(host, "/f", new Uint8Array(0));
  await simulation.run(async () => {
    const file = disk.open("/f", { append: true });
    file.append(new Uint8Array(5).fill(1));
    disk.options = { ...disk.options, syncError: 1 };
    await assertRejects(() => file.sync(), DiskError, "input/output error");
    disk.options = { ...disk.options, syncError: 0 };
    await file.sync();
    assertEquals(file.size(), 5);
    host.crash(KEEP_ALL);
    assertEquals(disk.readFile("/f"), new Uint8Array(5), "zeros are left");
  });
});

Deno.test("damage - a flipped bit and a short file survive a crash", () => {
  const [, host] = newHost();
  writeDurably(host, "/f", new Uint8Array(10).fill(1));
  host.disk.file("/f").flipBit(3, 7);
  host.disk.file("/f").cutShort(5);
  const expected = Uint8Array.of(1, 1, 1, 129, 1);
  assertEquals(host.disk.readFile("/f"), expected);
  host.crash(KEEP_NOTHING);
  assertEquals(host.disk.readFile("/f"), expected);
});
