/**
 * Benchmarks of starting with a large stream, of its memory, and of waiting
 * while something happens to it.
 *
 * @module
 */

import { digits } from "../frames.ts";
import { pause } from "../pause.ts";
import { Probe } from "../probe.ts";
import type { Measurement, Scale, Scenario } from "../scenario.ts";
import type { BenchServer } from "../server.ts";
import { JetStreamClient } from "./client.ts";
import {
  BenchStream,
  FIRST_SEQUENCE,
  jetStreamConfig,
  measured,
} from "./streams.ts";

/** So many times larger is the stream that is found at the start. */
const RECOVERED = 10;
/** Bytes of the payloads. */
const SIZE = 16;
/** Subjects of the large stream. */
const SUBJECTS = 1000;
/** Longer than servers keep what they have read or written lately. */
const SETTLING = 5;
/** Milliseconds between two looks at what a stream holds. */
const LOOK = 5;
/** Milliseconds of waiting for a stream to be as it should be. */
const PATIENCE = 120_000;
const SECOND = 1_000_000_000;
/** Subject of every second message of a stream, and what displaces them. */
const ROLLED_UP = "bench.rolled.up";
const ROLLUP = "NATS/1.0\r\nNats-Rollup: sub\r\n\r\n";
const CONFIG = {
  name: "bench",
  subjects: ["bench.>"],
  first_seq: FIRST_SEQUENCE,
  storage: "file",
};

/** All benchmarks of large streams. */
export const LARGE_STREAMS: readonly Scenario[] = [
  {
    name: "jetstream recovery",
    about:
      "from the start of the process until a stream of ten times --messages answers, after a clean stop and after a kill",
    config: () => jetStreamConfig(),
    run: recover,
  },
  {
    name: "jetstream memory",
    about: "resident memory per message, and per subject of 1,000,000, file",
    config: () => jetStreamConfig(),
    run: memory,
  },
  {
    name: "jetstream waiting",
    about:
      "longest wait of a message while a large stream (--messages) is purged, half of it rolled up, and while it expires and is deleted",
    config: () => jetStreamConfig(),
    run: waiting,
  },
];

function subject(i: number): string {
  return `bench.${digits(i % SUBJECTS, 4)}`;
}

async function recover(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const messages = RECOVERED * scale.largeStream;
  const large = { ...scale, largeStream: messages };
  (await filled(server, large)).client[Symbol.dispose]();
  const results: Measurement[] = [];
  for (
    const [signal, how] of [
      // First, while nothing has been written down of what the stream holds.
      ["SIGKILL", "a kill"],
      ["SIGTERM", "a clean stop"],
    ] as const
  ) {
    await server.stop(signal);
    const begin = performance.now();
    await server.startAgain();
    using client = await JetStreamClient.open(server.port);
    await settledAt(client, "bench", messages);
    const label = `jetstream recovery after ${how}`;
    results.push(
      measured("latency", label, performance.now() - begin, "ms"),
      measured("latency", `${label} CPU`, server.cpuSeconds() * 1000, "ms"),
    );
  }
  using client = await JetStreamClient.open(server.port);
  await client.api("STREAM.DELETE.bench");
  return results;
}

async function memory(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  const settled = async () => {
    await pause(SETTLING * scale.settle);
    return server.residentBytes();
  };
  const empty = await settled();
  await using messages = await BenchStream.create(server, "bench", {
    storage: "file",
  });
  await messages.fill(scale.largeStream, SIZE);
  const withMessages = await settled();
  await using subjects = await BenchStream.create(server, "many", {
    storage: "file",
  });
  const name = (i: number) =>
    `many.${digits(Math.floor(i / 1000), 4)}.${digits(i % 1000, 4)}`;
  await subjects.fill(scale.streamSubjects, SIZE, name);
  const withSubjects = await settled();
  const perMessage = (withMessages - empty) / scale.largeStream;
  const perSubject = (withSubjects - withMessages) / scale.streamSubjects;
  return [
    measured(
      "footprint",
      "jetstream memory per message",
      Math.max(0, perMessage),
      "B",
    ),
    measured(
      "footprint",
      "jetstream memory per message of a subject of its own",
      Math.max(0, perSubject),
      "B",
    ),
  ];
}

async function waiting(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  using probe = await Probe.start(server.port);
  const results: Measurement[] = [];
  const longest = async (when: string, work: () => Promise<unknown>) => {
    const label = `jetstream longest wait while ${when}`;
    const value = await probe.during(async () => {
      await work();
    });
    results.push(measured("latency", label, value, "ms"));
  };
  const half = FIRST_SEQUENCE + Math.floor(scale.largeStream / 2);
  {
    await using stream = await filled(server, scale);
    const purge = (request: object) =>
      stream.client.api("STREAM.PURGE.bench", request);
    await longest("a subject is purged", () => purge({ filter: subject(1) }));
    await longest("half of a stream is purged", () => purge({ seq: half }));
    await longest("a stream is purged", () => purge({}));
  }
  {
    await using stream = await filled(server, scale, {
      allow_rollup_hdrs: true,
    }, (i) => i % 2 === 0 ? ROLLED_UP : subject(i));
    await longest(
      "a subject is rolled up",
      () => stream.client.request(ROLLED_UP, "x", ROLLUP),
    );
  }
  {
    await using stream = await filled(server, scale);
    await longest("a stream expires", async () => {
      await stream.client.api("STREAM.UPDATE.bench", {
        ...CONFIG,
        max_age: SECOND,
        duplicate_window: SECOND,
      });
      await settledAt(stream.client, "bench", 0);
    });
  }
  const stream = await filled(server, scale);
  await longest("a stream is deleted", async () => {
    await stream[Symbol.asyncDispose]();
    await pause(scale.duration);
  });
  return results;
}

/** The large stream, once what filled it has calmed down. */
async function filled(
  server: BenchServer,
  scale: Scale,
  config: object = {},
  subjectOf: (i: number) => string = subject,
): Promise<BenchStream> {
  const stream = await BenchStream.create(server, "bench", {
    storage: "file",
    ...config,
  });
  await stream.fill(scale.largeStream - 1, SIZE, subjectOf);
  await pause(scale.settle);
  return stream;
}

/** Waits until a stream holds so many messages. @throws Error */
async function settledAt(
  client: JetStreamClient,
  stream: string,
  messages: number,
): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const found = await client.api(`STREAM.INFO.${stream}`)
      .then((text) => /"messages":(\d+)/.exec(text)?.[1], () => "none");
    if (found === String(messages)) return;
    if (performance.now() > deadline) {
      throw new Error(`${found} messages instead of ${messages}`);
    }
    await pause(LOOK);
  }
}
