/**
 * Configurations of streams: what is refused, in which words, and what is
 * filled in.
 *
 * @module
 */

import type { Claims } from "../../../tools/capability.ts";
import type { Scenario } from "../../harness/mod.ts";
import {
  api,
  create,
  exchange,
  info,
  remove,
  request,
  update,
} from "./pieces.ts";

type Config = Readonly<Record<string, unknown>>;

/** Nanoseconds. */
const MS = 1_000_000;
const SECOND = 1000 * MS;

/** A configuration that creates a stream, or does not. */
function refusal(what: string, row: string, ...configs: Config[]): Scenario {
  return attempt(what, { edge: [row] }, configs);
}

function acceptance(what: string, row: string, ...configs: Config[]): Scenario {
  return attempt(what, { positive: [row] }, configs);
}

function attempt(
  what: string,
  proves: Claims,
  configs: readonly Config[],
): Scenario {
  return exchange(
    `stream config: ${what}`,
    proves,
    ...configs.map((config) => {
      const whole = { name: "V", subjects: ["v.>"], ...config };
      return [create(whole), remove(whole.name)];
    }),
  );
}

const LONG = "n".repeat(256);
const BASICS: readonly Scenario[] = [
  acceptance("defaults", "streams/name", {}),
  acceptance("no subjects", "streams/subjects", { subjects: [] }),
  refusal("names", "streams/name", { name: LONG }),
  refusal(
    "subjects that are none",
    "streams/subjects",
    { subjects: ["a..b"] },
    { subjects: [""] },
    { subjects: ["a b"] },
    { subjects: ["v.>.x"] },
  ),
  refusal(
    "subjects that overlap",
    "streams/subjects",
    { subjects: ["v.a", "v.a"] },
    { subjects: ["v.a", "v.*"] },
    { subjects: ["v.*.a", "v.b.*"] },
    { subjects: ['v."', "v.>"] },
  ),
  refusal(
    "reserved subjects",
    "streams/subjects",
    { subjects: [">"] },
    { subjects: [">"], num_replicas: 3, no_ack: true },
    { subjects: ["$JS.>"] },
    { subjects: ["$JS.API.>"] },
    { subjects: ["$JSC.x"] },
    { subjects: ["$NRG.x"] },
    { subjects: ["$SYS.>"] },
    { subjects: ["$SYS.REQ.x"] },
    { subjects: ["*.x"] },
  ),
  acceptance(
    "subjects that are reserved but may be captured",
    "streams/subjects",
    { subjects: ["$JS.EVENT.>"] },
    { subjects: ["$SYS.ACCOUNT.>"] },
    { subjects: ["*.x"], no_ack: true },
    { subjects: ["$SYS.REQ.x"], no_ack: true },
  ),
  refusal("a long description", "streams/description", {
    description: "d".repeat(4097),
  }),
  acceptance("a description", "streams/description", {
    description: "d".repeat(4096),
  }),
  acceptance(
    "metadata",
    "streams/metadata",
    { metadata: { owner: "me", "": "empty" } },
  ),
  refusal("much metadata", "streams/metadata", {
    metadata: { k: "v".repeat(131_072) },
  }),
  acceptance("retention", "streams/retention", { retention: "interest" }, {
    retention: "workqueue",
  }, { retention: "limits" }),
  refusal("unknown retention", "streams/retention", { retention: "for ever" }),
  acceptance("discard", "streams/discard", { discard: "new" }, {
    discard: "OLD",
  }),
  refusal("unknown discard", "streams/discard", { discard: "some" }),
  refusal("unknown storage", "streams/storage", { storage: "tape" }),
  acceptance("storage", "streams/storage", { storage: "memory" }),
  acceptance("compression", "streams/compression", { compression: "s2" }, {
    compression: "none",
  }),
  refusal("unknown compression", "streams/compression", {
    compression: "zip",
  }),
  refusal(
    "replicas",
    "streams/num-replicas",
    { num_replicas: 6 },
    { num_replicas: -1 },
    { num_replicas: 2 },
  ),
  acceptance("one replica", "streams/num-replicas", { num_replicas: 1 }),
];

const LIMITS: readonly Scenario[] = [
  acceptance(
    "limits",
    "streams/max-msgs-max-bytes-max-msgs-per-subject",
    {
      max_msgs: 10,
      max_bytes: 1000,
      max_msgs_per_subject: 3,
      max_msg_size: 100,
      max_consumers: 2,
    },
    { max_msgs: 0, max_bytes: 0, max_msgs_per_subject: 0, max_msg_size: 0 },
    { max_msgs: -2, max_bytes: -5, max_msgs_per_subject: -9, max_msg_size: -3 },
  ),
  refusal(
    "limits of pedantic clients",
    "streams/max-msgs-max-bytes-max-msgs-per-subject",
    ...[
      "max_msgs",
      "max_msgs_per_subject",
      "max_bytes",
      "max_msg_size",
    ].map((limit) => ({ [limit]: -2, pedantic: true })),
  ),
  acceptance("consumers", "streams/max-consumers", { max_consumers: 0 }, {
    max_consumers: -7,
  }),
  refusal("consumers of pedantic clients", "streams/max-consumers", {
    max_consumers: -2,
    pedantic: true,
  }),
  acceptance("age", "streams/max-age", { max_age: SECOND }, {
    max_age: 100 * MS,
  }),
  refusal("age", "streams/max-age", { max_age: -1 }, { max_age: 99 * MS }),
  acceptance(
    "duplicate window",
    "streams/duplicate-window",
    { duplicate_window: SECOND },
    { max_age: SECOND },
    { max_age: 300 * SECOND },
  ),
  refusal(
    "duplicate window",
    "streams/duplicate-window",
    { duplicate_window: -1 },
    { duplicate_window: 99 * MS },
    { duplicate_window: 2 * SECOND, max_age: SECOND },
    { max_age: SECOND, pedantic: true },
  ),
  acceptance("discard new per subject", "streams/discard-new-per-subject", {
    discard: "new",
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
  }),
  refusal(
    "discard new per subject",
    "streams/discard-new-per-subject",
    { discard_new_per_subject: true },
    { discard_new_per_subject: true, discard: "new" },
  ),
  acceptance("first sequence", "streams/first-seq", { first_seq: 100 }),
  acceptance(
    "consumer limits",
    "streams/consumer-limits",
    { consumer_limits: { inactive_threshold: SECOND, max_ack_pending: 5 } },
  ),
  acceptance("placement", "streams/placement", { placement: {} }),
  refusal("placement", "streams/placement", {
    placement: { preferred: "x" },
  }),
];

const FEATURES: readonly Scenario[] = [
  acceptance(
    "permissions",
    "streams/sealed-deny-delete-deny-purge-allow-rollup-hdrs",
    { deny_delete: true, deny_purge: true },
    { allow_rollup_hdrs: true },
  ),
  refusal(
    "permissions",
    "streams/sealed-deny-delete-deny-purge-allow-rollup-hdrs",
    { sealed: true },
    { deny_purge: true, allow_rollup_hdrs: true },
  ),
  acceptance(
    "subject delete markers",
    "streams/subject-delete-marker-ttl",
    { subject_delete_marker_ttl: SECOND },
    { subject_delete_marker_ttl: SECOND, deny_purge: true },
  ),
  refusal(
    "subject delete markers",
    "streams/subject-delete-marker-ttl",
    { subject_delete_marker_ttl: -1 },
    { subject_delete_marker_ttl: SECOND - 1 },
    { subject_delete_marker_ttl: SECOND, pedantic: true },
    {
      subject_delete_marker_ttl: SECOND,
      pedantic: true,
      allow_msg_ttl: true,
    },
  ),
  acceptance("counters", "streams/allow-msg-counter", {
    allow_msg_counter: true,
  }),
  refusal(
    "counters",
    "streams/allow-msg-counter",
    ...[
      { discard: "new" },
      { allow_msg_ttl: true },
      { allow_msg_schedules: true },
      { retention: "interest" },
    ].map((more) => ({ allow_msg_counter: true, ...more })),
  ),
  acceptance(
    "schedules and batches",
    "streams/allow-atomic-allow-batched-allow-msg-schedules",
    { allow_msg_schedules: true },
    { allow_msg_schedules: true, deny_purge: true },
    { allow_atomic: true, allow_batched: true },
  ),
  refusal(
    "schedules",
    "streams/allow-atomic-allow-batched-allow-msg-schedules",
    { allow_msg_schedules: true, discard: "new" },
    { allow_msg_schedules: true, pedantic: true },
  ),
  refusal(
    "asynchronous persistence",
    "streams/persist-mode",
    { persist_mode: "async" },
    { persist_mode: "async", storage: "file", num_replicas: 2 },
    { persist_mode: "async", storage: "file", allow_atomic: true },
    { persist_mode: "sometimes" },
  ),
  acceptance("persistence", "streams/persist-mode", {
    persist_mode: "default",
  }, { persist_mode: "async", storage: "file" }),
  acceptance("direct access", "streams/allow-direct-mirror-direct", {
    allow_direct: true,
  }),
  refusal("direct access", "streams/allow-direct-mirror-direct", {
    mirror_direct: true,
  }),
  acceptance("a transform", "streams/subject-transform", {
    subject_transform: { src: "v.*", dest: "w.{{wildcard(1)}}" },
  }, { subject_transform: { src: "", dest: "w.>" } }),
  exchange(
    "stream config: a transform of a literal hashes all of it",
    { edge: ["streams/subject-transform"] },
    create({
      name: "V",
      subjects: ["v.>"],
      subject_transform: { src: "v.b", dest: "x.{{partition(3,1)}}" },
    }),
    request("v.b", "x"),
    info("V", { subjects_filter: ">" }),
    remove("V"),
  ),
  refusal(
    "transforms",
    "streams/subject-transform",
    { subject_transform: { src: "v..*", dest: "w" } },
    { subject_transform: { src: "v.*", dest: "w.{{wildcard(2)}}" } },
    { subject_transform: { src: "v.*", dest: "w.{{nothing(2)}}" } },
    { subject_transform: { src: "v.>", dest: "w" } },
  ),
  acceptance(
    "republishing",
    "streams/republish",
    { republish: { src: "v.*", dest: "r.{{wildcard(1)}}" } },
    { republish: { dest: "r.>", headers_only: true } },
    {
      subjects: ["v.*"],
      subject_transform: { src: "v.*", dest: "w.{{wildcard(1)}}" },
      republish: { src: ">", dest: ">" },
    },
  ),
  refusal(
    "republishing",
    "streams/republish",
    { republish: { src: "v.>", dest: "v.again.>" } },
    { republish: { src: "v.*", dest: "r.{{wildcard(3)}}" } },
    { republish: { src: "v.*", dest: "r.>" } },
    { republish: { dest: "r.>" }, pedantic: true },
    {
      subjects: ["v.*"],
      subject_transform: { src: "v.*", dest: "w.{{wildcard(1)}}" },
      republish: { src: ">", dest: ">" },
      pedantic: true,
    },
  ),
  exchange(
    "stream config: JSON that is none, and fields that nobody knows",
    { edge: ["streams/create-validate"] },
    api("STREAM.CREATE.V", "{"),
    api("STREAM.CREATE.V", '{"name":5}'),
    api("STREAM.CREATE.V", '{"name":"W"}'),
    api("STREAM.CREATE.V", '{"name":"V","subjects":"v"}'),
    api("STREAM.CREATE.V", '{"name":"V","storage":"memory","other":1}'),
    remove("V"),
  ),
  exchange(
    "stream config: the same again, and another of the name",
    { positive: ["streams/create-validate"] },
    create({ name: "V", subjects: ["v"] }),
    create({ name: "V", subjects: ["v"] }),
    create({ name: "V", subjects: ["w"] }),
    create({ name: "W", subjects: ["v"] }),
    create({ name: "W", subjects: ["*"] }),
    remove("V"),
    remove("V"),
  ),
];

const ORIGINS: readonly Scenario[] = [
  refusal(
    "mirrors are nothing else",
    "mirror-source/mirror-exclusivity",
    ...[
      { first_seq: 5 },
      { subjects: ["v"] },
      { sources: [{ name: "T" }] },
      { allow_msg_counter: true },
      { allow_atomic: true },
      { allow_batched: true },
      { allow_msg_schedules: true },
      { subject_delete_marker_ttl: SECOND },
    ].map((more) => ({ subjects: [], mirror: { name: "O" }, ...more })),
  ),
  refusal(
    "mirrors",
    "mirror-source/mirror-exclusivity",
    ...[
      { name: "" },
      { name: "a.b" },
      { name: "V" },
      {
        name: "O",
        filter_subject: "a",
        subject_transforms: [{ src: "a", dest: "b" }],
      },
      { name: "O", subject_transforms: [{ src: "a..b", dest: "b" }] },
      { name: "O", subject_transforms: [{ src: "a", dest: "b.{{x(1)}}" }] },
      {
        name: "O",
        subject_transforms: [{ src: "a.*", dest: "b" }, {
          src: "a.b",
          dest: "c",
        }],
      },
      { name: "O", external: { api: "$JS.API", deliver: "d" } },
      { name: "O", external: { api: "other.*", deliver: "d" } },
      { name: "O", external: { api: "other", deliver: "d.*" } },
      { name: "O", consumer: { name: "a.b", deliver_subject: "d" } },
      { name: "O", consumer: { name: "a", deliver_subject: "d.*" } },
      { name: "O", filter_subject: "a..b" },
      {
        name: "O",
        opt_start_seq: 2,
        consumer: { name: "a", deliver_subject: "d" },
      },
    ].map((mirror) => ({ subjects: [], mirror })),
  ),
  refusal(
    "sources",
    "mirror-source/sources",
    ...[
      [{ name: "" }],
      [{ name: "a.b" }],
      [{ name: "O" }, { name: "O" }],
      [{ name: "O", filter_subject: "a" }, { name: "O", filter_subject: "a" }],
      [{
        name: "O",
        filter_subject: "a",
        subject_transforms: [{ src: "a", dest: "b" }],
      }],
      [{ name: "O", filter_subject: "a..b" }],
      [{ name: "O", subject_transforms: [{ src: "a..b", dest: "b" }] }],
      [{ name: "O", subject_transforms: [{ src: "a", dest: "b.{{x(1)}}" }] }],
      [{
        name: "O",
        subject_transforms: [{ src: "a.*", dest: "b" }, {
          src: "a.b",
          dest: "c",
        }],
      }],
      [{ name: "O", external: { api: "$JS.API", deliver: "d" } }],
      [{ name: "O", external: { api: "other.*", deliver: "d" } }],
      [{ name: "O", external: { api: "other", deliver: "d.*" } }],
      [{ name: "O", consumer: { name: "a.b", deliver_subject: "d" } }],
      [
        { name: "O", consumer: { name: "a", deliver_subject: "d" } },
        {
          name: "O",
          consumer: { name: "a", deliver_subject: "e" },
          subject_transforms: [{ src: "a", dest: "b" }],
        },
      ],
      [{ name: "V" }],
    ].map((sources) => ({ sources })),
    { sources: [{ name: "O" }], allow_msg_schedules: true },
  ),
];

/** A stream and what becomes of it when it is to change. */
function change(
  what: string,
  row: string,
  from: Config,
  ...to: Config[]
): Scenario {
  const base = { name: "V", subjects: ["v.>"] };
  return exchange(
    `stream update: ${what}`,
    { positive: ["streams/update"], edge: [row] },
    create({ ...base, ...from }),
    ...to.map((each) => update({ ...base, ...each })),
    remove("V"),
  );
}

const UPDATES: readonly Scenario[] = [
  change(
    "limits, subjects and descriptions",
    "streams/update",
    {},
    { max_msgs: 5, description: "now" },
    { subjects: ["v.a", "w"], max_age: SECOND },
    { duplicate_window: SECOND, compression: "s2" },
    { allow_direct: true, republish: { src: "v.a", dest: "r" } },
  ),
  change("a name", "streams/name", {}, { name: "W" }),
  change("replicas", "streams/num-replicas", {}, { num_replicas: 3 }),
  change("storage", "streams/storage", {}, { storage: "file" }),
  change(
    "retention",
    "streams/retention",
    {},
    { retention: "interest" },
    { retention: "workqueue" },
    { retention: "limits" },
  ),
  change(
    "a work queue",
    "streams/retention",
    { retention: "workqueue" },
    { retention: "limits" },
  ),
  change(
    "sealing",
    "streams/sealed",
    { max_age: SECOND, allow_rollup_hdrs: true },
    { sealed: true, max_age: SECOND, allow_rollup_hdrs: true },
    {},
  ),
  change(
    "what can't be allowed again",
    "streams/sealed-deny-delete-deny-purge-allow-rollup-hdrs",
    { deny_delete: true, deny_purge: true },
    {},
    { deny_delete: true },
  ),
  change("a mirror", "streams/update", {}, {
    subjects: [],
    mirror: { name: "O" },
  }),
  change("times to live", "streams/allow-msg-ttl", { allow_msg_ttl: true }, {}),
  change("a counter", "streams/allow-msg-counter", {
    allow_msg_counter: true,
  }, {}),
  change(
    "schedules",
    "streams/allow-atomic-allow-batched-allow-msg-schedules",
    { allow_msg_schedules: true },
    {},
  ),
  change(
    "discard new per subject",
    "streams/discard-new-per-subject",
    {},
    { discard_new_per_subject: true },
  ),
  change(
    "invalid configurations",
    "streams/update",
    {},
    { subjects: ["a..b"] },
    {
      max_age: 1,
    },
  ),
  exchange(
    "stream update: one that is not there, subjects that others have",
    { edge: ["streams/update"] },
    update({ name: "X", subjects: ["x"] }),
    create({ name: "V", subjects: ["v"] }),
    create({ name: "W", subjects: ["w"] }),
    update({ name: "V", subjects: ["v", "w"] }),
    update({ name: "V", subjects: ["v", "u"] }),
    remove("V"),
    remove("W"),
  ),
];

/** Creating and updating streams. */
export const STREAM_CONFIGS: readonly Scenario[] = [
  ...BASICS,
  ...LIMITS,
  ...FEATURES,
  ...ORIGINS,
  ...UPDATES,
];
