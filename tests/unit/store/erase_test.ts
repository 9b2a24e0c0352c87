/** What erasing a message touches of the files. */

import { assert, assertEquals } from "@std/assert";
import type { File, OpenOptions } from "../../../src/runtime/mod.ts";
import { FileWorld } from "./file_world.ts";
import { message } from "./support.ts";

const MESSAGES = 400;
const BLOCK = 8000;
const SECRET = { account: "A", secret: "secret", previousSecret: "" };

/** Has the bytes counted that are read of the first block. */
function countReads({ disk }: FileWorld): { bytes: number } {
  const counted = { bytes: 0 };
  const open = disk.open.bind(disk);
  disk.open = (path: string, options?: OpenOptions): File => {
    const file = open(path, options);
    if (!path.endsWith("/1.blk")) return file;
    const readAt = file.readAt.bind(file);
    file.readAt = (target, position) => {
      counted.bytes += target.length;
      return readAt(target, position);
    };
    return file;
  };
  return counted;
}

for (const cipher of [null, "aes", "chacha"] as const) {
  Deno.test(`erasing a message reads nothing else of its block, ${cipher ?? "not encrypted"}`, () => {
    const world = new FileWorld({
      blockSize: BLOCK,
      ...cipher === null ? {} : { encryption: { ...SECRET, cipher } },
    });
    const store = world.open();
    for (let i = 1; i <= MESSAGES; i++) store.append(message("s", `body ${i}`));
    store.stop();
    const again = world.open();
    const reads = countReads(world);
    assert(again.erase(2));
    assert(reads.bytes < BLOCK / 8, `${reads.bytes}`);
    assertEquals(again.load(2), null);
    assertEquals(again.load(3)?.sequence, 3);
    again.stop();
    const third = world.open();
    assertEquals([third.messages, third.load(2)], [MESSAGES - 1, null]);
    assertEquals(third.state().lost, null);
    assertEquals(world.warnings, []);
    third.stop();
  });
}
