import { assert, assertEquals } from "@std/assert";
import { LoopTurns } from "../../../src/connection/mod.ts";
import { denoRuntime, TransportError } from "../../../src/runtime/mod.ts";

const { network, timers } = denoRuntime();

/** A server that answers every byte, and a peer in a thread of its own that asks. */
async function medianEcho(work: () => Promise<void>): Promise<number> {
  const listener = network.listen({ host: "127.0.0.1", port: 0 });
  const served = listener.accept().then(async (transport) => {
    const byte = new Uint8Array(1);
    while (await transport.read(byte) !== null) await transport.write(byte);
    transport.close();
  });
  const script = `
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: ${listener.address.port} });
    const byte = new Uint8Array(1);
    const times = [];
    for (let i = 0; i < 21; i++) {
      const begin = performance.now();
      await conn.write(byte);
      await conn.read(byte);
      times.push(performance.now() - begin);
    }
    conn.close();
    postMessage(times.sort((a, b) => a - b)[10]);`;
  const url = URL.createObjectURL(
    new Blob([script], { type: "text/javascript" }),
  );
  const worker = new Worker(url, { type: "module" });
  const median = new Promise<number>((resolve) =>
    worker.onmessage = ({ data }) => resolve(data)
  );
  let done = false;
  void median.then(() => done = true);
  while (!done) await work();
  await served;
  worker.terminate();
  URL.revokeObjectURL(url);
  listener.close();
  return await median;
}

Deno.test("LoopTurns - sockets are looked at in each of them", async () => {
  const turns = new LoopTurns(network, timers);
  const median = await medianEcho(async () => {
    const end = performance.now() + 4;
    while (performance.now() < end);
    await turns.next();
  });
  await turns.close();
  // Immediates instead make this several hundred.
  assert(median < 150, `${median} ms`);
});

Deno.test("LoopTurns - all who wait share a turn, and the next is another", async () => {
  const turns = new LoopTurns(network, timers);
  const first = turns.next();
  assertEquals(turns.next() === first, true);
  await first;
  const second = turns.next();
  assertEquals(second === first, false);
  await second;
  await turns.close();
});

Deno.test("LoopTurns - closed in the middle of a turn, it still ends", async () => {
  const turns = new LoopTurns(network, timers);
  await turns.next();
  const pending = turns.next();
  const closed = turns.close();
  await pending;
  await closed;
  await turns.next();
});

Deno.test("LoopTurns - closed while its sockets are being opened, it keeps none", async () => {
  const turns = new LoopTurns(network, timers);
  const pending = turns.next();
  const closed = turns.close();
  await pending;
  await closed;
});

Deno.test("LoopTurns - without loopback it rests instead", async () => {
  let rests = 0;
  const resting = {
    sleep: () => {
      rests++;
      return Promise.resolve();
    },
  };
  const none = {
    loopback: () => Promise.reject(new TransportError("no", "REFUSED")),
  };
  const turns = new LoopTurns(none, resting);
  await turns.next();
  await turns.next();
  assertEquals(rests, 2);
  await turns.close();
});
