/**
 * Benchmarks of consuming streams, and of reading single messages.
 *
 * @module
 */

import { digits, encode } from "../frames.ts";
import type { Measurement, Scale, Scenario } from "../scenario.ts";
import { type BenchServer, cpuSecondsOf } from "../server.ts";
import { percentile } from "../statistics.ts";
import { within } from "../within.ts";
import { type Arrival, JetStreamClient } from "./client.ts";
import { BenchStream, jetStreamConfig, measured } from "./streams.ts";

/** Messages that one pull asks for, and pulls that are under way. */
const PULL = 500;
const PULLS = 4;
/** Acknowledgements that a consumer waits for at most. */
const UNACKNOWLEDGED = 10_000;
const SID = "2";
const KEYS = 1000;
const TAIL_MAX = 60_000;

const WAYS = ["pull", "push"] as const;
const ACKS = ["none", "explicit"] as const;

type Way = typeof WAYS[number];
type AckPolicy = typeof ACKS[number];

/** All benchmarks of consuming. */
export const CONSUMING: readonly Scenario[] = [
  ...WAYS.flatMap((way) =>
    ACKS.map((ack): Scenario => ({
      name: `jetstream consume ${way}, ack ${ack}`,
      about: way === "pull"
        ? `1 consumer, pulls of ${PULL} messages, 128 B, file, ack ${ack}`
        : `1 consumer, pushed to, 128 B, file, ack ${ack}`,
      config: () => jetStreamConfig(),
      run: (server, scale) => consume(server, scale, way, ack),
    }))
  ),
  {
    name: "jetstream kv get",
    about: `direct get of the last value of one of ${KEYS} keys, one at a time`,
    config: () => jetStreamConfig(),
    run: getValues,
  },
];

async function consume(
  server: BenchServer,
  scale: Scale,
  way: Way,
  ack: AckPolicy,
): Promise<Measurement[]> {
  await using stream = await BenchStream.create(server, "bench", {
    storage: "file",
  });
  // The first message was stored when the stream was created.
  const count = scale.streamMessages - scale.streamMessages % PULL;
  await stream.fill(count - 1, 128);
  const pass = (number: number) =>
    consumeOnce(server, stream, `c${number}`, way, ack, count);
  if (scale.warmUp > 0) await pass(0);
  const cpu = server.cpuSeconds();
  const generatorCpu = cpuSecondsOf(Deno.pid);
  const begin = performance.now();
  let passes = 0;
  do await pass(++passes); while (performance.now() - begin < scale.duration);
  const seconds = (performance.now() - begin) / 1000;
  const messages = passes * count;
  const spent = server.cpuSeconds() - cpu;
  const generated = cpuSecondsOf(Deno.pid) - generatorCpu;
  const label = `jetstream consume ${way}, ack ${ack}`;
  return [
    measured("throughput", label, messages / seconds, "msg/s"),
    measured("cpu", label, spent * 1e9 / messages, "ns/msg"),
    measured("generator", label, generated / seconds * 100, "% of a core"),
  ];
}

/** A new consumer gets all messages; it is deleted afterwards. */
async function consumeOnce(
  server: BenchServer,
  stream: BenchStream,
  name: string,
  way: Way,
  ack: AckPolicy,
  count: number,
): Promise<void> {
  using client = await JetStreamClient.open(server.port);
  const done = receive(client, stream, name, { way, ack, count });
  await client.write(encode(`SUB deliver ${SID}\r\n`));
  const limits = ack === "none" ? {} : { max_ack_pending: UNACKNOWLEDGED };
  await client.api(`CONSUMER.CREATE.${stream.name}.${name}`, {
    stream_name: stream.name,
    action: "create",
    config: {
      name,
      ack_policy: ack,
      deliver_policy: "all",
      ...limits,
      ...(way === "push"
        ? { deliver_subject: "deliver" }
        : { durable_name: name }),
    },
  });
  if (way === "pull") {
    const pulls = Math.min(PULLS, count / PULL);
    await client.write(
      encode(pullText(stream, name).repeat(pulls)),
    );
  }
  await within(done, TAIL_MAX, `${name} was not consumed`);
  await stream.client.api(`CONSUMER.DELETE.${stream.name}.${name}`);
}

function pullText({ name: stream }: BenchStream, name: string): string {
  const body = `{"batch":${PULL}}`;
  return `PUB $JS.API.CONSUMER.MSG.NEXT.${stream}.${name} deliver ${body.length}\r\n${body}\r\n`;
}

/** Counts messages, acknowledges and pulls on; resolves after the last. */
function receive(
  client: JetStreamClient,
  stream: BenchStream,
  name: string,
  plan: { readonly way: Way; readonly ack: AckPolicy; readonly count: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { way, ack, count } = plan;
  const pull = encode(pullText(stream, name));
  const acks = new AckWriter(client);
  let received = 0;
  let pulled = PULLS * PULL;
  client.onMessage = (arrival) => {
    if (arrival.hasHeaders) {
      reject(new Error(`a status message after ${received}`));
      return;
    }
    received++;
    if (ack === "explicit") acks.add(arrival);
    if (way === "pull" && received % PULL === 0 && pulled < count) {
      pulled += PULL;
      void client.write(pull);
    }
  };
  client.onRead = () => {
    const written = acks.flush();
    if (received === count) void written.then(resolve, reject);
  };
  return promise;
}

/** Acknowledgements for everything that was read at once. */
class AckWriter {
  readonly #client: JetStreamClient;
  #bytes = new Uint8Array(1 << 16);
  #end = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(client: JetStreamClient) {
    this.#client = client;
  }

  add({ bytes, replyStart, replyEnd }: Arrival): void {
    const needed = this.#end + replyEnd - replyStart + 16;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = larger;
    }
    const to = this.#bytes;
    let at = this.#end;
    at = put(to, at, VERB, 0, VERB.length);
    at = put(to, at, bytes, replyStart, replyEnd);
    this.#end = put(to, at, EMPTY, 0, EMPTY.length);
  }

  /** Writes them; resolves when they are written. */
  flush(): Promise<void> {
    if (this.#end === 0) return this.#writing;
    const bytes = this.#bytes.slice(0, this.#end);
    this.#end = 0;
    return this.#writing = this.#writing.then(() => this.#client.write(bytes));
  }
}

const VERB = encode("PUB ");
const EMPTY = encode(" 0\r\n\r\n");

function put(
  to: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  for (let i = start; i < end; i++) to[at++] = from[i] ?? 0;
  return at;
}

async function getValues(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  using client = await JetStreamClient.open(server.port);
  await client.api("STREAM.CREATE.KV_bench", {
    name: "KV_bench",
    subjects: ["$KV.bench.>"],
    max_msgs_per_subject: 1,
    discard: "new",
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
    storage: "file",
  });
  const value = "x".repeat(128);
  for (let i = 0; i < KEYS; i++) {
    await client.request(`$KV.bench.${digits(i, 4)}`, value);
  }
  let key = 0;
  const once = async () => {
    key = (key + 7) % KEYS;
    const subject = `$KV.bench.${digits(key, 4)}`;
    const begin = performance.now();
    await client.request(`$JS.API.DIRECT.GET.KV_bench.${subject}`, "");
    return (performance.now() - begin) * 1000;
  };
  await timed(scale.warmUpOneByOne, once);
  const cpu = server.cpuSeconds();
  const latencies = await timed(scale.duration, once);
  const spent = server.cpuSeconds() - cpu;
  await client.api("STREAM.DELETE.KV_bench");
  return [
    measured(
      "latency",
      "jetstream kv get p50",
      percentile(latencies, 0.5),
      "µs",
    ),
    measured(
      "latency",
      "jetstream kv get p99",
      percentile(latencies, 0.99),
      "µs",
    ),
    measured(
      "latency",
      "jetstream kv get CPU",
      spent * 1e6 / latencies.length,
      "µs/request",
    ),
  ];
}

/** Repeats for `duration` ms, at least once; returns the results. */
async function timed(
  duration: number,
  once: () => Promise<number>,
): Promise<number[]> {
  const deadline = performance.now() + duration;
  const results: number[] = [];
  do results.push(await once()); while (performance.now() < deadline);
  return results;
}
