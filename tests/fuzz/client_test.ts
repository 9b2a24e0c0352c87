/**
 * A server among clients that send all kinds of nonsense: it stays up, ends or
 * answers what is malformed, serves what is not, and a well-behaved pair of
 * clients gets exactly its messages all the while.
 *
 * Replay a failure with the seed it prints: `FUZZ_SEED=<seed> deno task test`;
 * `FUZZ_TIME=<seconds>` looks for longer.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Server, startServer } from "../../src/mod.ts";
import type { Transport } from "../../src/runtime/mod.ts";
import { SeededRandom } from "../sim/ports/random.ts";
import { capability } from "../tools/capability.ts";
import { LogRecorder } from "../tools/log_recorder.ts";
import { print } from "../tools/print.ts";
import { RawClient } from "../tools/raw_client.ts";
import { pieces, type Traffic, traffic } from "./client_traffic.ts";

const seed = BigInt(Deno.env.get("FUZZ_SEED") ?? 20_260_731);
/** Milliseconds. */
const DURATION = 1000 * Number(Deno.env.get("FUZZ_TIME") ?? 5);
const CLIENTS = 8;
/** Nobody guesses it; clients that subscribe to everything do get it. */
const STEADY = "steady.c0ffee";
const PATIENCE = 5000;

/** A client that keeps only what it must know of what it receives. */
class Vandal {
  readonly #transport: Transport;
  #tail = "";
  sawError = false;
  sawPong = 0;
  ended = false;

  constructor(server: Server) {
    this.#transport = server.connectInProcess();
    void this.#read();
  }

  /** Sends what it can; the server may end the connection at any time. */
  async send(random: SeededRandom, text: string): Promise<void> {
    try {
      const parts = pieces(random, text);
      const pauses = random.below(20) / parts.length;
      for (const piece of parts) {
        let rest = Uint8Array.from(piece, (char) => char.charCodeAt(0));
        while (rest.length > 0) {
          rest = rest.subarray(await this.#transport.write(rest));
        }
        if (random.chance(pauses)) await turn();
      }
    } catch {
      // Ended by the server.
    }
  }

  async settle(done: () => boolean, patience = PATIENCE): Promise<boolean> {
    const deadline = performance.now() + patience;
    while (!done() && performance.now() < deadline) await turn();
    return done();
  }

  close(): void {
    this.#transport.close();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const count = await this.#transport.read(buffer);
        if (count === null) break;
        const text = new TextDecoder("latin1").decode(
          buffer.subarray(0, count),
        );
        this.#look(text);
      }
    } catch {
      // Closed by either side.
    }
    this.ended = true;
  }

  #look(text: string): void {
    const seen = this.#tail + text;
    this.sawError ||= /(^|\n)-ERR '/.test(seen);
    this.sawPong += seen.split("PONG\r\n").length -
      this.#tail.split("PONG\r\n").length;
    this.#tail = seen.slice(-10);
  }
}

/** Lets everything else have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The well-behaved pair. */
class Pair {
  #sent = 0;
  #received = 0;

  constructor(
    readonly publisher: RawClient,
    readonly subscriber: RawClient,
  ) {}

  static async connect(server: Server): Promise<Pair> {
    const publisher = await RawClient.connect(server);
    const subscriber = await RawClient.connect(server);
    for (const client of [publisher, subscriber]) {
      await client.send('CONNECT {"verbose":false,"headers":true}\r\n');
    }
    await subscriber.send(`SUB ${STEADY}.* 1\r\n`);
    await subscriber.flush();
    await publisher.flush();
    return new Pair(publisher, subscriber);
  }

  /** Publishes some messages; they must arrive, in order, and nothing else. */
  async exchange(random: SeededRandom): Promise<void> {
    const count = 1 + random.below(50);
    let batch = "";
    let expected = "";
    for (let i = 0; i < count; i++) {
      const payload = `${this.#sent++}`.padEnd(random.pick([0, 10, 1000]), "-");
      const frame = `${payload.length}\r\n${payload}\r\n`;
      batch += `PUB ${STEADY}.${i} ${frame}`;
      expected += `MSG ${STEADY}.${i} 1 ${frame}`;
    }
    await this.publisher.send(batch);
    assertEquals(await this.publisher.flush(), "");
    assertEquals(await this.subscriber.flush(), expected);
    this.#received += count;
    assertEquals(this.#received, this.#sent);
  }

  async close(): Promise<void> {
    await this.publisher.close();
    await this.subscriber.close();
  }
}

async function vandalise(
  server: Server,
  random: SeededRandom,
): Promise<Traffic["fate"]> {
  const { text, fate } = traffic(random);
  const vandal = new Vandal(server);
  await vandal.send(random, text);
  switch (fate) {
    case "served": {
      const pings = pingsOf(text);
      const served = await vandal.settle(() =>
        vandal.sawPong >= pings || vandal.ended
      );
      assert(
        served && !vandal.ended,
        `not served: … ${JSON.stringify(text.slice(-300))}`,
      );
      break;
    }
    case "refused":
      assert(
        await vandal.settle(() => vandal.ended || vandal.sawError),
        `not refused: … ${JSON.stringify(text.slice(-300))}`,
      );
      break;
    case "damaged":
      await vandal.settle(() => vandal.ended || vandal.sawError, 5);
  }
  vandal.close();
  return fate;
}

/** How many PINGs undamaged traffic holds; no payload looks like one. */
function pingsOf(text: string): number {
  return text.split("PING\r\n").length - 1;
}

/** One round: all clients at once, while the pair goes on. */
async function playRound(
  server: Server,
  pair: Pair,
  random: SeededRandom,
): Promise<Traffic["fate"][]> {
  const before = leftIn(server);
  const vandals = Array.from(
    { length: CLIENTS },
    () => vandalise(server, random.fork()),
  );
  const steady = random.fork();
  for (let i = 0; i < 3; i++) await pair.exchange(steady);
  const fates = await Promise.all(vandals);
  await settled(() => server.state.clients.count === 2);
  assertEquals(leftIn(server), before);
  return fates;
}

/** What clients that are gone must have left as it was. */
function leftIn({ state }: Server): Record<string, number> {
  const { subscriptions, clients } = state.accounts.global;
  return { subscriptions: subscriptions.count, clients };
}

async function settled(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!condition()) {
    assert(performance.now() < deadline, `${condition} has not come true`);
    await turn();
  }
}

capability(
  "fuzzing - nonsense hurts nobody but its sender",
  {
    positive: ["client-protocol/byte-state-machine"],
    edge: [
      "client-protocol/byte-state-machine",
      "client-protocol/parse-error",
      "client-protocol/split-buffers",
    ],
  },
  async () => {
    print(`seed ${seed}`);
    const log = new LogRecorder({ debugging: true, tracing: true });
    const options = { dontListen: true, disableShortFirstPing: true };
    const server = await startServer(options, { logger: log });
    const pair = await Pair.connect(server);
    const begin = performance.now();
    const fates = new Map<Traffic["fate"], number>();
    let round = 0;
    try {
      for (; performance.now() - begin < DURATION; round++) {
        const random = new SeededRandom(seed, BigInt(round));
        for (const fate of await playRound(server, pair, random)) {
          fates.set(fate, (fates.get(fate) ?? 0) + 1);
        }
        assertEquals(log.unexpected, []);
        log.lines.length = 0;
      }
    } catch (error) {
      print(`failed in round ${round} of seed ${seed}`);
      throw error;
    }
    print(`${round} rounds`);
    for (const fate of ["served", "refused", "damaged"] as const) {
      assert((fates.get(fate) ?? 0) > 0, `no traffic was ${fate}`);
    }
    await pair.close();
    await server.shutdown();
  },
);
