/**
 * Benchmarks of waiting while something is done to a stream of very many
 * messages, subjects or consumers.
 *
 * @module
 */

import { digits, encode } from "../frames.ts";
import { pause } from "../pause.ts";
import type { Measurement, Scale, Scenario } from "../scenario.ts";
import type { BenchServer } from "../server.ts";
import type { JetStreamClient } from "./client.ts";
import { BenchStream, FIRST_SEQUENCE, jetStreamConfig } from "./streams.ts";
import { Waits } from "./waits.ts";

/** Bytes of the payloads. */
const SIZE = 16;
/** Subjects of which the last token is the same. */
const GROUP = 1000;
/** Messages of each subject of the stream whose limits are lowered. */
const HISTORY = 4;
const STREAM = "large";

const decoder = new TextDecoder();

/** All benchmarks of operations on large streams. */
export const LARGE_OPERATIONS: readonly Scenario[] = [
  {
    name: "jetstream many subjects",
    about:
      "longest wait of a message while 1,000,000 subjects are asked about, consumed and removed",
    config: () => jetStreamConfig(),
    run: manySubjects,
  },
  {
    name: "jetstream lower limits",
    about:
      "longest wait of a message while the limits of a large stream are lowered",
    config: () => jetStreamConfig(),
    run: lowerLimits,
  },
  {
    name: "jetstream many consumers",
    about:
      "longest wait of a message while a stream has 10,000 consumers and something happens to it",
    config: () => jetStreamConfig(),
    run: manyConsumers,
  },
];

/** Subjects `large.<group>.<place in it>`. */
function subject(i: number): string {
  return `${STREAM}.${digits(Math.floor(i / GROUP), 4)}.${
    digits(i % GROUP, 4)
  }`;
}

const COLUMN = `${STREAM}.*.0007`;

async function manySubjects(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const count = scale.streamSubjects;
  await using stream = await BenchStream.create(server, STREAM, {
    storage: "file",
    allow_direct: true,
  });
  await stream.fill(count, SIZE, subject);
  await pause(scale.settle);
  using waits = await Waits.start(server, scale);
  const { client } = stream;
  await askAbout(waits, client, count);
  await consume(waits, client);
  await getMany(waits, client);
  await purgeParts(waits, stream, count);
  return waits.results;
}

async function askAbout(
  waits: Waits,
  client: JetStreamClient,
  count: number,
): Promise<void> {
  const info = (request: object) =>
    client.api(`STREAM.INFO.${STREAM}`, request);
  await waits.longest(
    "all subjects are listed",
    () => info({ subjects_filter: ">" }),
  );
  await waits.longest(
    "a later page of all subjects is listed",
    () => info({ subjects_filter: ">", offset: Math.floor(count / 2) }),
  );
  await waits.longest(
    "some subjects are listed",
    () => info({ subjects_filter: COLUMN }),
  );
}

async function consume(waits: Waits, client: JetStreamClient): Promise<void> {
  const create = (name: string, config: object) =>
    client.api(`CONSUMER.CREATE.${STREAM}.${name}`, {
      stream_name: STREAM,
      config: { name, durable_name: name, ack_policy: "explicit", ...config },
    });
  await waits.longest(
    "a consumer with a filter is made",
    () => create("column", { filter_subject: COLUMN }),
  );
  await waits.longest(
    "a consumer with two filters is made",
    () => create("columns", { filter_subjects: [COLUMN, `${STREAM}.*.0008`] }),
  );
  await waits.longest(
    "a consumer of the last of each subject is made",
    () =>
      create("lasts", {
        deliver_policy: "last_per_subject",
        filter_subject: `${STREAM}.*.*`,
      }),
  );
  await waits.longest("consumers of many subjects count anew", async () => {
    await client.api(`STREAM.PURGE.${STREAM}`, {
      filter: `${STREAM}.0000.*`,
    });
    await client.api(`CONSUMER.INFO.${STREAM}.column`);
    await client.api(`CONSUMER.LIST.${STREAM}`);
  });
}

async function getMany(waits: Waits, client: JetStreamClient): Promise<void> {
  const direct = (request: object) =>
    client.request(`$JS.API.DIRECT.GET.${STREAM}`, request);
  await waits.longest(
    "the last of some subjects are got",
    () => direct({ multi_last: [COLUMN] }),
  );
  await waits.longest(
    "the last of too many subjects are asked for",
    () => direct({ multi_last: [`${STREAM}.>`] }),
  );
  await waits.longest(
    "a batch of some subjects is got",
    () => direct({ next_by_subj: COLUMN, seq: 1, batch: 256 }),
  );
  await waits.longest(
    "the last of a wildcard is got",
    () =>
      client.api(`STREAM.MSG.GET.${STREAM}`, { last_by_subj: `${STREAM}.*.*` }),
  );
}

async function purgeParts(
  waits: Waits,
  stream: BenchStream,
  count: number,
): Promise<void> {
  const { client } = stream;
  const purge = (request: object) =>
    client.api(`STREAM.PURGE.${STREAM}`, request);
  await waits.longest(
    "some subjects are purged",
    () => purge({ filter: `${STREAM}.*.0008` }),
  );
  await waits.longest(
    "a quarter of the messages is purged by sequence",
    () => purge({ seq: FIRST_SEQUENCE + Math.floor(count / 4) }),
  );
  await waits.longest(
    "missing sequences are listed",
    () => client.api(`STREAM.INFO.${STREAM}`, { deleted_details: true }),
  );
  await waits.longest(
    "a quarter of the messages is purged by filter",
    () => purge({ filter: `${STREAM}.*.*`, keep: Math.floor(count / 2) }),
  );
  await waits.longest(
    "all but a few messages are purged",
    () => purge({ keep: Math.floor(count / 8) }),
  );
  await waits.longest(
    "all subjects are purged one by one",
    () => purge({ filter: `${STREAM}.*.*` }),
  );
}

async function lowerLimits(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const { largeStream: count } = scale;
  await using stream = await BenchStream.create(server, STREAM, {
    storage: "file",
  });
  const subjects = Math.ceil(count / HISTORY);
  await stream.fill(count, SIZE, (i) => subject(i % subjects));
  await pause(scale.settle);
  using waits = await Waits.start(server, scale);
  const update = (config: object) =>
    stream.client.api(`STREAM.UPDATE.${STREAM}`, {
      name: STREAM,
      subjects: [`${STREAM}.>`],
      storage: "file",
      first_seq: FIRST_SEQUENCE,
      ...config,
    });
  const part = (parts: number) => Math.ceil(count / parts);
  await waits.longest(
    "fewer messages are allowed per subject",
    () => update({ max_msgs_per_subject: HISTORY - 1 }),
  );
  await waits.longest(
    "fewer messages are allowed",
    () => update({ max_msgs: part(2) }),
  );
  await waits.longest(
    "fewer bytes are allowed",
    () => update({ max_bytes: part(4) * SIZE * 4 }),
  );
  await waits.longest("a stream is sealed", () => update({ sealed: true }));
  return waits.results;
}

async function manyConsumers(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const { streamConsumers: count, streamMessages } = scale;
  const stream = await BenchStream.create(server, STREAM, {
    storage: "file",
    max_consumers: 2 * count,
  });
  await stream.fill(streamMessages, SIZE, (i) => subject(i % count));
  await pause(scale.settle);
  using waits = await Waits.start(server, scale);
  const { client } = stream;
  await waits.longest("consumers are made", async () => {
    for (let i = 0; i < count; i++) {
      const name = `c${i}`;
      await client.api(`CONSUMER.CREATE.${STREAM}.${name}`, {
        stream_name: STREAM,
        config: {
          name,
          durable_name: name,
          ack_policy: "explicit",
          filter_subject: i % 2 === 0 ? subject(i) : `${STREAM}.>`,
        },
      });
    }
  });
  await pause(scale.settle);
  await waits.longest(
    "consumers are named",
    () => client.api(`CONSUMER.NAMES.${STREAM}`),
  );
  await waits.longest(
    "consumers are listed",
    () => client.api(`CONSUMER.LIST.${STREAM}`, { offset: 256 }),
  );
  await waits.longest(
    "a stream with consumers is told of",
    () => client.api(`STREAM.INFO.${STREAM}`),
  );
  await waits.longest("a message is stored", async () => {
    await client.write(encode(`PUB ${subject(0)} 1\r\nx\r\n`));
  });
  await waits.longest(
    "a message with consumers is deleted",
    () =>
      client.api(`STREAM.MSG.DELETE.${STREAM}`, { seq: FIRST_SEQUENCE + 1 }),
  );
  await waits.longest(
    "a subject with consumers is purged",
    () => client.api(`STREAM.PURGE.${STREAM}`, { filter: subject(0) }),
  );
  await waits.longest(
    "a stream with consumers is updated",
    () =>
      client.api(`STREAM.UPDATE.${STREAM}`, {
        name: STREAM,
        subjects: [`${STREAM}.>`],
        storage: "file",
        first_seq: FIRST_SEQUENCE,
        max_msgs: streamMessages,
        max_consumers: 2 * count,
      }),
  );
  await waits.longest(
    "messages come to a stream with consumers",
    () => stream.fill(streamMessages / 10, SIZE, (i) => subject(i % count)),
  );
  await waits.longest(
    "a stream with consumers is purged",
    () => client.api(`STREAM.PURGE.${STREAM}`),
  );
  await consumeOne(waits, client, count);
  await waits.longest(
    "a stream with consumers is deleted",
    () => stream[Symbol.asyncDispose](),
  );
  return waits.results;
}

/** One message for all consumers that take every subject. */
async function consumeOne(
  waits: Waits,
  client: JetStreamClient,
  consumers: number,
): Promise<void> {
  const names: string[] = [];
  for (let i = 1; i < consumers; i += 2) names.push(`c${i}`);
  const acks: string[] = [];
  let arrived = () => {};
  client.onMessage = ({ bytes, replyStart, replyEnd }) => {
    acks.push(decoder.decode(bytes.subarray(replyStart, replyEnd)));
    if (acks.length === names.length) arrived();
  };
  await client.write(encode("SUB pulls 2\r\n"));
  const request = `{"batch":1,"expires":60000000000}`;
  await waits.longest("consumers are asked for messages", async () => {
    await client.write(encode(
      names.map((name) =>
        `PUB $JS.API.CONSUMER.MSG.NEXT.${STREAM}.${name} pulls ${request.length}\r\n${request}\r\n`
      ).join(""),
    ));
    await client.api(`CONSUMER.INFO.${STREAM}.${names.at(-1)}`);
  });
  await waits.longest("all consumers get a message", async () => {
    const all = new Promise<void>((resolve) => arrived = resolve);
    await client.write(encode(`PUB ${STREAM}.new.1 1\r\nx\r\n`));
    await all;
  });
  await waits.longest("all consumers have it acknowledged", async () => {
    await client.write(
      encode(acks.map((ack) => `PUB ${ack} 4\r\n+ACK\r\n`).join("")),
    );
    await client.api(`CONSUMER.INFO.${STREAM}.${names.at(-1)}`);
  });
}
