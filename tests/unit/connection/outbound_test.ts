import { assertEquals } from "@std/assert";
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

function outboundOver(transport: Transport): Outbound {
  return new Outbound(transport, denoRuntime().clock, 100, {
    onOverflow: () => {},
    onWriteError: () => {},
    onDrained: () => {},
    onRecovered: () => {},
  });
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
