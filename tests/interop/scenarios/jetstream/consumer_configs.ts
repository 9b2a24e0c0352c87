/**
 * What becomes of configurations of consumers: defaults, refusals, updates.
 *
 * @module
 */

import { type JetStreamScenario, scenario } from "../../jetstream/compare.ts";
import type { Fields, Session } from "../../jetstream/session.ts";

const SECOND = 1_000_000_000;

/** Configurations that one row of the registry is about; each is tried on its own. */
type Tries = readonly (readonly [row: string, ...fields: Fields[]])[];

const PUSH = { deliver_subject: "to" };
const FLOW = {
  ...PUSH,
  ack_policy: "flow_control",
  max_ack_pending: 10,
};
const POLICIES = [
  "all",
  "last",
  "new",
  "by_start_sequence",
  "by_start_time",
  "last_per_subject",
];
const TIME = "2024-05-06T07:08:09.5Z";

const TRIES: Tries = [
  [
    "durable-name-name",
    {},
    { durable_name: "", name: "" },
    {
      name: "other",
    },
    { durable_name: "other" },
    { name: "c", durable_name: "" },
  ],
  ["description", { description: "d".repeat(4096) }, {
    description: "d".repeat(4097),
  }, { description: "ü".repeat(2049) }],
  [
    "deliver-policy",
    ...POLICIES.map((deliver_policy) => ({ deliver_policy })),
    {
      deliver_policy: "undefined",
    },
    { deliver_policy: "never" },
    { deliver_policy: 1 },
  ],
  [
    "opt-start-seq-opt-start-time",
    ...POLICIES.flatMap((deliver_policy) => [
      { deliver_policy, opt_start_seq: 2, filter_subject: "a" },
      { deliver_policy, opt_start_time: TIME, filter_subject: "a" },
      {
        deliver_policy,
        opt_start_seq: 2,
        opt_start_time: TIME,
        filter_subject: "a",
      },
    ]),
    { deliver_policy: "by_start_time", opt_start_time: "yesterday" },
    { deliver_policy: "by_start_sequence", opt_start_seq: -1 },
  ],
  [
    "ack-policy",
    ...["none", "all", "explicit", "flow_control", "some"].map((
      ack_policy,
    ) => ({
      ack_policy,
    })),
    FLOW,
    { ...FLOW, max_ack_pending: -1 },
    { ...FLOW, ack_wait: SECOND },
    { ...FLOW, backoff: [SECOND] },
    { ...FLOW, max_deliver: 5 },
    { ...FLOW, idle_heartbeat: 2 * SECOND },
  ],
  [
    "ack-wait",
    { ack_wait: 5 * SECOND },
    { ack_wait: -1 },
    {
      ack_policy: "none",
      ack_wait: SECOND,
    },
    { ack_policy: "all" },
    { ack_wait: "1s" },
  ],
  [
    "max-deliver",
    { max_deliver: 3 },
    { max_deliver: -1 },
    { max_deliver: -5 },
    {
      max_deliver: 0,
    },
  ],
  [
    "backoff",
    { backoff: [SECOND, 2 * SECOND] },
    {
      backoff: [SECOND, SECOND],
      max_deliver: 2,
    },
    { backoff: [SECOND, SECOND, SECOND], max_deliver: 2 },
    {
      backoff: [SECOND, -1],
    },
    { backoff: [2 * SECOND], ack_wait: SECOND, max_deliver: 1 },
    {
      backoff: [],
    },
  ],
  [
    "filter-subject-filter-subjects",
    { filter_subject: "a.b" },
    {
      filter_subjects: ["a", "b.*"],
    },
    { filter_subject: "a", filter_subjects: ["b"] },
    {
      filter_subjects: ["a", ""],
    },
    { filter_subject: "a b" },
    { filter_subjects: ["a..b"] },
    {
      filter_subjects: ["a.*", "a.b"],
    },
    { filter_subjects: ["a.b", "a.*"] },
    { filter_subjects: ["a", "a"] },
    {
      filter_subjects: ["a.*.c", "a.b.*"],
    },
    { filter_subject: ">" },
  ],
  ["replay-policy", { replay_policy: "original" }, {
    replay_policy: "instant",
  }, { replay_policy: "slow" }],
  ["rate-limit-bps", { rate_limit_bps: 1000 }, {
    ...PUSH,
    rate_limit_bps: 100_000,
  }, { ...PUSH, rate_limit_bps: -1 }],
  [
    "sample-freq",
    ...["50", "50%", "0", "101", "+5", "-5", "x", "5%%", "1.5"].map(
      (sample_freq) => ({ sample_freq }),
    ),
    { sample_freq: "99999999999999999999" },
  ],
  ["max-waiting", { max_waiting: 2 }, { max_waiting: -1 }, {
    ...PUSH,
    max_waiting: 1,
  }, { ...PUSH, max_waiting: -1 }],
  [
    "max-ack-pending",
    { max_ack_pending: 5 },
    { max_ack_pending: -1 },
    {
      max_ack_pending: -7,
    },
    { ack_policy: "none", max_ack_pending: 5 },
    {
      ...PUSH,
      ack_policy: "none",
      max_ack_pending: 5,
    },
    { ...PUSH, ack_policy: "none" },
  ],
  [
    "flow-control-idle-heartbeat",
    {
      ...PUSH,
      flow_control: true,
      idle_heartbeat: SECOND,
    },
    { ...PUSH, flow_control: true },
    { ...PUSH, idle_heartbeat: 99_999_999 },
    {
      ...PUSH,
      idle_heartbeat: 100_000_000,
    },
    { ...PUSH, idle_heartbeat: -1 },
    { idle_heartbeat: SECOND },
    {
      flow_control: true,
    },
  ],
  ["headers-only", { headers_only: true }, { headers_only: "yes" }],
  [
    "max-batch-max-expires-max-bytes",
    {
      max_batch: 10,
      max_expires: SECOND,
      max_bytes: 1000,
    },
    { max_batch: -1 },
    { max_expires: -1 },
    { max_bytes: -1 },
    {
      max_expires: 999_999,
    },
    { max_expires: 1_000_000 },
    { ...PUSH, max_batch: 5 },
  ],
  [
    "deliver-subject",
    PUSH,
    { deliver_subject: "a.*" },
    {
      deliver_subject: "a.>",
    },
    { deliver_subject: "a..b" },
    { deliver_subject: "a b" },
  ],
  ["deliver-group", { ...PUSH, deliver_group: "g" }, { deliver_group: "g" }],
  ["inactive-threshold", { inactive_threshold: 60 * SECOND }, {
    inactive_threshold: -1,
  }, { durable_name: "", name: "c" }],
  ["num-replicas", { num_replicas: 1 }, { num_replicas: -1 }, {
    num_replicas: 3,
  }],
  ["mem-storage", { mem_storage: true }],
  ["direct-sourcing", { direct: true }, { ...PUSH, direct: true }, {
    ...PUSH,
    direct: true,
    durable_name: "",
    name: "c",
    ack_policy: "none",
  }],
  [
    "metadata",
    { metadata: { a: "b" } },
    {
      metadata: { a: "b".repeat(131_071) },
    },
    { metadata: { a: "b".repeat(131_072) } },
    { metadata: { a: 1 } },
  ],
  ["pause-until", { pause_until: "2124-01-01T00:00:00+02:00" }, {
    pause_until: "2024-01-01T00:00:00Z",
  }, { pause_until: "soon" }],
  [
    "priority-groups-priority-policy-priority-timeout",
    ...[
      "none",
      "overflow",
      "pinned_client",
      "prioritized",
      "odd",
    ].flatMap((priority_policy) => [
      { priority_policy },
      { priority_policy, priority_groups: ["g"] },
      {
        priority_policy,
        priority_timeout: SECOND,
        priority_groups: ["g", "h"],
      },
    ]),
    { priority_timeout: SECOND },
    { priority_groups: ["g"] },
    {
      priority_policy: "overflow",
      priority_groups: [""],
    },
    { priority_policy: "overflow", priority_groups: ["a b"] },
    {
      priority_policy: "overflow",
      priority_groups: ["abcdefghijklmnopq"],
    },
    { ...PUSH, priority_policy: "overflow", priority_groups: ["g"] },
    {
      priority_policy: "pinned_client",
      priority_groups: ["g"],
      priority_timeout: -1,
    },
  ],
];

async function tryAll(
  session: Session,
  tries: readonly Fields[],
): Promise<void> {
  await session.create();
  for (const fields of tries) {
    session.note(shorten(JSON.stringify(fields)));
    await session.tryConsumer("c", fields);
    session.note("pedantic");
    await session.tryConsumer("d", { durable_name: "d", ...fields }, {
      pedantic: true,
    });
    for (const name of ["c", "d"]) {
      await session.ask(`$JS.API.CONSUMER.DELETE.${session.stream}.${name}`);
    }
  }
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

const byField = TRIES.map(([row, ...tries]) =>
  scenario(
    `configurations of consumers: ${row}`,
    { positive: [`consumers/${row}`], edge: [`consumers/${row}`] },
    (session) => tryAll(session, tries),
  )
);

/** What each field may become, from a common beginning. */
const UPDATES: readonly Fields[] = [
  { description: "new" },
  { deliver_policy: "new" },
  { opt_start_seq: 1 },
  { ack_policy: "all" },
  { ack_wait: 5 * SECOND },
  { max_deliver: 7 },
  { max_deliver: 1, backoff: [SECOND, SECOND] },
  { backoff: [SECOND, 2 * SECOND], max_deliver: 5 },
  { filter_subject: "a" },
  { filter_subjects: ["a", "b"] },
  { replay_policy: "original" },
  { sample_freq: "10" },
  { max_waiting: 5 },
  { max_ack_pending: 5 },
  { headers_only: true },
  { max_batch: 5 },
  { deliver_subject: "to", max_waiting: 0 },
  { inactive_threshold: 100 * SECOND },
  { mem_storage: true },
  { metadata: { x: "y" } },
  { pause_until: "2124-01-01T00:00:00Z" },
  { priority_policy: "overflow", priority_groups: ["g"] },
  { sourcing: true },
];

const PUSH_UPDATES: readonly Fields[] = [
  { idle_heartbeat: SECOND },
  { idle_heartbeat: SECOND, flow_control: true },
  { deliver_subject: "elsewhere" },
  { deliver_subject: "" },
  { deliver_group: "g" },
  { rate_limit_bps: 1_000_000 },
  { deliver_policy: "by_start_time", opt_start_time: TIME },
  { ack_policy: "none" },
];

const updates = [
  scenario(
    "updates of pull consumers",
    { positive: ["consumers/update-rules"], edge: ["consumers/update-rules"] },
    async (session) => {
      await session.create();
      for (const change of UPDATES) {
        await session.consumer("c");
        session.note(JSON.stringify(change));
        await session.tryConsumer("c", change, { action: "update" });
        await session.api(`CONSUMER.INFO.${session.stream}.c`);
        await session.done(`CONSUMER.DELETE.${session.stream}.c`);
      }
    },
  ),
  scenario(
    "updates of push consumers",
    { positive: ["consumers/update-rules"], edge: ["consumers/update-rules"] },
    async (session) => {
      await session.create();
      const to = `${session.stream}.to`;
      for (const listening of [false, true]) {
        if (listening) await session.listen("to", to);
        for (const change of PUSH_UPDATES) {
          await session.consumer("c", { deliver_subject: to });
          session.note(JSON.stringify(change));
          await session.tryConsumer("c", { deliver_subject: to, ...change });
          await session.done(`CONSUMER.DELETE.${session.stream}.c`);
        }
      }
    },
  ),
  scenario(
    "creating what is there, and updating what is not",
    {
      positive: ["consumers/create-api"],
      edge: ["consumers/create-api"],
    },
    async (session) => {
      await session.create();
      const { stream } = session;
      await session.tryConsumer("c", {}, { action: "update" });
      await session.tryConsumer("c", {}, { action: "create" });
      await session.tryConsumer("c", {}, { action: "create" });
      await session.tryConsumer("c", { max_deliver: 4 }, { action: "create" });
      await session.tryConsumer("c", { max_deliver: 4 }, { action: "update" });
      await session.tryConsumer("c", { max_deliver: 5 }, { action: "" });
      await session.tryConsumer("c", {}, { action: "destroy" });
      await session.tryConsumer("c", {}, { stream_name: "OTHER" });
      await session.tryConsumer("c", { num_replicas: 3 });
      await session.tryConsumer("e", { durable_name: "", name: "e" }, {
        action: "create",
      });
      await session.tryConsumer("e", { durable_name: "", name: "e" }, {
        action: "create",
      });
      await session.api(`CONSUMER.CREATE.NONE.c`, {
        stream_name: "NONE",
        config: {},
      });
      await session.api(`CONSUMER.CREATE.${stream}.c.a.b`, {
        ...session.consumerRequest("c", { filter_subject: "a.c" }),
      });
      await session.api(`CONSUMER.CREATE.${stream}.f.a.b`, {
        ...session.consumerRequest("f", { filter_subject: "a.b" }),
      });
      await session.api(`CONSUMER.CREATE.${stream}.g.a.b`, {
        ...session.consumerRequest("g", { filter_subjects: ["a.b"] }),
      });
      await session.api(`CONSUMER.DURABLE.CREATE.${stream}.h`, {
        stream_name: stream,
        config: { durable_name: "h", ack_policy: "explicit" },
      });
      await session.api(`CONSUMER.DURABLE.CREATE.${stream}.h`, {
        stream_name: stream,
        config: { ack_policy: "explicit" },
      });
      await session.api(`CONSUMER.CREATE.${stream}`, {
        stream_name: stream,
        config: { durable_name: "i" },
      });
    },
  ),
  scenario(
    "names of consumers",
    { positive: ["consumers/names"], edge: ["consumers/names"] },
    async (session) => {
      await session.create();
      const { stream } = session;
      for (
        const name of [
          "a/b",
          "a\\b",
          "per%cent",
          "-_=+",
          "n".repeat(255),
          "n".repeat(256),
        ]
      ) {
        session.note(shorten(name));
        await session.tryConsumer(name, {});
      }
      const { name } = await session.done(`CONSUMER.CREATE.${stream}`, {
        stream_name: stream,
        config: { ack_policy: "explicit" },
      });
      session.note(
        `${String(name).length} chars: ${/^[0-9A-Za-z]+$/.test(String(name))}`,
      );
      for (const field of ["name", "durable_name"]) {
        for (const bad of ["a.b", "a*", "a>", "a b", "a/b", "a\\b"]) {
          await session.api(`CONSUMER.CREATE.${stream}`, {
            stream_name: stream,
            config: { [field]: bad },
          });
        }
      }
    },
  ),
  scenario(
    "consumers of a work queue share no message",
    {
      positive: ["consumers/wq-exclusivity"],
      edge: ["consumers/wq-exclusivity"],
    },
    async (session) => {
      await session.create({ retention: "workqueue" });
      const p = session.prefix;
      await session.tryConsumer("a", { ack_policy: "none" });
      await session.tryConsumer("a", { ack_policy: "all" });
      await session.tryConsumer("a", {
        deliver_subject: "x",
        ack_policy: "none",
      });
      await session.tryConsumer("a", { deliver_policy: "new" });
      await session.tryConsumer("a", { num_replicas: 2 });
      await session.tryConsumer("a", { filter_subject: `${p}.a.*` });
      await session.tryConsumer("b", {});
      await session.tryConsumer("b", { filter_subject: `${p}.a.b` });
      await session.tryConsumer("b", { filter_subject: `${p}.*.c` });
      await session.tryConsumer("b", {
        filter_subjects: [`${p}.b.*`, `${p}.c`],
      });
      await session.tryConsumer("c", { filter_subject: `${p}.c` });
      await session.tryConsumer("a", { filter_subject: `${p}.c` });
      await session.tryConsumer("a", { filter_subject: `${p}.d` });
      await session.tryConsumer("a", {});
    },
  ),
  scenario(
    "a stream has room for so many consumers",
    {
      positive: ["consumers/max-consumers"],
      edge: ["consumers/max-consumers"],
    },
    async (session) => {
      await session.create({ max_consumers: 2 });
      for (const name of ["a", "b", "c"]) await session.tryConsumer(name, {});
      await session.tryConsumer("a", { description: "still there" });
      await session.done(`CONSUMER.DELETE.${session.stream}.a`);
      await session.tryConsumer("c", {});
    },
  ),
  scenario(
    "consumers within the limits of their stream",
    {
      positive: ["consumers/max-ack-pending", "consumers/inactive-threshold"],
      edge: ["consumers/max-ack-pending", "consumers/inactive-threshold"],
    },
    async (session) => {
      await session.create({
        consumer_limits: {
          max_ack_pending: 10,
          inactive_threshold: 60 * SECOND,
        },
      });
      for (const pedantic of [false, true]) {
        await session.tryConsumer("a", {}, { pedantic });
        await session.tryConsumer("a", { max_ack_pending: 11 }, { pedantic });
        await session.tryConsumer("a", {
          inactive_threshold: 61 * SECOND,
          max_ack_pending: 5,
        }, { pedantic });
        await session.tryConsumer("a", {
          inactive_threshold: SECOND,
          max_ack_pending: 5,
        }, { pedantic });
      }
    },
  ),
];

export const CONSUMER_CONFIGS: readonly JetStreamScenario[] = [
  ...byField,
  ...updates,
];
