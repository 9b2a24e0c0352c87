import { assertEquals } from "@std/assert";
import { CHUNK_MAX } from "../../../src/connection/chunk_pool.ts";
import { Outbound } from "../../../src/connection/outbound.ts";
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
      onFull: () => outbound.flush(),
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

Deno.test("a full chunk is written before the batch ends, a small one is not", async () => {
  const written: number[] = [];
  const { transport } = reluctant();
  const outbound = outboundOver({
    ...transport,
    write: ({ length }) => {
      written.push(length);
      return Promise.resolve(length);
    },
  }, 10 * CHUNK_MAX);
  put(outbound, 1000);
  put(outbound, 1000);
  assertEquals(written, []);
  put(outbound, CHUNK_MAX);
  put(outbound, CHUNK_MAX - 100);
  assertEquals(written, [1000]);
  assertEquals(outbound.pending, 1000 + 1000 + 2 * CHUNK_MAX - 100);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(written, [1000, 1000, CHUNK_MAX, CHUNK_MAX - 100]);
  assertEquals(outbound.pending, 0);
});
