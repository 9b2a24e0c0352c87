/** Batches of many bytes wait on disk. */

import { assert, assertEquals } from "@std/assert";
import { shortHash } from "../../../../src/account/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { FileWorld } from "../../store/file_world.ts";
import { StreamWorld } from "./world.ts";

const ROW = "streams/staging";
const ROOT = "/store/A/streams/S";
const STAGED = `${ROOT}/batches/${shortHash("b")}/msgs`;
const COMMIT = { "Nats-Batch-Commit": "1" };
const END = { "Nats-Batch-Commit": "eob" };
const BODY = "x".repeat(400_000);

interface Answer {
  readonly error?: { readonly err_code: number };
  readonly count?: number;
}

function newWorld(storage: "memory" | "file") {
  const files = new FileWorld();
  const world = new StreamWorld({ stores: files.stores() });
  const stream = world.stream({
    name: "S",
    subjects: ["a.*"],
    storage,
    allow_atomic: true,
  });
  return { files, world, stream };
}

/** @returns what the publisher is told; null: nothing */
function send(
  world: StreamWorld,
  sequence: number,
  more: Record<string, string> = {},
): Answer | null {
  const headers = {
    "Nats-Batch-Id": "b",
    "Nats-Batch-Sequence": String(sequence),
    ...more,
  };
  const [answer] = world.ask(`a.${sequence}`, BODY + sequence, headers);
  return answer === undefined || answer.body === ""
    ? null
    : JSON.parse(answer.body);
}

function stagedBytes({ host: { disk } }: FileWorld): number {
  if (!disk.exists(STAGED)) return 0;
  return disk.list(STAGED).filter((name) => name.endsWith(".blk"))
    .reduce((sum, name) => sum + disk.stat(`${STAGED}/${name}`).size, 0);
}

for (const [how, end] of [["message", COMMIT], ["end", END]] as const) {
  capability(`batch - many bytes wait on disk until their ${how} comes`, {
    positive: [ROW],
  }, async () => {
    const { files, world, stream } = newWorld("file");
    for (let i = 1; i <= 2; i++) send(world, i);
    assertEquals(stagedBytes(files), 0);
    for (let i = 3; i <= 5; i++) send(world, i);
    assert(stagedBytes(files) > 5 * BODY.length);
    assertEquals(stream.store.messages, 0);
    const count = end === END ? 5 : 6;
    assertEquals(send(world, 6, end)?.count, count);
    assertEquals(stream.store.messages, count);
    for (let i = 1; i <= count; i++) {
      const message = stream.store.load(i);
      assertEquals(message?.subject, `a.${i}`);
      const { chunk, bodyEnd } = message ?? { chunk: null, bodyEnd: 0 };
      assertEquals(chunk?.bytes[bodyEnd - 1], String(i).charCodeAt(0));
    }
    await files.pass(1000);
    assertEquals(files.host.disk.list(`${ROOT}/batches`), []);
  });
}

capability("batch - what is not committed leaves no files", {
  positive: [ROW],
  edge: [ROW],
}, async () => {
  const { files, world, stream } = newWorld("file");
  for (let i = 1; i <= 4; i++) send(world, i);
  assert(stagedBytes(files) > 0);
  // One is missing.
  assertEquals(send(world, 6)?.error?.err_code, 10176);
  for (let i = 1; i <= 4; i++) send(world, i);
  await world.pass(11_000);
  await files.pass(1000);
  assertEquals(files.host.disk.list(`${ROOT}/batches`), []);
  // The process ends before it can.
  for (let i = 1; i <= 4; i++) send(world, i);
  stream.store.writeMeta('{"name":"S"}');
  const again = new StreamWorld({ stores: files.stores() });
  again.stream({ ...stream.config }, true);
  assertEquals(files.host.disk.exists(`${ROOT}/batches`), false);
});

capability("batch - of a stream in memory nothing is on disk", {
  edge: [ROW],
}, () => {
  const { files, world, stream } = newWorld("memory");
  for (let i = 1; i <= 4; i++) send(world, i);
  assertEquals(stagedBytes(files), 0);
  assertEquals(send(world, 5, COMMIT)?.count, 5);
  assertEquals(stream.store.messages, 5);
});

capability("batch - a disk that takes nothing ends it", {
  edge: [ROW],
}, () => {
  const { files, world, stream } = newWorld("file");
  for (let i = 1; i <= 2; i++) send(world, i);
  files.disk.stopAfter(0);
  assertEquals(send(world, 3)?.error?.err_code, 10077);
  files.disk.stopAfter(Infinity);
  assertEquals(send(world, 4, COMMIT)?.error?.err_code, 10176);
  assertEquals(stream.atomicBatches.size, 0);
});
