/**
 * The network port: what comes back is what was sent, whatever happens in
 * between; and once nothing happens any more, all of it comes back.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  type Listener,
  type Runtime,
  type Transport,
  TransportError,
} from "../../../src/runtime/ports.ts";
import { Nemesis } from "../nemesis.ts";
import type { SeededRandom } from "../ports/random.ts";
import type { Scenario } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";
import { readAll, writeAll } from "../streams.ts";

const PORT = 7000;

export const echo: Scenario = { name: "echo", run };

async function run(simulation: Simulation): Promise<void> {
  const server = simulation.host("server");
  const client = simulation.host("client");
  void serve(server.runtime.network.listen({ host: "0.0.0.0", port: PORT }));
  const nemesis = new Nemesis(simulation, simulation.hosts, [
    "partition",
    "cut",
    "slow",
    "reset",
    "pause",
  ]);
  const random = simulation.random.fork();
  let stopped = false;
  const storm = nemesis.run(60_000).then(() => void (stopped = true));
  while (!stopped) await exchange(client.runtime, random);
  await storm;
  simulation.calm();
  assert(
    await exchange(client.runtime, random),
    "an undisturbed exchange must complete",
  );
}

async function serve(listener: Listener): Promise<void> {
  for (;;) void answer(await listener.accept());
}

async function answer(transport: Transport): Promise<void> {
  const buffer = new Uint8Array(4096);
  try {
    for (;;) {
      const count = await transport.read(buffer);
      if (count === null) break;
      await writeAll(transport, buffer.subarray(0, count));
    }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
  } finally {
    transport.close();
  }
}

/**
 * Sends some bytes and compares what comes back.
 * @returns whether everything came back before the connection broke
 */
async function exchange(
  runtime: Runtime,
  random: SeededRandom,
): Promise<boolean> {
  const sent = new Uint8Array(random.below(20_000) + 1);
  random.fill(sent);
  let returned = 0;
  let transport: Transport | null = null;
  // A half-open connection gives no sign: only a deadline ends the wait.
  const deadline = runtime.timers.after(200_000, () => transport?.close());
  try {
    transport = await runtime.network.connect({ host: "server", port: PORT });
    const reading = readAll(transport, (bytes) => {
      const expected = sent.subarray(returned, returned + bytes.length);
      assertEquals(bytes, expected, "echo differs");
      returned += bytes.length;
    });
    await Promise.all([reading, writeThenEnd(transport, sent)]);
    return returned === sent.length;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    await runtime.timers.sleep(100);
    return false;
  } finally {
    deadline.cancel();
    transport?.close();
  }
}

async function writeThenEnd(transport: Transport, bytes: Uint8Array) {
  await writeAll(transport, bytes);
  await transport.closeWrite();
}
