/**
 * Benchmarks of what keeps clients apart: permissions, accounts, passwords.
 *
 * @module
 */

import { type FlowPlan, runFlow } from "./flow.ts";
import { encode, messageSize, publishBatch } from "./frames.ts";
import { Link } from "./link.ts";
import type { Measurement, Scale, Scenario } from "./scenario.ts";
import type { BenchServer } from "./server.ts";
import { percentile } from "./statistics.ts";

const SUBJECT = "orders.eu.new";
const SIZE = 128;
const FREE = { user: "free", pass: "p" };
const BOUND = { user: "bound", pass: "p" };

/** Of "secret", cost 10. */
const HASH = "$2a$10$ryfG8sP7AktCqXz7aYnht..xwP9QPCzd7Xapo5O0QtILB6CdOus4a";
/** Milliseconds between two messages whose delivery is timed. */
const BEAT = 2;
const READ_BYTES = 1024;
/** Clients that are connecting at the same time. */
const PROVING_AT_ONCE = 20;

/** All benchmarks of what keeps clients apart. */
export const SECURITY: readonly Scenario[] = [
  {
    name: "permissions",
    about:
      "1→1 128 B, by users without rules, and with 10 subjects allowed and 10 denied",
    config: permissionConfig,
    run: permissions,
  },
  {
    name: "accounts",
    about: "start with 10,000 accounts that share nothing",
    config: (scale) => accountConfig(scale, false),
    run: (server, scale) => start(server, scale, "accounts"),
  },
  {
    name: "accounts with imports",
    about:
      "start with 10,000 accounts, each of which imports a service and a stream",
    config: (scale) => accountConfig(scale, true),
    run: (server, scale) => start(server, scale, "accounts with imports"),
  },
  {
    name: "bcrypt",
    about:
      "messages that travel while 1,000 clients prove passwords of bcrypt cost 10",
    config: () =>
      `authorization { users: [
        { user: free, password: p }, { user: slow, password: "${HASH}" }
      ] }, no_auth_user: free`,
    run: bcrypt,
  },
];

function permissionConfig(): string {
  const list = (name: string) =>
    Array.from(
      { length: 10 },
      (_, i) =>
        i === 4 && name === "orders" ? "orders.*.new" : `${name}.${i}.>`,
    ).map((subject) => `"${subject}"`).join(", ");
  const rules = `{ allow: [${list("orders")}], deny: [${list("secret")}] }`;
  return `authorization { users: [
    { user: free, password: p }
    { user: bound, password: p
      permissions { publish: ${rules}, subscribe: ${rules} } }
  ] }, no_auth_user: free`;
}

async function permissions(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const batch = publishBatch([SUBJECT], SIZE);
  const plan: FlowPlan = {
    publishers: [batch],
    groups: [{
      members: [`SUB ${SUBJECT} 1\r\n`],
      bytesPerBatch: batch.messages * messageSize(SUBJECT, "1", SIZE),
    }],
    deliveries: 1,
  };
  const free = await runFlow(server, { ...plan, user: FREE }, scale);
  const bound = await runFlow(server, { ...plan, user: BOUND }, scale);
  const each = ({ serverCpu, messages }: typeof free) =>
    serverCpu * 1e9 / messages;
  const row = (label: string, value: number): Measurement => ({
    table: "cpu",
    label,
    unit: "ns/msg",
    moreIsBetter: false,
    value,
  });
  return [
    row("1→1 128 B without permissions", each(free)),
    row("1→1 128 B with 20 rules", each(bound)),
  ];
}

function accountConfig({ accounts }: Scale, imports: boolean): string {
  const links = (i: number) =>
    imports
      ? `, imports: [
        { service: { account: HUB, subject: "svc.${i}" } }
        { stream: { account: HUB, subject: "str.${i}" } } ]`
      : "";
  const exported = `, exports: [ { service: "svc.>" }, { stream: "str.>" } ]`;
  const each = Array.from(
    { length: accounts },
    (_, i) => `A${i} { users: [ { user: u${i}, password: p } ]${links(i)} }`,
  );
  return `accounts {
    HUB { users: [ { user: hub, password: p } ]${imports ? exported : ""} }
    OPEN { users: [ { user: free, password: p } ] }
    ${each.join("\n")}
  }, no_auth_user: free`;
}

async function start(
  server: BenchServer,
  { accounts, settle }: Scale,
  what: string,
): Promise<Measurement[]> {
  const cpu = server.cpuSeconds() * 1000;
  await new Promise((resolve) => setTimeout(resolve, settle));
  const label = `${accounts} ${what}`;
  const row = (name: string, value: number, unit: string): Measurement => ({
    table: "footprint",
    label: `${label}: ${name}`,
    unit,
    moreIsBetter: false,
    value,
  });
  return [
    row("start-up", server.startUp, "ms"),
    row("CPU of the start", cpu, "ms"),
    row("memory", server.residentBytes() / 2 ** 20, "MiB"),
  ];
}

async function bcrypt(
  server: BenchServer,
  { provingClients, duration }: Scale,
): Promise<Measurement[]> {
  using publisher = await Link.open(server.port);
  using receiver = await Link.open(server.port, READ_BYTES);
  await receiver.write(encode(`SUB ${SUBJECT} 1\r\n`));
  await receiver.synchronize();
  const calm = await beats(publisher, receiver, duration);
  const load = { over: false };
  const proving = proveAll(server.port, provingClients, load);
  const busy = await beats(publisher, receiver, duration);
  // A server that is busy for long does not take all of them in time.
  load.over = true;
  for (const client of await proving) client?.close();
  const row = (label: string, value: number): Measurement => ({
    table: "latency",
    label,
    unit: "ms",
    moreIsBetter: false,
    value,
  });
  return [
    row("delivery p99.9", percentile(calm, 0.999)),
    row(
      `delivery p99.9 while ${provingClients} clients prove passwords`,
      percentile(busy, 0.999),
    ),
    row(
      `longest delivery while ${provingClients} clients prove passwords`,
      Math.max(...busy),
    ),
  ];
}

/** Sends one message after the other for `duration` ms; how long each took, ms. */
async function beats(
  publisher: Link,
  receiver: Link,
  duration: number,
): Promise<number[]> {
  const message = encode(`PUB ${SUBJECT} 1\r\nx\r\n`);
  const size = messageSize(SUBJECT, "1", 1);
  const times: number[] = [];
  const deadline = performance.now() + duration;
  do {
    const begin = performance.now();
    await publisher.write(message);
    await receiver.receiveExactly(size);
    times.push(performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve, BEAT));
  } while (performance.now() < deadline);
  return times;
}

/** Connects some at a time, so that the generator itself does not stand still. */
async function proveAll(
  port: number,
  count: number,
  load: { readonly over: boolean },
): Promise<(Deno.Conn | null)[]> {
  const clients: (Deno.Conn | null)[] = [];
  while (clients.length < count && !load.over) {
    const group = Math.min(PROVING_AT_ONCE, count - clients.length);
    clients.push(
      ...await Promise.all(Array.from({ length: group }, () => prove(port))),
    );
  }
  return clients;
}

/** Connects and gives a password; whether it is checked in time does not matter. */
async function prove(port: number): Promise<Deno.Conn | null> {
  try {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const fields = JSON.stringify({ user: "slow", pass: "secret" });
    await conn.write(encode(`CONNECT ${fields}\r\nPING\r\n`));
    await conn.read(new Uint8Array(READ_BYTES));
    return conn;
  } catch {
    return null;
  }
}
