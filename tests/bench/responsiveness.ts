/**
 * Benchmarks of how long a message waits while a large server does something
 * else.
 *
 * @module
 */

import { digits, encode } from "./frames.ts";
import { Link } from "./link.ts";
import { pause } from "./pause.ts";
import { Probe } from "./probe.ts";
import type { Measurement, Scale, Scenario } from "./scenario.ts";
import type { BenchServer } from "./server.ts";

const READ_BYTES = 1024;
const OPENING_AT_ONCE = 50;
const SUBSCRIPTIONS_EACH = 10;
/** Every one has the subscription that the fan-out goes to. */
const EVERYBODY = "everybody";
const FAN_OUTS = 5;

const ENDPOINTS = [
  "/varz",
  "/connz?limit=100000&subs=detail",
  "/connz?sort=bytes_to&limit=100000",
  "/connz?sort=subs&state=all&auth=1",
  "/subsz?subs=1&limit=1000000",
  "/subsz?subs=1&test=many.0000.0000",
  "/accountz?acc=$G",
  "/accstatz",
  "/healthz",
];

/** All benchmarks of waiting for others. */
export const RESPONSIVENESS: readonly Scenario[] = [
  {
    name: "large server",
    about:
      "longest wait of a message on a server with 10,000 connections and 100,000 subscriptions",
    run: largeServer,
  },
  {
    name: "many subscriptions",
    about:
      "longest wait of a message while one client subscribes 1,000,000 times and leaves",
    run: manySubscriptions,
  },
];

async function largeServer(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  using probe = await Probe.start(server.port);
  using stack = new DisposableStack();
  const subscribing = await probe.during(async () => {
    for (let open = 0; open < scale.idleConnections; open += OPENING_AT_ONCE) {
      const count = Math.min(OPENING_AT_ONCE, scale.idleConnections - open);
      const links = await Promise.all(
        Array.from({ length: count }, (_, i) => openLink(server, open + i)),
      );
      for (const link of links) {
        stack.use(link);
        void link.count(() => {}).catch(() => {});
      }
    }
  });
  await probe.during(() => pause(scale.settle));
  const quiet = await probe.during(() => pause(scale.duration));
  const monitored = await probe.during(async () => {
    for (const path of ENDPOINTS) await server.monitor(path);
  });
  const publisher = stack.use(await Link.open(server.port, READ_BYTES));
  const fanOut = await probe.during(async () => {
    for (let i = 0; i < FAN_OUTS; i++) {
      await publisher.write(encode(`PUB ${EVERYBODY} 1\r\nx\r\n`));
      await publisher.synchronize();
    }
  });
  return [
    longest("with nothing else to do", quiet),
    longest("while clients come", subscribing),
    longest("while monitored", monitored),
    longest("during a fan-out to all", fanOut),
  ];
}

async function openLink(server: BenchServer, index: number): Promise<Link> {
  const link = await Link.open(server.port, READ_BYTES);
  const subscriptions = Array.from(
    { length: SUBSCRIPTIONS_EACH - 1 },
    (_, i) => `SUB many.${digits(index, 4)}.${digits(i, 4)} ${i}\r\n`,
  );
  await link.write(
    encode(`SUB ${EVERYBODY} e\r\n${subscriptions.join("")}`),
  );
  await link.synchronize();
  return link;
}

async function manySubscriptions(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  using probe = await Probe.start(server.port);
  const link = await Link.open(server.port, READ_BYTES);
  const subscriptions = Array.from(
    { length: scale.idleSubscriptions },
    (_, i) => `SUB own.${digits(i, 7)} ${i}\r\n`,
  ).join("");
  const coming = await probe.during(async () => {
    await link.write(encode(subscriptions));
    await link.synchronize();
  });
  await probe.during(() => pause(scale.settle));
  const leaving = await probe.during(async () => {
    link[Symbol.dispose]();
    await pause(scale.duration);
  });
  return [
    longest("while one client subscribes 1,000,000 times", coming),
    longest("while that client leaves", leaving),
  ];
}

function longest(when: string, value: number): Measurement {
  return {
    table: "latency",
    label: `longest wait ${when}`,
    unit: "ms",
    moreIsBetter: false,
    value,
  };
}
