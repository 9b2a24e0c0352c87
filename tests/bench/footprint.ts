/**
 * Benchmarks of memory and of starting.
 *
 * @module
 */

import { digits, encode } from "./frames.ts";
import { Link } from "./link.ts";
import type { Measurement, Scale, Scenario } from "./scenario.ts";
import type { BenchServer } from "./server.ts";

const READ_BYTES = 1024;

/** Connections that are being opened at the same time. */
const OPENING_AT_ONCE = 50;

/** Connections that share the subscriptions. */
const SUBSCRIBERS = 10;

/** All benchmarks of memory and of starting. */
export const FOOTPRINT: readonly Scenario[] = [
  {
    name: "start-up",
    about:
      "from the start of the process to the first INFO; resident memory after it",
    run: startUp,
  },
  {
    name: "memory connections",
    about: "resident memory that each of 10,000 idle connections adds",
    run: memoryOfConnections,
  },
  {
    name: "memory subscriptions",
    about: "resident memory that each of 1,000,000 subscriptions adds",
    run: memoryOfSubscriptions,
  },
];

async function startUp(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const idle = await settledMemory(server, scale);
  return [
    footprint("start-up", server.startUp, "ms"),
    footprint("memory when idle", idle / 2 ** 20, "MiB"),
  ];
}

async function memoryOfConnections(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const before = await settledMemory(server, scale);
  using stack = new DisposableStack();
  for (let open = 0; open < scale.idleConnections; open += OPENING_AT_ONCE) {
    const count = Math.min(OPENING_AT_ONCE, scale.idleConnections - open);
    const links = await Promise.all(
      Array.from({ length: count }, () => Link.open(server.port, READ_BYTES)),
    );
    for (const link of links) stack.use(link);
  }
  const after = await settledMemory(server, scale);
  const each = Math.max(0, after - before) / scale.idleConnections;
  return [footprint("memory per idle connection", each / 1024, "KiB")];
}

async function memoryOfSubscriptions(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const before = await settledMemory(server, scale);
  using stack = new DisposableStack();
  const share = scale.idleSubscriptions / SUBSCRIBERS;
  const begin = performance.now();
  for (let i = 0; i < SUBSCRIBERS; i++) {
    const link = stack.use(await Link.open(server.port, READ_BYTES));
    const subscriptions: string[] = [];
    for (let k = 0; k < share; k++) {
      const number = digits(i * share + k, 7);
      subscriptions.push(
        `SUB mem.${number.slice(0, 4)}.${number.slice(4)} ${k + 1}\r\n`,
      );
    }
    await link.write(encode(subscriptions.join("")));
    await link.synchronize();
  }
  const seconds = (performance.now() - begin) / 1000;
  const after = await settledMemory(server, scale);
  const each = Math.max(0, after - before) / scale.idleSubscriptions;
  return [
    footprint("memory per subscription", each, "B"),
    {
      table: "footprint",
      label: "subscribing",
      unit: "sub/s",
      moreIsBetter: true,
      value: scale.idleSubscriptions / seconds,
    },
  ];
}

/** Resident memory once the server has had time to collect garbage. */
async function settledMemory(
  server: BenchServer,
  scale: Scale,
): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, scale.settle));
  return server.residentBytes();
}

function footprint(label: string, value: number, unit: string): Measurement {
  return { table: "footprint", label, unit, moreIsBetter: false, value };
}
