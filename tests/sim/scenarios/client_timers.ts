/**
 * What the server does to clients after a while, at virtual time: PING, stale
 * connections, authentication timeout, lame duck mode.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { CloseReason } from "../../../src/connection/mod.ts";
import { SimClient } from "../nats/client.ts";
import { type RunningServer, startServer } from "../nats/server.ts";
import { CALM } from "../options.ts";
import type { Scenario } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";

const SERVER = { host: "server", port: 4222 };

/** What a client heard, and when. */
interface Heard {
  readonly at: number;
  readonly line: string;
}

/** Connects a client that notes what it hears. */
async function listen(
  simulation: Simulation,
  name: string,
  options: { pongs?: boolean; connect?: Record<string, unknown> | null } = {},
): Promise<{ client: SimClient; heard: Heard[] }> {
  const heard: Heard[] = [];
  const { runtime } = simulation.host(name);
  const client = await SimClient.connect(runtime, SERVER, {
    ...options,
    onLine: (line) => heard.push({ at: simulation.now, line }),
  });
  return { client, heard };
}

/** Times of the lines that begin with `start`. */
function times(heard: readonly Heard[], start: string): number[] {
  return heard.filter(({ line }) => line.startsWith(start))
    .map(({ at }) => at);
}

function assertBetween(value: number | undefined, low: number, high: number) {
  assert(
    value !== undefined && value >= low && value <= high,
    `${value} is not between ${low} and ${high}`,
  );
}

function lastReason({ server }: RunningServer): string | undefined {
  return server.state.closedClients.list().at(-1)?.reason;
}

/** The server looks after its clients this often, milliseconds. */
const ROUND = 250;

export const stalePeers: Scenario = {
  name: "stale-peers",
  claims: {
    positive: ["client-protocol/server-ping"],
    edge: ["client-protocol/server-ping", "client-protocol/stale"],
  },
  // The network shall not find the dead machine before the server does.
  overrides: { ...CALM, network: { ...CALM.network, timeout: 36_000_000 } },
  async run(simulation) {
    const random = simulation.random.fork();
    const pingInterval = random.pick([3_000, 10_000, 120_000]);
    const pingMax = random.pick([1, 2, 5]);
    const options = { pingInterval, pingMax };
    const running = await startServer(simulation.host("server"), options);
    const { clients, counters } = running.server.state;
    const mute = await listen(simulation, "mute", { pongs: false });
    const lively = await listen(simulation, "lively");
    const gone = await listen(simulation, "gone");
    await gone.client.flush();
    simulation.host("gone").crash();
    const start = simulation.now;
    await mute.client.ended;
    // The first PING comes within two seconds and a fifth, the others at the
    // interval; one interval after the last of them patience ends.
    const pings = times(mute.heard, "PING");
    assertEquals(pings.length, pingMax);
    const first = Math.min(2_000, pingInterval);
    const late = ROUND + 5;
    assertBetween((pings[0] ?? 0) - start, first - 5, first * 1.2 + late);
    for (const [at, ping] of pings.entries()) {
      const next = pings[at + 1] ?? simulation.now;
      assertBetween(next - ping, pingInterval - 5, pingInterval + late);
    }
    assertEquals(times(mute.heard, "-ERR 'Stale Connection'").length, 1);
    await simulation.until(
      () => clients.count === 1,
      "the server notices the dead machine",
      first + pingInterval + ROUND * (pingMax + 2),
    );
    assertEquals(lastReason(running), CloseReason.StaleConnection);
    assertEquals(counters.staleConnections, 2);
    await simulation.sleep(10 * pingInterval);
    assert(lively.client.open, "who answers stays");
    await running.server.shutdown();
  },
};

export const authTimeout: Scenario = {
  name: "auth-timeout",
  claims: { edge: ["client-protocol/auth-deadline"] },
  overrides: CALM,
  async run(simulation) {
    const random = simulation.random.fork();
    const limit = random.pick([500, 2_000, 30_000]);
    const running = await startServer(simulation.host("server"), {
      authTimeout: limit,
      username: "joe",
      password: "secret",
    });
    const user = { user: "joe", pass: "secret" };
    const silent = await listen(simulation, "silent", { connect: null });
    const prompt = await listen(simulation, "prompt", { connect: user });
    const start = simulation.now;
    await silent.client.ended;
    assertBetween(simulation.now - start, limit - 5, limit + 5);
    assertEquals(
      times(silent.heard, "-ERR 'Authentication Timeout'").length,
      1,
    );
    assertEquals(lastReason(running), CloseReason.AuthenticationTimeout);
    await simulation.sleep(2 * limit);
    await prompt.client.flush();
    assert(prompt.client.open);
    await running.server.shutdown();
  },
};

export const lameDuck: Scenario = {
  name: "lame-duck",
  claims: { positive: ["client-protocol/lame-duck"] },
  overrides: CALM,
  async run(simulation) {
    const random = simulation.random.fork();
    const duration = random.pick([30_000, 120_000]);
    const gracePeriod = random.pick([1_000, 10_000]);
    const { server } = await startServer(simulation.host("server"), {
      lameDuckDuration: duration,
      lameDuckGracePeriod: gracePeriod,
    });
    const count = 1 + random.below(20);
    const left: number[] = [];
    const clients = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const connect = { protocol: 1 };
        const each = await listen(simulation, `client${at}`, { connect });
        void each.client.ended.then(() => left.push(simulation.now));
        await each.client.flush();
        return each;
      }),
    );
    const start = simulation.now;
    await server.lameDuck();
    await simulation.sleep(10);
    assertEquals(left.length, count, "all clients were sent away");
    for (const { heard } of clients) {
      const told = heard.findLast(({ line }) => line.startsWith("INFO "));
      assert(told !== undefined && told.line.includes('"ldm":true'));
      assertBetween(told.at - start, 0, 5);
    }
    const since = left.map((time) => time - start).sort((a, b) => a - b);
    assertBetween(since[0], gracePeriod - 5, gracePeriod + 5);
    assertBetween(since.at(-1), gracePeriod - 5, duration + 5);
    const { runtime } = simulation.host("late");
    const refusal = await runtime.network.connect(SERVER).catch(String);
    assertEquals(refusal, "TransportError: connection refused");
    await server.waitForShutdown();
  },
};
