/**
 * Benchmarks of publishing to streams.
 *
 * @module
 */

import { runFlow } from "../flow.ts";
import { touchMemory } from "../fresh_memory.ts";
import { digits, encode, requestBatch } from "../frames.ts";
import { Link } from "../link.ts";
import type { Measurement, Scale, Scenario } from "../scenario.ts";
import { type BenchServer, cpuSecondsOf } from "../server.ts";
import {
  BenchStream,
  jetStreamConfig,
  measured,
  type Storage,
} from "./streams.ts";

/** Messages that are written at once, and batches that wait for their acknowledgements. */
const BATCH = 1000;
const BATCHES_IN_FLIGHT = 6;
/**
 * Times the usual duration: what it costs to find memory for what streams keep,
 * and to collect garbage beside it, shows after gigabytes only.
 */
const LASTS = 2;
/** Small: these links read little. */
const READ_BYTES = 4096;

const SIZES = [[16, "16 B"], [128, "128 B"], [1024, "1 KiB"]] as const;
const STORAGES: readonly Storage[] = ["file", "memory"];

/** All benchmarks of publishing. */
export const PUBLISHING: readonly Scenario[] = [
  ...STORAGES.flatMap((storage) =>
    SIZES.map(([size, sizeName]): Scenario => ({
      name: `jetstream publish ${storage} ${sizeName}`,
      about:
        `1 publisher, several thousand messages in flight, ${storage}, ${sizeName}`,
      config: () => jetStreamConfig(),
      run: (server, scale) =>
        publishAsynchronously(server, scale, storage, size, sizeName),
    }))
  ),
  {
    name: "jetstream publish one by one",
    about: "1 publisher that waits for each acknowledgement, file, 128 B",
    config: () => jetStreamConfig(),
    run: (server, scale) =>
      publishOneByOne(server, scale, 1, "jetstream publish one by one"),
  },
  {
    name: "jetstream publish synced",
    about:
      "100 publishers that wait for each acknowledgement, sync_interval: always, 128 B",
    config: () => jetStreamConfig("always"),
    run: (server, scale) =>
      publishOneByOne(
        server,
        scale,
        scale.streamPublishers,
        `jetstream publish synced`,
      ),
  },
];

async function publishAsynchronously(
  server: BenchServer,
  scale: Scale,
  storage: Storage,
  size: number,
  sizeName: string,
): Promise<Measurement[]> {
  touchMemory(scale.freshMemory);
  await using stream = await BenchStream.create(server, "bench", { storage });
  const { batch, acks, subscription } = stream.batch(size, BATCH);
  const result = await runFlow(server, {
    publishers: [batch],
    groups: [{
      members: [subscription],
      bytesPerBatch: acks,
      window: (BATCHES_IN_FLIGHT - 1) * acks,
    }],
    deliveries: 1,
  }, { warmUp: scale.warmUp, duration: LASTS * scale.duration });
  const label = `jetstream publish ${storage} ${sizeName}`;
  return [
    measured("throughput", label, result.messages / result.seconds, "msg/s"),
    measured("cpu", label, result.serverCpu * 1e9 / result.messages, "ns/msg"),
    measured(
      "generator",
      label,
      result.generatorCpu / result.seconds * 100,
      "% of a core",
    ),
  ];
}

async function publishOneByOne(
  server: BenchServer,
  scale: Scale,
  publishers: number,
  label: string,
): Promise<Measurement[]> {
  await using stream = await BenchStream.create(server, "bench", {
    storage: "file",
  });
  using stack = new DisposableStack();
  const clients: PatientPublisher[] = [];
  for (let i = 0; i < publishers; i++) {
    clients.push(stack.use(await PatientPublisher.open(server, stream, i)));
  }
  const load = async (duration: number) => {
    const deadline = performance.now() + duration;
    const counts = await Promise.all(
      clients.map((client) => client.publishUntil(deadline)),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };
  if (scale.warmUpOneByOne > 0) await load(scale.warmUpOneByOne);
  const cpu = server.cpuSeconds();
  const generatorCpu = cpuSecondsOf(Deno.pid);
  const begin = performance.now();
  const messages = await load(scale.duration);
  const seconds = (performance.now() - begin) / 1000;
  const spent = server.cpuSeconds() - cpu;
  const generated = cpuSecondsOf(Deno.pid) - generatorCpu;
  return [
    measured("throughput", label, messages / seconds, "msg/s"),
    measured("cpu", label, spent * 1e9 / messages, "ns/msg"),
    measured("generator", label, generated / seconds * 100, "% of a core"),
  ];
}

/** Publishes a message when the one before has been acknowledged. */
class PatientPublisher implements Disposable {
  readonly #link: Link;
  readonly #message: Uint8Array;
  #arrived: () => void = () => {};

  private constructor(link: Link, message: Uint8Array) {
    this.#link = link;
    this.#message = message;
  }

  static async open(
    server: BenchServer,
    { name, ackSize }: BenchStream,
    index: number,
  ): Promise<PatientPublisher> {
    const link = await Link.open(server.port, READ_BYTES);
    // As long as `acks`, for which the size is known.
    const reply = `a${digits(index, 3)}`;
    await link.write(encode(`SUB ${reply} 2\r\n`));
    await link.synchronize();
    const { bytes } = requestBatch(`${name}.a`, reply, 128, 1);
    const publisher = new PatientPublisher(link, bytes);
    // A PING of the server's is smaller than an acknowledgement.
    void link.count(() => {
      if (link.received >= ackSize) publisher.#arrived();
    });
    return publisher;
  }

  /** @returns messages */
  async publishUntil(deadline: number): Promise<number> {
    let count = 0;
    do {
      const arrival = new Promise<void>((resolve) => this.#arrived = resolve);
      this.#link.received = 0;
      await this.#link.write(this.#message);
      await arrival;
      count++;
    } while (performance.now() < deadline);
    return count;
  }

  [Symbol.dispose](): void {
    this.#link[Symbol.dispose]();
  }
}
