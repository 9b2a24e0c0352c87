/** Which blocks stay in memory. */

import { assert } from "@std/assert";
import { finish } from "../../../src/connection/mod.ts";
import { BlockMemory } from "../../../src/store/file/block_memory.ts";
import { BlockWalker } from "../../../src/store/file/block_walk.ts";
import { FileBlock } from "../../../src/store/file/file_block.ts";
import { HighwayHash } from "../../../src/store/format/mod.ts";
import { capability } from "../../tools/capability.ts";
import { FileWorld } from "./file_world.ts";
import { message } from "./support.ts";

capability("a block stays in memory while it is gone through in slices", {
  edge: ["stores/caches", "stores/compaction"],
}, () => {
  const { disk } = new FileWorld();
  const hash = new HighwayHash();
  disk.makeDirectory("/blocks");
  const files = { disk, directory: "/blocks", stream: "S", hash };
  const [block, tail] = [
    new FileBlock(files, 1, 1),
    new FileBlock(files, 2, 99),
  ];
  block.create(null);
  tail.create(null);
  const size = 30_000;
  const { body } = message("s", "x".repeat(size - 31));
  for (let i = 1; i <= 20; i++) block.append(size, i, 0, i, "s", body);
  block.flush();
  const memory = new BlockMemory(() => [block, tail]);
  let found = 0;
  const walk = new BlockWalker(hash, () => {}).walk(block, () => found++);
  walk.next();
  assert(found > 0 && found < 20);
  for (let look = 0; look < 5; look++) memory.look();
  assert(block.isLoaded);
  finish(walk);
  assert(found === 20);
  memory.look();
  assert(!block.isLoaded);
});
