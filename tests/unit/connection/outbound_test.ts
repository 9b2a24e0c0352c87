import { assertEquals } from "@std/assert";
import { CHUNK_MAX, takeChunk } from "../../../src/connection/chunk_pool.ts";
import { Outbound } from "../../../src/connection/outbound.ts";
import type { Chunk } from "../../../src/protocol/mod.ts";
import { denoRuntime, type Transport } from "../../../src/runtime/mod.ts";

/** A transport that takes what it is given when told to. */
function reluctant(): { transport: Transport; take: () => void } {
  const endpoint = { host: "127.0.0.1", port: 1 };
  const { promise, resolve } = Promise.withResolvers<void>();
  const transport: Transport = {
    local: endpoint,
    remote: endpoint,
    read: () => Promise.resolve(null),
    write: (source) => promise.then(() => source.length),
    closeWrite: () => Promise.resolve(),
    close: () => {},
  };
  return { transport, take: resolve };
}

function outboundOver(transport: Transport, maxPending = 100): Outbound {
  const outbound: Outbound = new Outbound(
    transport,
    denoRuntime().clock,
    maxPending,
    {
      onOverflow: () => {},
      onWriteError: () => {},
      onDrained: () => {},
      onRecovered: () => {},
    },
  );
  return outbound;
}

function put(outbound: Outbound, size: number): void {
  outbound.reserve(size);
  outbound.commit(outbound.position + size);
}

Deno.test("who has called off hears nothing of a relief, the others once", async () => {
  const { transport, take } = reluctant();
  const outbound = outboundOver(transport);
  const heard: string[] = [];
  put(outbound, 90);
  outbound.flush();
  outbound.onRelief(() => heard.push("waiting"));
  outbound.onRelief(() => heard.push("impatient"))();
  take();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(heard, ["waiting"]);
  outbound.discard();
  assertEquals(heard, ["waiting"]);
});

Deno.test("a write that ends after a discard counts no longer", async () => {
  const { transport, take } = reluctant();
  const outbound = outboundOver(transport);
  put(outbound, 90);
  outbound.flush();
  outbound.discard();
  take();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(outbound.pending, 0);
});

/** A receiver whose peer takes everything at once, and what it took. */
function collector(maxPending = 10 * CHUNK_MAX) {
  const taken: string[] = [];
  const { transport } = reluctant();
  const outbound = outboundOver({
    ...transport,
    write: (source) => {
      taken.push(new TextDecoder().decode(source));
      return Promise.resolve(source.length);
    },
  }, maxPending);
  return { outbound, taken };
}

/** Writes `text` for one receiver and returns where it stands. */
function write(outbound: Outbound, text: string): [Chunk, number, number] {
  const chunk = outbound.reserve(text.length);
  const start = outbound.position;
  const end = start + text.length;
  new TextEncoder().encodeInto(text, chunk.bytes.subarray(start, end));
  outbound.commit(end);
  return [chunk, start, end];
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("what others got goes out in order with what is one's own, and in one piece", async () => {
  const { outbound: first } = collector();
  const { outbound: second, taken } = collector();
  const one = write(first, "one ".repeat(100));
  const two = write(first, "two ".repeat(100));
  assertEquals(second.share(...one), true);
  assertEquals(second.share(...two), true);
  write(second, "own ");
  assertEquals(second.share(...write(first, "three ".repeat(8000))), true);
  assertEquals(second.pending, 400 + 400 + 4 + 48_000);
  second.flush();
  await settled();
  assertEquals(taken, [
    "one ".repeat(100) + "two ".repeat(100),
    "own ",
    "three ".repeat(8000),
  ]);
  assertEquals(second.pending, 0);
});

Deno.test("a chunk is reused when its last user has written, not before", async () => {
  const { outbound: owner } = collector();
  const { transport, take } = reluctant();
  const slow = outboundOver(transport, 10 * CHUNK_MAX);
  // Sizes of which the pool has none yet.
  const frame = write(owner, "x".repeat(60_000));
  const [chunk] = frame;
  assertEquals(slow.share(...frame), true);
  slow.flush();
  owner.flush();
  await settled();
  assertEquals(owner.pending, 0);
  assertEquals(chunk.users, 1);
  const others = Array.from({ length: 300 }, () => takeChunk(60_000));
  assertEquals(others.includes(chunk), false);
  take();
  await settled();
  assertEquals(chunk.users, 0);
  assertEquals(takeChunk(60_000), chunk);
});

Deno.test("an owner that goes leaves the others their bytes", async () => {
  const { outbound: owner } = collector();
  const { outbound: other, taken } = collector();
  const frame = write(owner, "kept ".repeat(1000));
  assertEquals(other.share(...frame), true);
  owner.discard();
  other.flush();
  await settled();
  assertEquals(taken, ["kept ".repeat(1000)]);
});

Deno.test("little is not shared of a large chunk, nor anything with who is behind", () => {
  const { outbound: owner } = collector();
  const { outbound: other } = collector();
  write(owner, "x".repeat(CHUNK_MAX / 2));
  assertEquals(other.share(...write(owner, "small")), false);
  assertEquals(other.pending, 0);
  assertEquals(other.share(...write(owner, "y".repeat(CHUNK_MAX / 4))), true);
  put(other, CHUNK_MAX);
  put(other, CHUNK_MAX);
  put(other, CHUNK_MAX);
  put(other, CHUNK_MAX);
  assertEquals(other.share(...write(owner, "z".repeat(CHUNK_MAX / 4))), false);
});

Deno.test("what is shared counts as pending like everything else", () => {
  const { outbound: owner } = collector();
  let overflows = 0;
  const { transport } = reluctant();
  const other = new Outbound(transport, denoRuntime().clock, 700, {
    onOverflow: () => overflows++,
    onWriteError: () => {},
    onDrained: () => {},
    onRecovered: () => {},
  });
  other.share(...write(owner, "x".repeat(400)));
  assertEquals(overflows, 0);
  other.share(...write(owner, "x".repeat(400)));
  assertEquals([overflows, other.pending], [1, 800]);
});

Deno.test("what comes at once goes out in one write, though the connection was idle", async () => {
  for (const size of [10, 100, 1000, 1024, 3000]) {
    const { outbound, taken } = collector();
    const pieces = Array.from(
      { length: Math.ceil(6000 / size) },
      (_, i) => String(i % 10).repeat(size),
    );
    for (const each of pieces) write(outbound, each);
    assertEquals(outbound.pending, pieces.length * size);
    outbound.flush();
    await settled();
    assertEquals(taken, [pieces.join("")]);
    // What is much is not moved.
    const much = Array.from({ length: 100 }, () => "x".repeat(1000));
    for (const each of much) write(outbound, each);
    outbound.flush();
    await settled();
    assertEquals(taken.slice(1).join(""), much.join(""));
    assertEquals(outbound.pending, 0);
  }
});

Deno.test("what was moved can still be shared, and its place is used again only then", async () => {
  const { outbound, taken } = collector();
  const other = collector();
  const text = "shared ".repeat(20);
  const frame = write(outbound, text);
  const [first] = frame;
  write(outbound, "y".repeat(1000));
  // Somebody else may take this chunk meanwhile, were it free.
  const strangers = Array.from({ length: 40 }, () => takeChunk(1));
  for (const each of strangers) each.bytes.fill(0x7a);
  assertEquals(other.outbound.share(...frame), true);
  outbound.flush();
  other.outbound.flush();
  await settled();
  assertEquals(taken, [`${text}${"y".repeat(1000)}`]);
  assertEquals(other.taken, [text]);
  assertEquals(first.users, 0);
});
