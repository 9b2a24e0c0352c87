/**
 * Benchmarks of waiting while something happens to consumers of which very
 * many messages wait for their acknowledgements.
 *
 * @module
 */

import { encode } from "../frames.ts";
import { pause } from "../pause.ts";
import type { Measurement, Scale, Scenario } from "../scenario.ts";
import type { BenchServer } from "../server.ts";
import type { JetStreamClient } from "./client.ts";
import { BenchStream, FIRST_SEQUENCE, jetStreamConfig } from "./streams.ts";
import { within } from "../within.ts";
import { PATIENCE, Waits } from "./waits.ts";

/** Bytes of the payloads. */
const SIZE = 16;
const STREAM = "owed";
const DELIVER = "deliver";
const SID = "2";
const SECOND = 1_000_000_000;

const decoder = new TextDecoder();

/** All benchmarks of consumers that wait for much. */
export const MUCH_PENDING: readonly Scenario[] = [
  {
    name: "jetstream much pending",
    about:
      "longest wait of a message while 1,000,000 messages of a consumer are acknowledged at once, delivered again and given up",
    config: () => jetStreamConfig(),
    run: muchPending,
  },
];

async function muchPending(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const { streamPending: count } = scale;
  await using stream = await BenchStream.create(server, STREAM, {
    storage: "file",
  });
  await stream.fill(count - 1, SIZE);
  await pause(scale.settle);
  using waits = await Waits.start(server, scale);
  const { client } = stream;
  const consumers = new Consumers(client, count);
  await client.write(encode(`SUB ${DELIVER} ${SID}\r\n`));

  const last = await consumers.fetchAll("all", { ack_policy: "all" });
  await waits.longest(
    "much is acknowledged at once",
    () => consumers.acknowledge("all", last),
  );
  await consumers.fetchAll("short", {
    ack_policy: "explicit",
    max_deliver: 1,
    ack_wait: 60 * SECOND,
  });
  await waits.longest("much is given up", async () => {
    await consumers.update("short", {
      ack_policy: "explicit",
      max_deliver: 1,
      ack_wait: SECOND / 10,
    });
    await consumers.settled("short", 0);
  });
  await consumers.pushAll("push");
  await waits.longest("much is delivered anew", async () => {
    // A consumer goes elsewhere only when nobody listens any more.
    await client.write(encode(`UNSUB ${SID}\r\n`));
    await consumers.update("push", {
      deliver_subject: `${DELIVER}2`,
      ack_policy: "explicit",
    });
    await client.write(encode(`SUB ${DELIVER}2 3\r\n`));
  });
  await client.write(encode(`UNSUB 3\r\nSUB ${DELIVER} ${SID}\r\n`));
  await consumers.delete("push");
  await consumers.fetchAll("idle", {
    ack_policy: "explicit",
    inactive_threshold: 3 * SECOND,
  });
  await waits.longest("a consumer with much pending is inactive", async () => {
    await pause(2 * scale.settle);
  });
  await consumers.fetchAll("purged", { ack_policy: "explicit" });
  await waits.longest(
    "half of what is pending is purged",
    () =>
      client.api(`STREAM.PURGE.${STREAM}`, {
        seq: FIRST_SEQUENCE + Math.floor(count / 2),
      }),
  );
  await waits.longest(
    "a consumer with much pending is deleted",
    () => consumers.delete("purged"),
  );
  return waits.results;
}

/** Consumers of the stream; what they deliver all comes to one client. */
class Consumers {
  readonly #client: JetStreamClient;
  readonly #count: number;

  constructor(client: JetStreamClient, count: number) {
    this.#client = client;
    this.#count = count;
  }

  /** Resolves to the reply subject of the last when all messages have come. */
  arrivals(): Promise<string> {
    let left = this.#count;
    return new Promise((resolve, reject) => {
      this.#client.onMessage = (arrival) => {
        const { bytes, replyStart, replyEnd } = arrival;
        if (arrival.hasHeaders) return reject(new Error("a status message"));
        if (--left > 0) return;
        resolve(decoder.decode(bytes.subarray(replyStart, replyEnd)));
      };
    });
  }

  async #create(name: string, config: object): Promise<void> {
    await this.#client.api(`CONSUMER.CREATE.${STREAM}.${name}`, {
      stream_name: STREAM,
      config: { name, durable_name: name, max_ack_pending: -1, ...config },
    });
  }

  async update(name: string, config: object): Promise<void> {
    await this.#create(name, config);
  }

  async fetchAll(name: string, config: object): Promise<string> {
    await this.#create(name, config);
    const got = this.arrivals();
    const body = `{"batch":${this.#count},"expires":${600 * SECOND}}`;
    await this.#client.write(encode(
      `PUB $JS.API.CONSUMER.MSG.NEXT.${STREAM}.${name} ${DELIVER} ${body.length}\r\n${body}\r\n`,
    ));
    return await within(got, PATIENCE, `${name} did not get all`);
  }

  async pushAll(name: string): Promise<void> {
    const got = this.arrivals();
    await this.#create(name, {
      deliver_subject: DELIVER,
      ack_policy: "explicit",
    });
    await within(got, PATIENCE, `${name} did not get all`);
  }

  async acknowledge(name: string, ack: string): Promise<void> {
    await this.#client.write(encode(`PUB ${ack} 4\r\n+ACK\r\n`));
    await this.settled(name, 0);
  }

  /** Waits until so many are pending. */
  async settled(name: string, pending: number): Promise<void> {
    for (;;) {
      const info = await this.#client.api(`CONSUMER.INFO.${STREAM}.${name}`);
      if (info.includes(`"num_ack_pending":${pending},`)) return;
      await pause(5);
    }
  }

  async delete(name: string): Promise<void> {
    await this.#client.api(`CONSUMER.DELETE.${STREAM}.${name}`);
  }
}
