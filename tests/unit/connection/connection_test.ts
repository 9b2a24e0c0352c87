import { assert, assertEquals } from "@std/assert";
import {
  CloseReason,
  Connection,
  FlushQueue,
  type Session,
  type SlowBatch,
  Vigil,
} from "../../../src/connection/mod.ts";
import { type Chunk, decodeByteString } from "../../../src/protocol/mod.ts";
import { denoRuntime, type Transport } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";

const MEGABYTE = 1 << 20;

/** Writes down what its connection tells; consumes whole lines. */
class Recorder implements Session {
  readonly seen: string[] = [];
  readonly ends: CloseReason[] = [];
  pause: Promise<void> | null = null;
  overflows = 0;
  readonly failures: unknown[] = [];
  readonly recovered: number[] = [];
  expectedBytes = 0;

  onBytes(chunk: Chunk, limit: number): number {
    this.pause = null;
    const text = decodeByteString(chunk.bytes, 0, limit);
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) this.seen.push(text.slice(0, end));
    return end;
  }

  onOverflow(): void {
    this.overflows++;
  }

  onRecovered(batch: SlowBatch): void {
    this.recovered.push(batch.bytes);
  }

  onFailure(error: unknown): void {
    this.failures.push(error);
  }

  onClosed(reason: CloseReason): void {
    this.ends.push(reason);
  }
}

interface Bench {
  readonly session: Recorder;
  readonly connection: Connection;
  readonly peer: Transport;
  /** Settles when the connection has stopped reading. */
  readonly running: Promise<void>;
}

function surroundings() {
  const { clock, timers, network } = denoRuntime();
  const turns = { next: () => timers.sleep(1) };
  const flushQueue = new FlushQueue<Connection>(turns);
  const vigil = new Vigil({ turns, clock, cores: 1 });
  return { network, context: { clock, timers, turns, flushQueue, vigil } };
}

function start(maxPending = 64 * MEGABYTE): Bench {
  const { network, context } = surroundings();
  const [inner, peer] = network.pipe();
  const session = new Recorder();
  const connection = new Connection(inner, session, context, maxPending);
  return { session, connection, peer, running: connection.run() };
}

async function send(peer: Transport, text: string): Promise<void> {
  let rest: Uint8Array = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(await peer.write(rest));
}

/** Reads to the end of the stream; returns how many bytes came. */
async function drain(peer: Transport): Promise<number> {
  const buffer = new Uint8Array(MEGABYTE);
  let total = 0;
  for (;;) {
    const count = await peer.read(buffer).catch(() => null);
    if (count === null) return total;
    total += count;
  }
}

Deno.test("Connection - hands on what arrives and keeps what is incomplete", async () => {
  const { session, connection, peer, running } = start();
  await send(peer, "one\ntw");
  await send(peer, "o\n");
  await peer.closeWrite();
  await running;
  assertEquals(session.seen.join(""), "one\ntwo\n");
  assertEquals(session.ends, [CloseReason.ClientClosed]);
  assert(connection.closed);
  peer.close();
});

capability(
  "Connection - a close writes what waits first, and hears nothing more",
  {
    positive: ["client-protocol/flush-on-close"],
    edge: ["client-protocol/flush-on-close"],
  },
  async () => {
    const { session, connection, peer, running } = start();
    const owed = 8 * MEGABYTE;
    for (let sent = 0; sent < owed; sent += MEGABYTE) {
      connection.send("x".repeat(MEGABYTE));
    }
    connection.close(CloseReason.StaleConnection);
    // The peer has read nothing yet, so the connection lingers.
    await send(peer, "too late\n");
    assertEquals(await drain(peer), owed);
    await running;
    assertEquals(session.seen, []);
    assertEquals(session.ends, [CloseReason.StaleConnection]);
    peer.close();
  },
);

Deno.test("Connection - a close for a slow reader drops what waits", async () => {
  const { session, connection, peer, running } = start();
  connection.send("x".repeat(8 * MEGABYTE));
  connection.close(CloseReason.SlowConsumerPendingBytes);
  assert(await drain(peer) < 8 * MEGABYTE);
  await running;
  assertEquals(session.ends, [CloseReason.SlowConsumerPendingBytes]);
  connection.close(CloseReason.ClientClosed);
  assertEquals(session.ends.length, 1, "told once");
  peer.close();
});

Deno.test("Connection - tells when more waits than may", async () => {
  const { session, connection, peer, running } = start(1000);
  connection.send("x".repeat(1000));
  assertEquals(session.overflows, 0);
  connection.send("y");
  assertEquals(session.overflows, 1);
  connection.close(CloseReason.SlowConsumerPendingBytes);
  await running;
  peer.close();
});

Deno.test("Connection - a pause holds back the rest of what was read", async () => {
  const { session, peer, running } = start();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { onBytes } = session;
  let paused = false;
  session.onBytes = (chunk, limit) => {
    const consumed = onBytes.call(session, chunk, limit);
    if (!paused) session.pause = promise;
    paused = true;
    return consumed;
  };
  await send(peer, "first\n");
  await send(peer, "second\n");
  assertEquals(session.seen, ["first\n"]);
  resolve();
  await peer.closeWrite();
  await running;
  assertEquals(session.seen.join(""), "first\nsecond\n");
  peer.close();
});

Deno.test("Connection - a batch that was given more time is said to recover", async () => {
  const { session, connection, peer, running } = start();
  const { outbound } = connection;
  connection.send("x".repeat(8 * MEGABYTE));
  connection.flush();
  const buffer = new Uint8Array(MEGABYTE);
  assertEquals(outbound.progressed, false);
  await peer.read(buffer);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(outbound.progressed);
  outbound.extendDeadline();
  assert(outbound.isSlow);
  assertEquals(outbound.progressed, false, "counts anew");
  const rest = drain(peer);
  await connection.flushed();
  assertEquals(outbound.isSlow, false);
  assertEquals(session.recovered.length, 1);
  connection.close(CloseReason.ServerShutdown);
  await rest;
  await running;
  peer.close();
});

Deno.test("Connection - a mistake of the session is reported, a broken peer is not", async () => {
  const broken = start();
  broken.session.onBytes = () => {
    throw new RangeError("mistake");
  };
  await send(broken.peer, "x");
  await broken.running;
  assertEquals(broken.session.failures.map(String), ["RangeError: mistake"]);
  assertEquals(broken.session.ends, [CloseReason.ReadError]);
  broken.peer.close();
  const { session, connection, running } = start();
  connection.transport.close();
  await running;
  assertEquals(session.failures, []);
  assertEquals(session.ends, [CloseReason.ReadError]);
});

/** A transport that is always ready: so many reads of so many bytes, writes within so many microtasks. */
function readyTransport(
  reads: number,
  bytes: number,
  ticks: number,
): Transport {
  const endpoint = { host: "127.0.0.1", port: 1 };
  return {
    local: endpoint,
    remote: endpoint,
    read: (target) =>
      Promise.resolve(reads-- > 0 ? Math.min(bytes, target.length) : null),
    async write(source): Promise<number> {
      for (let i = 1; i < ticks; i++) await null;
      return source.length;
    },
    closeWrite: () => Promise.resolve(),
    close: () => {},
  };
}

Deno.test("Connection - a batch finds the write of the one before done, if it went out at once", async () => {
  const { context } = surroundings();
  const session = new Recorder();
  const transport = readyTransport(3, 1, 1);
  const connection = new Connection(transport, session, context, MEGABYTE);
  const writing: boolean[] = [];
  session.onBytes = (_, limit) => {
    writing.push(connection.outbound.writingSince > 0);
    connection.send("answer");
    return limit;
  };
  await connection.run();
  assertEquals(writing, [false, false, false]);
});

Deno.test("Connection - large batches of several find each other's writes done", async () => {
  const { context } = surroundings();
  const idle = readyTransport(0, 0, 6);
  const receiver = new Connection(idle, new Recorder(), context, MEGABYTE);
  const large = 1 << 16;
  const writing: boolean[] = [];
  const producers = [0, 1, 2].map(() => {
    const session = new Recorder();
    const transport = readyTransport(8, large, 1);
    const producer = new Connection(transport, session, context, MEGABYTE);
    session.onBytes = (_, limit) => {
      // Buffers have to grow at first.
      if (limit < large) return limit;
      writing.push(receiver.outbound.writingSince > 0);
      receiver.send("message");
      return limit;
    };
    return producer;
  });
  await Promise.all(producers.map((producer) => producer.run()));
  assertEquals(writing, Array(writing.length).fill(false));
  assert(writing.length > 6);
});
