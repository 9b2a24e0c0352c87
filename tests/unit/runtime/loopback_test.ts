import { assertEquals, assertRejects } from "@std/assert";
import { meet } from "../../../src/runtime/deno/loopback.ts";
import {
  denoRuntime,
  type Transport,
  TransportError,
} from "../../../src/runtime/mod.ts";

const { network } = denoRuntime();

async function carries(from: Transport, to: Transport): Promise<void> {
  await from.write(new Uint8Array([1, 2, 3]));
  const target = new Uint8Array(8);
  assertEquals(await to.read(target), 3);
  assertEquals([...target.subarray(0, 3)], [1, 2, 3]);
}

async function ends(transport: Transport): Promise<boolean> {
  const count = await transport.read(new Uint8Array(1)).catch(() => null);
  return count === null;
}

Deno.test("loopback - what one end writes the other reads, both ways", async () => {
  const [one, other] = await network.loopback();
  await carries(one, other);
  await carries(other, one);
  one.close();
  assertEquals(await ends(other), true);
  other.close();
});

Deno.test("loopback - without unix sockets it goes through TCP", async () => {
  const listener = network.listen({ host: "127.0.0.1", port: 0 });
  const [one, other] = await meet(
    listener,
    () => network.connect(listener.address),
  );
  await carries(one, other);
  await carries(other, one);
  one.close();
  other.close();
});

for (const speaks of [false, true]) {
  Deno.test(`loopback - a stranger who connects first, and ${speaks ? "speaks" : "is silent"}, gets nothing`, async () => {
    const listener = network.listen({ host: "127.0.0.1", port: 0 });
    const stranger = await network.connect(listener.address);
    if (speaks) await stranger.write(new Uint8Array(16));
    let dialled: Transport | undefined;
    await assertRejects(
      () =>
        meet(
          listener,
          async () => dialled = await network.connect(listener.address),
        ),
      TransportError,
    );
    // What it may have got is the proof that it is one, and the end.
    await stranger.read(new Uint8Array(16)).catch(() => null);
    assertEquals(await ends(stranger), true);
    assertEquals(
      await dialled?.read(new Uint8Array(1)).catch(() => null),
      null,
    );
    stranger.close();
  });
}

Deno.test("loopback - who can't connect keeps nothing", async () => {
  const listener = network.listen({ host: "127.0.0.1", port: 0 });
  const refusal = new TransportError("no", "REFUSED");
  const accepting = network.connect(listener.address);
  await assertRejects(
    () => meet(listener, () => Promise.reject(refusal)),
    TransportError,
    "no",
  );
  const visitor = await accepting;
  assertEquals(await ends(visitor), true);
  visitor.close();
});
