import { assertEquals, assertRejects } from "@std/assert";
import { meet } from "../../../src/runtime/deno/loopback.ts";
import { SocketTransport } from "../../../src/runtime/deno/socket.ts";
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

/** Where to meet, and how to get there. */
interface Place {
  readonly listener: Parameters<typeof meet>[0];
  readonly connect: () => Promise<Transport>;
}

const PLACES: Record<string, () => Place> = {
  TCP: () => {
    const listener = network.listen({ host: "127.0.0.1", port: 0 });
    return { listener, connect: () => network.connect(listener.address) };
  },
  unix: () => {
    const path = `\0test-${crypto.randomUUID()}`;
    const listener = Deno.listen({ transport: "unix", path });
    return {
      listener: {
        accept: async () => new SocketTransport(await listener.accept()),
        close: () => listener.close(),
      },
      connect: () => network.connectUnix(path),
    };
  },
};

for (const [kind, place] of Object.entries(PLACES)) {
  for (const speaks of [false, true]) {
    Deno.test(`loopback - a stranger who connects first through ${kind}, and ${speaks ? "speaks" : "is silent"}, gets nothing`, async () => {
      const { listener, connect } = place();
      const stranger = await connect();
      if (speaks) await stranger.write(new Uint8Array(16));
      let dialled: Transport | undefined;
      await assertRejects(
        () => meet(listener, async () => dialled = await connect()),
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

  Deno.test(`loopback - who can't connect through ${kind} waits for nobody`, async () => {
    const refused = () => Promise.reject(new TransportError("no", "REFUSED"));
    await assertRejects(
      () => meet(place().listener, refused),
      TransportError,
      "no",
    );
  });

  Deno.test(`loopback - who can't connect through ${kind} keeps nobody who came`, async () => {
    const { listener, connect } = place();
    const visitor = await connect();
    await assertRejects(
      () =>
        meet(listener, async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          throw new TransportError("no", "REFUSED");
        }),
      TransportError,
      "no",
    );
    assertEquals(await ends(visitor), true);
    visitor.close();
  });
}
