import { assert, assertEquals } from "@std/assert";
import {
  type CloseReason,
  Connection,
  FlushQueue,
  LoopTurns,
  type Session,
  Vigil,
} from "../../../src/connection/mod.ts";
import type { Chunk } from "../../../src/protocol/mod.ts";
import { denoRuntime, type Transport } from "../../../src/runtime/mod.ts";

/** A peer that always has more to read, for so many milliseconds. */
function tireless(duration: number): Transport {
  const end = performance.now() + duration;
  const endpoint = { host: "127.0.0.1", port: 1 };
  return {
    local: endpoint,
    remote: endpoint,
    read: (target) =>
      Promise.resolve(performance.now() < end ? target.length : null),
    write: (source) => Promise.resolve(source.length),
    closeWrite: () => Promise.resolve(),
    close: () => {},
  };
}

/** Takes whatever comes, and some time for it. */
class Worker implements Session {
  readonly expectedBytes = 0;
  readonly pause = null;

  /** @param time that it takes, milliseconds */
  constructor(readonly time: number) {}

  onBytes(_chunk: Chunk, limit: number): number {
    const end = performance.now() + this.time;
    while (performance.now() < end);
    return limit;
  }

  onOverflow(): void {}
  onRecovered(): void {}
  onFailure(): void {}
  onClosed(_reason: CloseReason): void {}
}

/** Answers whatever comes. */
class Answering extends Worker {
  connection: Connection | null = null;

  override onBytes(chunk: Chunk, limit: number): number {
    this.connection?.send("+OK\r\n");
    return super.onBytes(chunk, limit);
  }
}

/** How many turns are taken with 300 reads of `size` bytes, 20 µs each and apart. */
async function turnsWith(
  size: number,
  restsWhenEmpty: boolean,
  cores = 1,
  answers = false,
): Promise<number> {
  let time = 0;
  let reads = 0;
  let count = 0;
  const { timers } = denoRuntime();
  const turns = { next: () => (count++, Promise.resolve()) };
  const transport = {
    ...tireless(0),
    restsWhenEmpty,
    read: (target: Uint8Array) =>
      Promise.resolve(reads++ < 300 ? Math.min(size, target.length) : null),
  };
  const clock = {
    now: () => time,
    nowNanos: () => 0n,
    utcOffset: () => 0,
    monotonic: () => (time += 0.02),
  };
  const context = {
    clock,
    timers,
    turns,
    flushQueue: new FlushQueue<Connection>(turns),
    vigil: new Vigil({ turns, clock, cores }),
  };
  const session = new Answering(0);
  const connection = new Connection(transport, session, context, 1 << 20);
  if (answers) session.connection = connection;
  await connection.run();
  return count;
}

Deno.test("who sends little at once and waits for the event loop anyway needs no turn besides", async () => {
  assertEquals(await turnsWith(1, true), 0);
  assert(await turnsWith(1, false) > 0);
  // A flow, into a buffer that is larger by then.
  assert(await turnsWith(1500, true) > 0);
  assert(await turnsWith(Infinity, true) > 0);
});

Deno.test("who sends little at once and is answered is awaited by a vigil", async () => {
  assert(await turnsWith(1, true, 2, true) > 0);
  assertEquals(await turnsWith(1, true, 2, false), 0);
});

Deno.test("clients that never stop writing don't keep the event loop from turning", async () => {
  const { clock, timers, network } = denoRuntime();
  const turns = new LoopTurns(network, timers);
  const flushQueue = new FlushQueue<Connection>(turns);
  const vigil = new Vigil({ turns, clock, cores: 2 });
  const context = { clock, timers, turns, flushQueue, vigil };
  let ticks = 0;
  const ticker = setInterval(() => ticks++, 1);
  const connections = Array.from(
    { length: 3 },
    () => new Connection(tireless(400), new Worker(0.2), context, 1 << 20),
  );
  await Promise.all(connections.map((connection) => connection.run()));
  clearInterval(ticker);
  await turns.close();
  // Without a pause none would come at all.
  assert(ticks >= 5, `${ticks} ticks`);
});
