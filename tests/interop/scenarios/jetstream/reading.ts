/**
 * Reading and removing messages of streams without consumers.
 *
 * @module
 */

import {
  expect,
  lines,
  pause,
  respond,
  type Scenario,
  type Steps,
} from "../../harness/mod.ts";
import {
  api,
  create,
  exchange,
  info,
  remove,
  request,
  update,
} from "./pieces.ts";

/** A stream with messages to `s.1`, `s.2`, `s.3`, `s.1`, `s.2`. */
function filled(config: Readonly<Record<string, unknown>>): Steps[] {
  return [
    create({ name: "S", subjects: ["s.>"], allow_direct: true, ...config }),
    ...[1, 2, 3, 1, 2].map((n) =>
      request(`s.${n}`, `m${n}`, n === 3 ? { K: "v" } : {})
    ),
  ];
}

function reading(
  name: string,
  row: string,
  ...steps: Steps[]
): Scenario {
  return exchange(
    name,
    { positive: [row], edge: [row] },
    ...filled({}),
    ...steps,
    remove("S"),
  );
}

function direct(body: unknown): Steps {
  return request("$JS.API.DIRECT.GET.S", body);
}

/** A direct request with several answers. */
function batch(body: unknown, answers: number): Steps {
  const text = JSON.stringify(body);
  return [
    lines("c", `PUB $JS.API.DIRECT.GET.S _INBOX.js ${text.length}`, text),
    expect("c", answers === 1 ? "_INBOX.js" : "204 EOB"),
  ];
}

const PAST = "2020-01-01T00:00:00Z";
const FUTURE = "2099-01-01T00:00:00Z";

const DIRECT: readonly Scenario[] = [
  reading(
    "direct get: single messages",
    "streams/allow-direct-mirror-direct",
    direct({ seq: 1 }),
    direct({ seq: 3 }),
    direct({ seq: 3, no_hdr: true }),
    direct({ seq: 9 }),
    direct({ last_by_subj: "s.1" }),
    direct({ last_by_subj: "s.*" }),
    direct({ last_by_subj: "s.none" }),
    direct({ next_by_subj: "s.2", seq: 3 }),
    direct({ next_by_subj: "s.2", seq: 6 }),
    direct({ next_by_subj: "s.2" }),
    direct({ start_time: PAST }),
    direct({ start_time: FUTURE }),
    direct({ start_time: PAST, next_by_subj: "s.3" }),
  ),
  reading(
    "direct get: by a subject in the request's",
    "streams/allow-direct-mirror-direct",
    request("$JS.API.DIRECT.GET.S.s.1"),
    request("$JS.API.DIRECT.GET.S.s.none"),
    request("$JS.API.DIRECT.GET.S.s.3", { no_hdr: true }),
    request("$JS.API.DIRECT.GET.S.s.1", { seq: 1 }),
    request("$JS.API.DIRECT.GET.S.s.1", { batch: 1 }),
    request("$JS.API.DIRECT.GET.S.s.1", { up_to_seq: 1 }),
    request("$JS.API.DIRECT.GET.S.s.1", "{"),
  ),
  reading(
    "direct get: requests that make no sense",
    "streams/allow-direct-mirror-direct",
    ...[
      "",
      "{}",
      "{",
      '{"seq":"x"}',
      '{"seq":-1}',
      { seq: 1, last_by_subj: "s.1" },
      { seq: 1, start_time: PAST },
      { start_time: PAST, last_by_subj: "s.1" },
      { last_by_subj: "s.1", next_by_subj: "s.1" },
      { last_by_subj: "s.1", batch: 2 },
      { last_by_subj: "s.1", multi_last: ["s.1"] },
      { next_by_subj: "s.1", multi_last: ["s.1"] },
      { seq: 1, up_to_seq: 1, up_to_time: PAST },
      { batch: 3 },
      { multi_last: ["s.none"] },
      { multi_last: [""] },
      { multi_last: ["s.1"], up_to_time: PAST },
      { seq: 9, batch: 2 },
    ].map((body) => direct(body)),
    request("$JS.API.DIRECT.GET.S", { seq: 1 }, {
      "Nats-Required-Api-Level": "99",
    }),
    request("$JS.API.DIRECT.GET.S", { seq: 1 }, {
      "Nats-Required-Api-Level": "1",
    }),
    request("$JS.API.DIRECT.GET.T", { seq: 1 }),
  ),
  reading(
    "direct get: batches",
    "streams/allow-direct-mirror-direct",
    api("STREAM.MSG.DELETE.S", { seq: 2 }),
    batch({ seq: 1, batch: 2 }, 3),
    batch({ seq: 2, batch: 9 }, 4),
    batch({ seq: 1, batch: 9, max_bytes: 1 }, 2),
    batch({ next_by_subj: "s.1", batch: 9 }, 3),
    batch({ next_by_subj: "s.*", seq: 3, batch: 1 }, 2),
    batch({ seq: 1, batch: 1, no_hdr: true }, 2),
    batch({ start_time: PAST, batch: 1 }, 2),
    batch({ seq: 2, batch: -1 }, 2),
    batch({ last_by_subj: "s.1", batch: -1 }, 2),
    batch({ next_by_subj: "s.none", batch: 1 }, 1),
    batch({ next_by_subj: "s.none", batch: 2 }, 1),
  ),
  reading(
    "direct get: the last of several subjects",
    "streams/allow-direct-mirror-direct",
    batch({ multi_last: ["s.1", "s.3"] }, 3),
    batch({ multi_last: ["s.>"] }, 4),
    batch({ multi_last: ["s.>"], batch: 1 }, 2),
    batch({ multi_last: ["s.>"], up_to_seq: 3 }, 4),
    batch({ multi_last: ["s.>"], seq: 4 }, 3),
    batch({ multi_last: ["s.>"], seq: 9 }, 1),
    batch({ multi_last: ["s.>"], max_bytes: 1 }, 2),
    batch({ multi_last: ["s.>"], up_to_time: FUTURE }, 4),
  ),
];

const MESSAGES: readonly Scenario[] = [
  reading(
    "get: messages by the API",
    "streams/streamstate",
    ...[
      { seq: 1 },
      { seq: 3 },
      { seq: 3, no_hdr: true },
      { seq: 9 },
      { last_by_subj: "s.1" },
      { last_by_subj: "s.none" },
      { next_by_subj: "s.2", seq: 3 },
      { next_by_subj: "s.>" },
      { start_time: PAST },
      { start_time: FUTURE },
      {},
      "",
      "{",
      { seq: 1, last_by_subj: "s.1" },
      { seq: 1, start_time: PAST },
      { last_by_subj: "s.1", next_by_subj: "s.1" },
      { seq: 1, batch: 2 },
    ].map((body) => api("STREAM.MSG.GET.S", body)),
    api("STREAM.MSG.GET.T", { seq: 1 }),
  ),
  reading(
    "delete: messages",
    "streams/delete-msg",
    api("STREAM.MSG.DELETE.S", { seq: 2 }),
    api("STREAM.MSG.DELETE.S", { seq: 2 }),
    api("STREAM.MSG.DELETE.S", { seq: 4, no_erase: true }),
    api("STREAM.MSG.DELETE.S", { seq: 99 }),
    api("STREAM.MSG.DELETE.S", ""),
    api("STREAM.MSG.DELETE.S", "{"),
    api("STREAM.MSG.DELETE.S", {}),
    api("STREAM.MSG.DELETE.T", { seq: 1 }),
    info("S", { deleted_details: true }),
    api("STREAM.MSG.DELETE.S", { seq: 1 }),
    api("STREAM.MSG.DELETE.S", { seq: 5 }),
    info("S", { deleted_details: true }),
    api("STREAM.MSG.DELETE.S", { seq: 3 }),
    info("S", { deleted_details: true }),
    request("s.1", "x"),
    info("S", { deleted_details: true }),
  ),
  reading(
    "purge: everything, subjects, up to a sequence, but the last",
    "streams/purge",
    api("STREAM.PURGE.S", { filter: "s.1", keep: 1 }),
    info("S", { subjects_filter: ">", deleted_details: true }),
    api("STREAM.PURGE.S", { seq: 3 }),
    api("STREAM.PURGE.S", { seq: 1 }),
    info("S", { subjects_filter: ">", deleted_details: true }),
    api("STREAM.PURGE.S", { keep: 2 }),
    info("S", { subjects_filter: ">", deleted_details: true }),
    api("STREAM.PURGE.S", { filter: "s.*", seq: 5 }),
    api("STREAM.PURGE.S", { filter: "none" }),
    api("STREAM.PURGE.S"),
    info("S"),
    api("STREAM.PURGE.S"),
    request("s.1", "x"),
    api("STREAM.PURGE.S", { seq: 99 }),
    info("S"),
    api("STREAM.PURGE.S", { seq: 1, keep: 1 }),
    api("STREAM.PURGE.S", "{"),
    api("STREAM.PURGE.T"),
  ),
  exchange(
    "purge and delete: where they are denied",
    { edge: ["streams/purge", "streams/delete-msg"] },
    ...filled({ deny_delete: true, deny_purge: true }),
    api("STREAM.PURGE.S"),
    api("STREAM.MSG.DELETE.S", { seq: 1 }),
    remove("S"),
  ),
  exchange(
    "info: subjects, in pages",
    {
      positive: ["streams/streaminfo", "streams/streamstate"],
      edge: ["streams/streaminfo"],
    },
    ...filled({ first_seq: 100 }),
    info("S"),
    info("S", { subjects_filter: "s.1" }),
    info("S", { subjects_filter: "s.*", offset: 1 }),
    info("S", { subjects_filter: "none" }),
    info("S", "{"),
    info("T"),
    remove("S"),
  ),
  exchange(
    "first sequence: a stream begins where it is told to",
    { positive: ["streams/first-seq"], edge: ["streams/first-seq"] },
    create({ name: "S", subjects: ["s"], first_seq: 50 }),
    info("S"),
    request("s", "x"),
    api("STREAM.PURGE.S"),
    info("S"),
    remove("S"),
  ),
  exchange(
    "retention: a stream of interest without consumers keeps nothing",
    { positive: ["streams/interest"], edge: ["streams/interest"] },
    create({ name: "S", subjects: ["s.>"], retention: "interest" }),
    request("s.1", "x", { "Nats-Msg-Id": "1" }),
    request("s.1", "x", { "Nats-Msg-Id": "1" }),
    request("s.2", "x"),
    info("S"),
    remove("S"),
  ),
];

/** Takes the next message of a consumer of `S` and acknowledges it. */
function takeOne(consumer: string): Steps[] {
  return [
    // Consumers of the Go server hear a little late of what was stored.
    pause(60),
    lines("c", `PUB $JS.API.CONSUMER.MSG.NEXT.S.${consumer} _INBOX.js 0`, ""),
    expect("c", "$JS.ACK"),
    respond("c", "c", "PUB {{reply}} 4", "+ACK"),
    pause(60),
  ];
}

/** A durable consumer of `S` that acknowledges. */
function consumer(name: string, filter = ""): Steps {
  return api(`CONSUMER.DURABLE.CREATE.S.${name}`, {
    stream_name: "S",
    config: {
      durable_name: name,
      ack_policy: "explicit",
      filter_subject: filter,
    },
  });
}

const RETENTION: readonly Scenario[] = [
  exchange(
    "retention: a work queue loses what is acknowledged, and only that",
    { positive: ["streams/workqueue"], edge: ["streams/workqueue"] },
    create({ name: "S", subjects: ["s.>"], retention: "workqueue" }),
    request("s.1", "before"),
    consumer("D", "s.1"),
    consumer("E", "s.>"),
    consumer("E", "s.2"),
    request("s.2", "x"),
    request("s.3", "nobody"),
    takeOne("D"),
    info("S", { subjects_filter: ">" }),
    takeOne("E"),
    info("S", { subjects_filter: ">" }),
    api("STREAM.PURGE.S"),
    remove("S"),
  ),
  exchange(
    "retention: interest of several consumers",
    { positive: ["streams/interest"], edge: ["streams/interest"] },
    create({ name: "S", subjects: ["s.>"], retention: "interest" }),
    consumer("D", "s.1"),
    consumer("E"),
    request("s.1", "x"),
    request("s.2", "y"),
    takeOne("E"),
    info("S", { subjects_filter: ">" }),
    takeOne("D"),
    info("S", { subjects_filter: ">" }),
    api("CONSUMER.DELETE.S.E"),
    pause(60),
    info("S", { subjects_filter: ">" }),
    remove("S"),
  ),
  exchange(
    "retention: changes while there are messages and consumers",
    { positive: ["streams/retention"], edge: ["streams/interest"] },
    create({ name: "S", subjects: ["s.>"] }),
    consumer("D", "s.1"),
    request("s.1", "x"),
    request("s.2", "y"),
    takeOne("D"),
    update({ name: "S", subjects: ["s.>"], retention: "interest" }),
    pause(60),
    info("S", { subjects_filter: ">" }),
    update({ name: "S", subjects: ["s.>"] }),
    request("s.3", "z"),
    info("S", { subjects_filter: ">" }),
    remove("S"),
  ),
  exchange(
    "consumer limits: not below what consumers have",
    {
      positive: ["streams/consumer-limits"],
      edge: ["streams/consumer-limits"],
    },
    create({ name: "S", subjects: ["s.>"] }),
    api("CONSUMER.DURABLE.CREATE.S.D", {
      stream_name: "S",
      config: {
        durable_name: "D",
        ack_policy: "explicit",
        max_ack_pending: 50,
      },
    }),
    update({
      name: "S",
      subjects: ["s.>"],
      consumer_limits: { max_ack_pending: 49 },
    }),
    update({
      name: "S",
      subjects: ["s.>"],
      consumer_limits: { max_ack_pending: 50 },
    }),
    remove("S"),
  ),
];

/** Reading from streams. */
export const STREAM_READING: readonly Scenario[] = [
  ...DIRECT,
  ...MESSAGES,
  ...RETENTION,
];
