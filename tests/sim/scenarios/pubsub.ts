/**
 * The real server among publishers and subscribers that come and go while the
 * network does its worst: deliveries keep their guarantees; afterwards every
 * message arrives everywhere.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { TransportError } from "../../../src/runtime/ports.ts";
import type { SimHost } from "../host.ts";
import { SimClient } from "../nats/client.ts";
import { DeliveryChecker } from "../nats/delivery_checker.ts";
import { startServer } from "../nats/server.ts";
import { Nemesis } from "../nemesis.ts";
import type { SeededRandom } from "../ports/random.ts";
import type { Scenario } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";

const SERVER = { host: "server", port: 4222 };
const STORM = 20_000;
const FINAL_MESSAGES = 100;

export const pubsub: Scenario = {
  name: "pubsub",
  claims: {
    positive: ["client-protocol/ordering"],
    edge: ["client-protocol/ordering", "client-protocol/queue-groups"],
  },
  run,
};

/** What the clients of one run share. */
interface Crowd {
  readonly simulation: Simulation;
  readonly random: SeededRandom;
  readonly checker: DeliveryChecker;
  stopped: boolean;
}

async function run(simulation: Simulation): Promise<void> {
  const random = simulation.random.fork();
  const host = simulation.host("server");
  const { server, log } = await startServer(host, {
    pingInterval: random.pick([2_000, 10_000]),
    writeDeadline: random.pick([1_000, 10_000]),
    maxPayload: 16 * 1024,
    maxPending: random.pick([64 * 1024, 1024 * 1024]),
  });
  const checker = new DeliveryChecker();
  const crowd: Crowd = { simulation, random, checker, stopped: false };
  const clients = [
    ...names("publisher", 2).map((name) => publisher(crowd, name)),
    ...names("subscriber", 3).map((name, at) => subscriber(crowd, name, at)),
  ];
  const nemesis = new Nemesis(simulation, simulation.hosts, [
    "partition",
    "cut",
    "slow",
    "reset",
    "pause",
    "clock",
  ]);
  await nemesis.run(STORM);
  crowd.stopped = true;
  simulation.calm();
  await Promise.all(clients);
  await finalRound(simulation);
  await simulation.until(() => server.state.clients.count === 0, "all left");
  await server.shutdown();
  assertEquals(log.unexpected, []);
}

/** Connects again and again until the storm is over. */
async function comeAndGo(
  { simulation, random }: Pick<Crowd, "simulation" | "random">,
  host: SimHost,
  isOver: () => boolean,
  live: (connection: string) => Promise<void>,
): Promise<void> {
  for (let life = 1; !isOver(); life++) {
    try {
      await live(`${host.name}.${life}`);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
    }
    await simulation.sleep(random.between(10, 500));
  }
}

function publisher(crowd: Crowd, name: string): Promise<void> {
  const { simulation, random, checker } = crowd;
  const host = simulation.host(name);
  return comeAndGo(crowd, host, () => crowd.stopped, async (connection) => {
    const client = await SimClient.connect(host.runtime, SERVER, {
      pingInterval: 5_000,
    });
    while (client.open && !crowd.stopped) {
      for (let left = random.below(20); left > 0; left--) {
        if (client.backlog > 100_000) break;
        const subject = random.pick(["data.a", "data.b", "work", "noise.a"]);
        const size = random.pick([0, 40, 1_000]);
        client.publish(subject, checker.next(connection, subject, size));
      }
      await simulation.sleep(random.exponential(60));
    }
    client.close();
    await client.ended;
  });
}

const SUBSCRIPTIONS: Readonly<
  Record<string, { subject: string; queue?: string; takes: string[] }>
> = {
  "1": { subject: "data.*", takes: ["data.a", "data.b"] },
  "2": { subject: "data.b", takes: ["data.b"] },
  "3": { subject: "work", queue: "workers", takes: ["work"] },
};

function subscriber(crowd: Crowd, name: string, at: number): Promise<void> {
  const { simulation, random, checker } = crowd;
  const host = simulation.host(name);
  const pause = at === 0 ? random.pick([0, 5, 100]) : 0;
  return comeAndGo(crowd, host, () => crowd.stopped, async (connection) => {
    const client = await SimClient.connect(host.runtime, SERVER, {
      pingInterval: 5_000,
      readPause: () => pause,
      onMessage: (message) => {
        const subscription = SUBSCRIPTIONS[message.sid];
        const matches = subscription?.takes.includes(message.subject) ?? false;
        checker.deliver(connection, message, matches, subscription?.queue);
      },
    });
    for (const [sid, { subject, queue }] of Object.entries(SUBSCRIPTIONS)) {
      client.subscribe(subject, sid, queue);
    }
    const leaves = simulation.now + random.exponential(10_000);
    while (client.open && !crowd.stopped && simulation.now < leaves) {
      await simulation.sleep(20);
    }
    client.close();
    await client.ended;
  });
}

/** With nothing in the way, everything arrives everywhere. */
async function finalRound(simulation: Simulation): Promise<void> {
  const received = new Map<string, string[]>();
  const subscribers = await Promise.all(
    names("subscriber", 3).map(async (name) => {
      const payloads: string[] = [];
      received.set(name, payloads);
      const client = await SimClient.connect(
        simulation.host(name).runtime,
        SERVER,
        { onMessage: ({ payload }) => payloads.push(payload) },
      );
      client.subscribe("final.>", "1");
      await client.flush();
      return client;
    }),
  );
  const sender = await SimClient.connect(
    simulation.host("publisher0").runtime,
    SERVER,
  );
  const sent = names("final message ", FINAL_MESSAGES);
  for (const payload of sent) sender.publish("final.round", payload);
  await sender.flush();
  await simulation.until(
    () => [...received.values()].every(({ length }) => length === sent.length),
    "every message at every subscriber",
  );
  for (const payloads of received.values()) assertEquals(payloads, sent);
  for (const client of [sender, ...subscribers]) client.close();
}

function names(stem: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${stem}${at}`);
}
