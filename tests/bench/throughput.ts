/**
 * Benchmarks of the message path.
 *
 * @module
 */

import { type FlowPlan, runFlow } from "./flow.ts";
import { digits, messageSize, publishBatch } from "./frames.ts";
import type { Measurement, Scale, Scenario } from "./scenario.ts";

const SUBJECT = "bench.a";
const SID = "1";

/** Payload sizes, bytes, as they stand in names. */
const SIZES = [[16, "16 B"], [128, "128 B"], [1024, "1 KiB"], [
  65_536,
  "64 KiB",
]] as const;

/** Publishers and receivers of one subject; every receiver gets everything. */
const PATTERNS = [
  ["publish", 1, 0],
  ["1→1", 1, 1],
  ["1→4", 1, 4],
  ["4→4", 4, 4],
] as const;

/** All benchmarks of the message path. */
export const THROUGHPUT: readonly Scenario[] = [
  ...PATTERNS.flatMap(([pattern, publishers, receivers]) =>
    SIZES.map(([size, sizeName]): Scenario =>
      flowScenario(
        `${pattern} ${sizeName}`,
        receivers === 0
          ? `${publishers} publisher, no receiver, ${sizeName}`
          : `${publishers} publishers, ${receivers} receivers of all, ${sizeName}`,
        () => plainFlow(publishers, receivers, size),
      )
    )
  ),
  flowScenario(
    "wildcards",
    "1,000 wildcard subscriptions on 2 connections; 10,000 subjects, each matching two",
    wildcardFlow,
  ),
  flowScenario(
    "100k subscriptions",
    "100,000 literal subscriptions on 4 connections, published to in random order",
    (scale) => manySubjectsFlow(scale.matchedSubscriptions),
  ),
  flowScenario(
    "queue groups",
    "1 publisher, 2 queue groups of 4 members each, 128 B",
    queueGroupFlow,
  ),
];

/** A benchmark that measures a load. */
export function flowScenario(
  name: string,
  about: string,
  plan: (scale: Scale) => FlowPlan,
  config?: () => string,
): Scenario {
  return {
    name,
    about,
    ...(config === undefined ? {} : { config }),
    async run(server, scale): Promise<Measurement[]> {
      const result = await runFlow(server, plan(scale), scale);
      return [
        {
          table: "throughput",
          label: name,
          unit: "msg/s",
          moreIsBetter: true,
          value: result.messages / result.seconds,
        },
        {
          table: "cpu",
          label: name,
          unit: "ns/msg",
          moreIsBetter: false,
          value: result.serverCpu * 1e9 / result.messages,
        },
        {
          table: "generator",
          label: name,
          unit: "% of a core",
          moreIsBetter: false,
          value: result.generatorCpu / result.seconds * 100,
        },
      ];
    },
  };
}

function plainFlow(
  publishers: number,
  receivers: number,
  size: number,
): FlowPlan {
  const batch = publishBatch([SUBJECT], size);
  return {
    publishers: repeat(batch, publishers),
    groups: repeat({
      members: [`SUB ${SUBJECT} ${SID}\r\n`],
      bytesPerBatch: batch.messages * messageSize(SUBJECT, SID, size),
    }, receivers),
    deliveries: Math.max(1, receivers),
  };
}

/**
 * A hundred `wild.NN.*.x` on one connection, a hundred `wild.*.NN.>` on the
 * other, and four hundred more on each that share tokens but never match.
 */
function wildcardFlow(): FlowPlan {
  const size = 16;
  const numbers = range(100).map((i) => digits(i, 2));
  const subjects = shuffled(
    numbers.flatMap((a) => numbers.map((b) => `wild.${a}.${b}.x`)),
  );
  const batch = publishBatch(subjects, size);
  const families = [
    [
      (n: string) => `wild.${n}.*.x`,
      (n: string, i: number) => `wild.${n}.*.${i}`,
    ],
    [
      (n: string) => `wild.*.${n}.>`,
      (n: string, i: number) => `wild.*.*.${n}.${i}`,
    ],
  ] as const;
  const bytesPerBatch = batch.messages *
    messageSize("wild.00.00.x", "100", size);
  return {
    publishers: [batch],
    groups: families.map(([matching, decoy]) => ({
      members: [
        subscribe([
          ...numbers.map(matching),
          ...range(4).flatMap((i) => numbers.map((n) => decoy(n, i))),
        ]),
      ],
      bytesPerBatch,
    })),
    deliveries: families.length,
  };
}

function manySubjectsFlow(count: number): FlowPlan {
  const size = 16;
  const receivers = 4;
  const subjects = range(count).map((i) =>
    `many.${digits(Math.floor(i / 1000), 3)}.${digits(i % 1000, 3)}`
  );
  const batch = publishBatch(shuffled(subjects), size);
  const share = count / receivers;
  const bytesPerBatch = batch.messages / receivers *
    messageSize("many.000.000", "100000", size);
  return {
    publishers: [batch],
    groups: range(receivers).map((i) => ({
      members: [subscribe(subjects.slice(i * share, (i + 1) * share), 100_000)],
      bytesPerBatch,
    })),
    deliveries: 1,
  };
}

function queueGroupFlow(): FlowPlan {
  const size = 128;
  const batch = publishBatch([SUBJECT], size);
  const bytesPerBatch = batch.messages * messageSize(SUBJECT, SID, size);
  return {
    publishers: [batch],
    groups: ["red", "blue"].map((group) => ({
      members: repeat(`SUB ${SUBJECT} ${group} ${SID}\r\n`, 4),
      bytesPerBatch,
    })),
    deliveries: 2,
  };
}

/** SUBs whose sids all have as many digits as `firstSid`. */
function subscribe(subjects: readonly string[], firstSid = 100): string {
  return subjects.map((subject, i) => `SUB ${subject} ${firstSid + i}\r\n`)
    .join("");
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function repeat<T>(value: T, count: number): T[] {
  return Array.from({ length: count }, () => value);
}

/** In an order that no cache can foresee, but always the same. */
function shuffled<T>(values: readonly T[]): T[] {
  let state = 1;
  return values.map((value) => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { value, state };
  }).sort((a, b) => a.state - b.state).map(({ value }) => value);
}
