/** Clients that read late or never, and those who must not suffer for it. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  fail,
} from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import {
  denoRuntime,
  type Network,
  type Runtime,
  type Transport,
} from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import type { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const QUIET = 'CONNECT {"verbose":false}\r\n';
const PAYLOAD = "x".repeat(8192);
const MESSAGE = `PUB foo ${PAYLOAD.length}\r\n${PAYLOAD}\r\n`;
const STALL_ID = "client-protocol/fast-producer-stall";

/** Connects without anybody reading; the server has taken what is sent. */
async function subscribeUnread(server: Server): Promise<Transport> {
  const transport = server.connectInProcess();
  await transport.write(new TextEncoder().encode(`${QUIET}SUB foo 1\r\n`));
  await until(() => hasSubscriber(server));
  return transport;
}

/** Whether a client has subscribed. */
function hasSubscriber({ state }: Server): boolean {
  return [...state.clients.open()]
    .some(({ subscriptions }) => subscriptions.size > 0);
}

/** Waits for what takes a few turns of the event loop. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    assert(performance.now() < deadline, `${condition} has not come true`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Reads what waits for a receiver, up to the PONG; returns how many messages. */
async function catchUp(transport: Transport): Promise<number> {
  await transport.write(new TextEncoder().encode("PING\r\n"));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(65536);
  const decoder = new TextDecoder();
  for (let tail = ""; !tail.endsWith("PONG\r\n");) {
    const count = await transport.read(buffer) ?? fail("the connection ended");
    parts.push(buffer.slice(0, count));
    tail = (tail + decoder.decode(buffer.subarray(0, count))).slice(-6);
  }
  const text = await new Blob(parts).text();
  return text.split("MSG foo 1 ").length - 1;
}

async function publisherOf(server: Server): Promise<RawClient> {
  const publisher = await RawClient.connect(server);
  await publisher.send(QUIET);
  await publisher.flush();
  return publisher;
}

/** How often the log says that a producer waited in vain. */
function stallsIn(log: LogRecorder): number {
  return log.lines.filter((line) =>
    /^debug .*Timed out of fast producer stall \([\d.]+[mµ]s\)$/.test(line)
  ).length;
}

capability(
  "fast producers - wait for a receiver that is over three quarters of its limit",
  { positive: [STALL_ID] },
  () =>
    withServer("max_pending: 1MB", async (server, log) => {
      const receiver = await subscribeUnread(server);
      await using publisher = await publisherOf(server);
      // The pipe takes 64 KiB, the queue's first three quarters 768 KiB.
      await publisher.send(MESSAGE.repeat(80));
      await publisher.flush();
      assertEquals(server.state.counters.stalledClients, 0);
      // One more batch: it is let through, but slowly.
      const begin = performance.now();
      await publisher.send(MESSAGE.repeat(40));
      await publisher.flush();
      const duration = performance.now() - begin;
      const { stalledClients } = server.state.counters;
      assertGreater(stalledClients, 0);
      // Timers may be up to a millisecond early.
      assertGreater(duration, stalledClients);
      assertEquals(stallsIn(log), stalledClients);
      const [session] = [...server.state.clients.open()].filter((session) =>
        session.subscriptions.size > 0
      );
      assertEquals(session?.counters.stalls, stalledClients);
      // Nothing was dropped.
      assertEquals(await catchUp(receiver), 120);
      receiver.close();
    }),
);

capability(
  "fast producers - wait ten milliseconds per batch at the most",
  { edge: [STALL_ID] },
  () =>
    withServer("max_pending: 1MB", async (server, log) => {
      const receiver = await subscribeUnread(server);
      await using publisher = await publisherOf(server);
      await publisher.send(MESSAGE.repeat(80));
      await publisher.flush();
      await publisher.flush();
      const small = "PUB foo 1\r\nx\r\n".repeat(2000);
      await publisher.send(MESSAGE.repeat(26));
      await publisher.flush();
      const before = server.state.counters.stalledClients;
      const begin = performance.now();
      await publisher.send(small);
      await publisher.flush();
      // Two thousand deliveries to a congested receiver, in a batch or two.
      const stalls = server.state.counters.stalledClients - before;
      assertGreater(stalls, 0);
      assertLess(stalls, 25);
      assertLess(performance.now() - begin, 1000);
      assertEquals(log.unexpected, []);
      receiver.close();
    }),
);

capability(
  "fast producers - a receiver that catches up ends the wait",
  { positive: [STALL_ID] },
  () =>
    withServer("max_pending: 1MB", async (server, log) => {
      const receiver = await subscribeUnread(server);
      await using publisher = await publisherOf(server);
      await publisher.send(MESSAGE.repeat(80));
      await publisher.flush();
      await publisher.send(MESSAGE.repeat(40));
      await publisher.flush();
      assertGreater(server.state.counters.stalledClients, 0);
      assertEquals(await catchUp(receiver), 120);
      const before = server.state.counters.stalledClients;
      const timedOut = stallsIn(log);
      await publisher.send(MESSAGE.repeat(20));
      await publisher.flush();
      assertEquals(server.state.counters.stalledClients, before);
      assertEquals(stallsIn(log), timedOut);
      receiver.close();
    }),
);

capability(
  "fast producers - no_fast_producer_stall drops messages instead",
  { edge: [STALL_ID] },
  () =>
    withServer(
      "max_pending: 1MB, no_fast_producer_stall: true",
      async (server, log) => {
        const receiver = await subscribeUnread(server);
        await using publisher = await publisherOf(server);
        await publisher.send(MESSAGE.repeat(300));
        await publisher.flush();
        assertEquals(server.state.counters.stalledClients, 0);
        assertEquals(stallsIn(log), 0);
        const count = await catchUp(receiver);
        assertGreater(count, 95);
        assertLess(count, 120);
        // Once there is room, messages come through again.
        await publisher.send("PUB foo 2\r\nhi\r\n".repeat(10));
        await publisher.flush();
        assertEquals(await catchUp(receiver), 10);
        assertEquals(server.state.counters.slowConsumers, 0);
        receiver.close();
      },
    ),
);

/** A network whose in-process peers take nothing of what the server writes. */
function deafRuntime(): Runtime {
  const runtime = denoRuntime();
  const { network } = runtime;
  const deaf: Network = Object.assign(Object.create(network), {
    pipe(): [Transport, Transport] {
      const [inner, outer] = network.pipe();
      const { promise: never } = Promise.withResolvers<number>();
      return [
        Object.assign(Object.create(inner), {
          read: (target: Uint8Array) => inner.read(target),
          write: () => never,
          close: () => inner.close(),
        }),
        outer,
      ];
    },
  });
  return { ...runtime, network: deaf };
}

const DEADLINE = 'write_deadline: "60ms"';
const BEFORE_ID = "client-protocol/slow-consumer-before-connect";

capability(
  "slow consumers - one that was to send CONNECT and has not is not counted",
  { positive: [BEFORE_ID] },
  () =>
    withServer(
      `${DEADLINE}, authorization { user: a, password: b, timeout: 5 }`,
      async (server, log) => {
        await using client = new RawClient(server.connectInProcess());
        assertEquals(await client.expectEnd(), "");
        await until(() => server.state.closedClients.list().length === 1);
        const [closed] = server.state.closedClients.list();
        assertEquals(closed?.reason, "Slow Consumer (Write Deadline)");
        assertEquals(server.state.counters.slowConsumers, 0);
        assertEquals(
          log.lines.filter((line) => line.includes("Slow Consumer Detected")),
          [],
        );
      },
      { runtime: deafRuntime() },
    ),
);

capability(
  "slow consumers - one that need not send CONNECT is counted",
  { edge: [BEFORE_ID], positive: ["client-protocol/write-deadline"] },
  () =>
    withServer(DEADLINE, async (server, log) => {
      const receiver = server.connectInProcess();
      await receiver.write(new TextEncoder().encode("SUB foo 1\r\n"));
      await until(() => hasSubscriber(server));
      await using publisher = await publisherOf(server);
      await publisher.send(MESSAGE.repeat(20));
      await publisher.flush();
      await until(() => server.state.counters.slowConsumers === 1);
      const [closed] = server.state.closedClients.list();
      assertEquals(closed?.reason, "Slow Consumer (Write Deadline)");
      assert(
        log.lines.some((line) =>
          /^notice pipe:0 - cid:1 - Slow Consumer Detected: WriteDeadline of 60ms exceeded with \d+ chunks of \d+ total bytes\.$/
            .test(line)
        ),
        log.lines.join("\n"),
      );
      receiver.close();
    }),
);

capability(
  "slow consumers - over sockets, one that stops reading slows nobody",
  {
    positive: ["client-protocol/ordering"],
    edge: ["client-protocol/max-pending"],
  },
  () =>
    withServer("max_pending: 4MB", async (server) => {
      const { hostname, port } = new URL(server.clientUrl);
      const { network } = denoRuntime();
      const connect = () =>
        network.connect({ host: hostname, port: Number(port) });
      const hello = new TextEncoder().encode(`${QUIET}SUB foo 1\r\n`);
      const stopped = await connect();
      await stopped.write(hello);
      await until(() => hasSubscriber(server));
      await using reader = new RawClient(await connect());
      await reader.send(`${QUIET}SUB foo 1\r\nPING\r\n`);
      await reader.expect(/PONG\r\n/);
      await using publisher = new RawClient(await connect());
      await publisher.send(QUIET);
      await publisher.flush();
      const count = 4000;
      let slowest = 0;
      for (let at = 0; at < count; at += 20) {
        const begin = performance.now();
        for (let i = at; i < at + 20; i++) {
          const payload = `${i}`.padEnd(PAYLOAD.length);
          await publisher.send(`PUB foo ${payload.length}\r\n${payload}\r\n`);
        }
        await reader.expect(new RegExp(`\r\n${at + 19} +\r\n`));
        slowest = Math.max(slowest, performance.now() - begin);
      }
      // Whoever waited for the one that stopped would wait for ten seconds.
      assertLess(slowest, 3000);
      await until(() => server.state.counters.slowConsumers === 1);
      const [closed] = server.state.closedClients.list();
      assertEquals(closed?.reason, "Slow Consumer (Pending Bytes)");
      assertEquals(server.state.clients.count, 2);
      stopped.close();
    }),
);
