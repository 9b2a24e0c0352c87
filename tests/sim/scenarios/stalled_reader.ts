/**
 * A subscriber that stops reading: nobody else may feel it, and it is closed
 * by the write deadline or by `max_pending`, whichever comes first.
 *
 * @module
 */

import { assert, assertEquals, fail } from "@std/assert";
import { CloseReason } from "../../../src/connection/mod.ts";
import { SimClient } from "../nats/client.ts";
import type { ConnectionFacts } from "../../../src/monitor/mod.ts";
import { startServer } from "../nats/server.ts";
import { CALM } from "../options.ts";
import { EPOCH } from "../ports/time.ts";
import type { Scenario } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";

const SERVER = { host: "server", port: 4222 };
const DURATION = 20_000;

/**
 * Milliseconds from publish to delivery: the way there and back, plus what a
 * producer may be stalled for a slow receiver's sake, batch by batch.
 */
const DELAY_MAX = 100;

/** Milliseconds after which the subscriber stops reading. */
const STALL_START = 1_000;

/** How much the server puts up with. */
interface Limits {
  readonly writeDeadline: number;
  readonly maxPending: number;
}

const MEGABYTE = 1024 * 1024;

export const stalledReader: Scenario = {
  name: "stalled-reader",
  claims: { edge: ["client-protocol/write-deadline"] },
  overrides: CALM,
  run: (simulation) => {
    const writeDeadline = simulation.random.pick([500, 2_000, 10_000]);
    return run(simulation, { writeDeadline, maxPending: 64 * MEGABYTE });
  },
};

export const overflowingReader: Scenario = {
  name: "overflowing-reader",
  claims: {
    edge: [
      "client-protocol/max-pending",
      "client-protocol/fast-producer-stall",
    ],
  },
  overrides: CALM,
  run: (simulation) => {
    const maxPending = simulation.random.pick([MEGABYTE / 4, MEGABYTE]);
    return run(simulation, { writeDeadline: 10_000, maxPending });
  },
};

async function run(simulation: Simulation, limits: Limits): Promise<void> {
  const random = simulation.random.fork();
  const { server, log } = await startServer(simulation.host("server"), {
    ...limits,
    maxPayload: 16 * 1024,
  });
  let slowest = 0;
  let delivered = 0;
  await subscribe(simulation, "healthy", () => 0, (sent) => {
    delivered++;
    slowest = Math.max(slowest, simulation.now - sent);
  });
  const pause = () => simulation.now < STALL_START ? 0 : Infinity;
  await subscribe(simulation, "stalled", pause, () => {});
  const published = await publish(simulation, random.pick([1, 10]));
  await simulation.until(() => delivered === published, "all deliveries");
  assert(slowest < DELAY_MAX, `a delivery took ${slowest} ms`);
  const { counters, closedClients, clients } = server.state;
  assertSlowConsumer(closedClients.list(), limits);
  assertEquals(counters.slowConsumers, 1);
  // Only on the way to the limit is the producer made to wait.
  const overflows = limits.maxPending < 64 * MEGABYTE;
  assertEquals(counters.stalledClients > 0, overflows);
  assertEquals(clients.count, 2);
  assert(log.lines.some((line) => line.includes("Slow Consumer Detected")));
  await server.shutdown();
  assertEquals(log.unexpected, []);
}

async function subscribe(
  simulation: Simulation,
  name: string,
  readPause: () => number,
  onMessage: (sent: number) => void,
): Promise<void> {
  const { runtime } = simulation.host(name);
  const client = await SimClient.connect(runtime, SERVER, {
    connect: { name },
    readPause,
    onMessage: ({ payload }) => onMessage(Number(payload.split(" ")[0])),
  });
  client.subscribe("load", "1");
  await client.flush();
}

/** Publishes a megabyte per second. @returns the number of messages */
async function publish(
  simulation: Simulation,
  perBurst: number,
): Promise<number> {
  const { runtime } = simulation.host("publisher");
  const client = await SimClient.connect(runtime, SERVER);
  let count = 0;
  while (simulation.now < DURATION) {
    for (let at = 0; at < perBurst; at++, count++) {
      client.publish("load", `${simulation.now} `.padEnd(1_000));
    }
    await simulation.sleep(perBurst);
  }
  return count;
}

/** The stalled client went for the right reason and at the right time. */
function assertSlowConsumer(
  closed: readonly ConnectionFacts[],
  { writeDeadline, maxPending }: Limits,
): void {
  assertEquals(closed.map(({ name }) => name), ["stalled"]);
  const { reason, stopped } = closed[0] ?? fail("nobody was closed");
  const stalledFor = (stopped ?? 0) - EPOCH - STALL_START;
  // At a megabyte per second, buffers of 64 KiB fill in less than 100 ms.
  const fillTime = maxPending / 1_000 + 200;
  if (fillTime < writeDeadline) {
    assertEquals(reason, CloseReason.SlowConsumerPendingBytes);
    assert(stalledFor <= fillTime, `closed after ${stalledFor} ms`);
  } else {
    assertEquals(reason, CloseReason.SlowConsumerWriteDeadline);
    assert(stalledFor >= writeDeadline, `closed after ${stalledFor} ms`);
    assert(stalledFor <= writeDeadline + 800, `closed after ${stalledFor} ms`);
  }
}
