/** Blocks whose content comes to memory as it is needed. */

import { assert, assertEquals } from "@std/assert";
import { finish } from "../../../src/connection/mod.ts";
import type { Disk } from "../../../src/runtime/mod.ts";
import { FileBlock } from "../../../src/store/file/file_block.ts";
import {
  PORTION,
  PortionsRead,
} from "../../../src/store/file/portions_read.ts";
import type { BlockSecret } from "../../../src/store/file/secrecy.ts";
import { HighwayHash, RecordView } from "../../../src/store/format/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld } from "./file_world.ts";
import { message } from "./support.ts";

const OVERHEAD = 31;
const hash = new HighwayHash();

/** Every byte depends on where it is. */
const SECRET: BlockSecret = {
  apply: (bytes, at) => bytes.map((byte, i) => byte ^ ((at + i) * 7 & 0xff)),
};

/** One block on a disk that counts what is read of it. */
class BlockWorld {
  read = 0;
  block: FileBlock;
  /** Bodies by position. */
  readonly bodies = new Map<number, string>();
  readonly #files;
  readonly #secret: BlockSecret | null;
  #sequence = 0;

  constructor(secret: BlockSecret | null = null) {
    const { disk } = new FileWorld();
    disk.makeDirectory("/blocks");
    disk.makeDirectory("/scratch");
    this.#count(disk);
    this.#files = { disk, directory: "/blocks", stream: "S", hash };
    this.#secret = secret;
    this.block = this.#make();
    this.block.create(null);
  }

  #count(disk: Disk): void {
    const open = disk.open.bind(disk);
    disk.open = (path, options) => {
      const file = open(path, options);
      const readAt = file.readAt.bind(file);
      file.readAt = (target, position) => {
        this.read += target.length;
        return readAt(target, position);
      };
      return file;
    };
  }

  #make(): FileBlock {
    const block = new FileBlock(this.#files, 1, 1);
    block.secret = this.#secret;
    return block;
  }

  append(text: string): void {
    const size = text.length + OVERHEAD;
    const { body } = message("s", text);
    const sequence = ++this.#sequence;
    const at = this.block.append(size, sequence, 0, sequence, "s", body);
    this.bodies.set(at, text);
  }

  /** Puts another record of the same size in the place of one. */
  overwrite(position: number, text: string): void {
    const size = text.length + OVERHEAD;
    const scratch = new FileBlock(
      { ...this.#files, directory: "/scratch" },
      1,
      1,
    );
    scratch.create(null);
    scratch.append(size, 1, 0, 1, "s", message("s", text).body);
    this.block.overwrite(position, scratch.load().bytes.slice(0, size));
    this.bodies.set(position, text);
  }

  /** Looks at it as after a restart. */
  reopen(): void {
    const { size } = this.block;
    this.block.flush();
    this.block.close();
    this.block = this.#make();
    this.block.resumed(size, false, true);
    this.read = 0;
  }

  cut(size: number): void {
    this.block.cut(size);
    for (const at of this.bodies.keys()) {
      if (at >= size) this.bodies.delete(at);
    }
  }

  /** Whether a record is what it was. */
  check(position: number): void {
    const { block } = this;
    assertEquals(block.find(position), "found");
    const record = new RecordView();
    record.read(block.chunk, block.at, block.chunk.size);
    const { subjectEnd, messageEnd } = record;
    const bytes = block.chunk.bytes.subarray(subjectEnd, messageEnd);
    assertEquals(new TextDecoder().decode(bytes), this.bodies.get(position));
  }
}

/** Different at each place, so that nothing is found where it does not belong. */
function text(random: SeededRandom, size: number): string {
  let text = "";
  while (text.length < size) text += random.below(1e9);
  return text.slice(0, size);
}

capability("a block that is read in order comes to memory little by little", {
  positive: ["stores/caches"],
}, () => {
  const world = new BlockWorld();
  for (let i = 0; i < 2000; i++) world.append("x".repeat(1000));
  const { size } = world.block;
  world.reopen();
  const positions = [...world.bodies.keys()];
  for (const position of positions.slice(0, 5)) world.check(position);
  assert(world.read < 2 * PORTION, `${world.read} bytes`);
  assert(world.block.isLoaded);
  for (const position of positions) world.check(position);
  assert(world.read < size + 2 * PORTION, `${world.read} of ${size} bytes`);
});

capability("a block comes to memory step by step, and once", {
  positive: ["stores/caches"],
}, () => {
  const world = new BlockWorld();
  for (let i = 0; i < 1000; i++) world.append("x".repeat(1000));
  const { size } = world.block;
  world.reopen();
  const loading = world.block.loading();
  let steps = 0;
  let most = 0;
  for (let before = 0; !loading.next().done; before = world.read) {
    steps++;
    most = Math.max(most, world.read - before);
    assertEquals(world.block.unload(), null);
  }
  assert(steps >= size / PORTION, `${steps} steps`);
  assertEquals(most, PORTION);
  world.block.load();
  assertEquals(world.read, size);
  assert(finish(world.block.loading()) === undefined);
  assertEquals(world.read, size);
});

Deno.test("portions - what is behind a cut is not read", () => {
  const portions = new PortionsRead(3 * PORTION + 5);
  const read: [number, number][] = [];
  const note = (from: number, to: number) => void read.push([from, to]);
  portions.reach(PORTION + 1, PORTION + 2, note);
  assertEquals(read.splice(0), [[PORTION, 2 * PORTION]]);
  portions.cut(2 * PORTION + 7);
  portions.reach(0, Infinity, note);
  assertEquals(read, [[0, PORTION], [2 * PORTION, 2 * PORTION + 7]]);
  assert(portions.isComplete);
});

function history(seed: number, secret: BlockSecret | null): void {
  const random = new SeededRandom(BigInt(seed));
  const world = new BlockWorld(secret);
  const append = () => world.append(text(random, 1 + random.below(40_000)));
  for (let i = 0; i < 40; i++) append();
  world.reopen();
  for (let step = 0; step < 60; step++) {
    const { block } = world;
    const positions = [...world.bodies.keys()];
    switch (random.below(9)) {
      case 0:
        append();
        break;
      case 1:
        block.flush();
        break;
      case 2:
        block.flush();
        block.unload();
        break;
      case 3:
        block.loading().next();
        break;
      case 4:
        if (random.chance(0.2)) block.load();
        break;
      case 5: {
        if (block.pending > 0 || positions.length < 20) break;
        world.cut(random.pick(positions.slice(10)));
        break;
      }
      case 6: {
        const position = random.pick(positions);
        block.findHead(position);
        break;
      }
      case 7:
        if (random.chance(0.3)) world.reopen();
        break;
      case 8: {
        // What was appended just now has not come to its place yet.
        if (random.chance(0.5)) append();
        const last = [...world.bodies.keys()].slice(-1);
        const position = random.pick([...last, random.pick(positions)]);
        const { length } = world.bodies.get(position) ?? "";
        world.overwrite(position, text(random, length));
        break;
      }
    }
    const from = random.below(world.bodies.size);
    for (const each of [...world.bodies.keys()].slice(from, from + 4)) {
      world.check(each);
    }
  }
  world.block.flush();
  world.reopen();
  for (const each of world.bodies.keys()) world.check(each);
}

capability("what is read of a block is what was written, in whatever order", {
  edge: ["stores/caches"],
}, () => {
  for (let seed = 1; seed <= 25; seed++) {
    history(seed, null);
    history(seed, SECRET);
  }
});
