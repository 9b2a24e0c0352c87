/**
 * How requests to JetStream's API are read: bodies, JSON and levels.
 *
 * @module
 */

import { api, lines, quiet, type Scenario, sync } from "../../harness/mod.ts";
import { plain, removed, stream } from "./fixtures.ts";

/** Bodies that are no good for a stream, of every kind of mistake. */
const STREAM_FAULTS: Readonly<Record<string, string>> = {
  "an unknown field": '{"name":"S","x":1}',
  "two unknown fields": '{"y":2,"x":1}',
  "text for a number": '{"name":"S","max_msgs":"many"}',
  "a fraction for a number": '{"name":"S","max_msgs":1.5}',
  "a number that is too large": '{"name":"S","max_msg_size":3000000000}',
  "a negative unsigned number": '{"name":"S","first_seq":-1}',
  "a number for text": '{"name":5}',
  "text for a list": '{"name":"S","subjects":"a"}',
  "numbers in a list of text": '{"name":"S","subjects":[1]}',
  "a list for an object": '{"name":"S","placement":[]}',
  "a number inside of an object": '{"name":"S","placement":{"cluster":1}}',
  "an unknown field inside of an object": '{"name":"S","mirror":{"x":1}}',
  "a flag that is none": '{"name":"S","no_ack":"yes"}',
  "a retention that there is not": '{"name":"S","retention":"forever"}',
  "a retention that is a number": '{"name":"S","retention":1}',
  "no retention": '{"name":"S","retention":null}',
  "a discard policy that there is not": '{"name":"S","discard":"some"}',
  "a storage that there is not": '{"name":"S","storage":"tape"}',
  "a compression that there is not": '{"name":"S","compression":"zip"}',
  "a compression that is a number": '{"name":"S","compression":1}',
  "a persist mode that there is not": '{"name":"S","persist_mode":"maybe"}',
  "a time that is none":
    '{"name":"S","mirror":{"name":"M","opt_start_time":"soon"}}',
  "a time that is a number":
    '{"name":"S","mirror":{"name":"M","opt_start_time":5}}',
  "metadata that are a list": '{"name":"S","metadata":["a"]}',
  "metadata with numbers": '{"name":"S","metadata":{"a":1}}',
  "a list": "[]",
  "a number": "5",
  "no JSON": "hello",
  "an open object": '{"name":',
  "a lonely brace": "{",
  "a missing colon": '{"name" "S"}',
  "a missing comma": '{"name":"S" "max_msgs":1}',
  "a trailing comma": '{"name":"S",}',
  "an unquoted name": "{name:1}",
  "a wrong literal": '{"no_ack":tru}',
  "a wrong escape": '{"name":"\\x"}',
  "a wrong number": '{"max_msgs":01}',
  "a number without digits": '{"max_msgs":-}',
  "something behind the value": '{"name":"S"} x',
  "a control character": '{"name":"a\u0001b"}'.replace("\\u0001", "\u0001"),
};

const CONSUMER_FAULTS: Readonly<Record<string, string>> = {
  "an unknown field": '{"stream_name":"S","x":1}',
  "an unknown field of the configuration":
    '{"stream_name":"S","config":{"x":1}}',
  "text for a number": '{"stream_name":"S","config":{"ack_wait":"1s"}}',
  "an action that there is not": '{"stream_name":"S","action":"destroy"}',
  "an ack policy that there is not": '{"config":{"ack_policy":"maybe"}}',
  "a deliver policy that there is not": '{"config":{"deliver_policy":"x"}}',
  "a replay policy that there is not": '{"config":{"replay_policy":"x"}}',
  "a priority policy that there is not": '{"config":{"priority_policy":"x"}}',
  "a backoff that is a number": '{"config":{"backoff":5}}',
  "a backoff with text": '{"config":{"backoff":["1s"]}}',
};

/** Requests that must come without anything, with something. */
const EMPTY_BODIES = ["", "{}", "{ }", " ", '{"a":1}', "[]", "5", "null", "x"];

/** Where a body may be left out, and is looked at only if it is JSON. */
const OPTIONAL = [
  "STREAM.NAMES",
  "STREAM.LIST",
  "STREAM.INFO.OPT",
  "CONSUMER.NAMES.OPT",
  "CONSUMER.LIST.OPT",
  "STREAM.PURGE.OPT",
];

const LEVELS = ["5", "6", "0", "-1", "x", "", "+5", "5.0", " 5"];

export const REQUESTS: readonly Scenario[] = [
  plain("account info", ["js-api-info"], [], api("a", "INFO")),
  plain(
    "account info ignores its body",
    [],
    ["js-api-info"],
    api("a", "INFO", "hello"),
    api("a", "INFO", { x: 1 }),
  ),
  plain(
    "requests that there are not get no answer",
    [],
    ["dispatch-pipeline"],
    [
      "NOTHING",
      "STREAM.CREATE",
      "STREAM.INFO.A.B",
      "CONSUMER.INFO.A",
      "META.LEADER.STEPDOWN",
      "SERVER.REMOVE",
      "ACCOUNT.PURGE.A",
    ].map((name) => lines("a", `PUB $JS.API.${name} _INBOX.a.none 0`, "")),
    sync("a"),
    quiet("a"),
  ),
  ...Object.entries(STREAM_FAULTS).map(([what, body]) =>
    plain(
      `a stream made from ${what}`,
      [],
      ["strict-json"],
      api("a", "STREAM.CREATE.S", body),
      api("a", "STREAM.UPDATE.S", body),
    )
  ),
  ...Object.entries(CONSUMER_FAULTS).map(([what, body]) =>
    plain(
      `a consumer made from ${what}`,
      [],
      ["strict-json"],
      api("a", "CONSUMER.CREATE.S.C", body),
    )
  ),
  plain(
    "names of fields are read in any case",
    ["strict-json"],
    [],
    api("a", "STREAM.CREATE.CASE", '{"NAME":"CASE","Storage":"memory"}'),
    removed("CASE"),
  ),
  plain(
    "values that follow each other add up",
    ["strict-json"],
    [],
    api("a", "STREAM.CREATE.SUM", '{"name":"SUM"}{"storage":"memory"}\n'),
    removed("SUM"),
  ),
  ...OPTIONAL.map((name) =>
    plain(
      `bodies of ${name}`,
      [],
      ["strict-json"],
      stream("OPT"),
      api("a", name, "hello"),
      api("a", name, "{}"),
      api("a", name, "  {"),
      api("a", name, "[]"),
      api("a", name, '{"offset":"a"}'),
      api("a", name, '{"x":1}'),
      api("a", name, "5"),
      removed("OPT"),
    )
  ),
  ...["STREAM.DELETE.NONE", "CONSUMER.INFO.NONE.C", "CONSUMER.DELETE.NONE.C"]
    .map((name) =>
      plain(
        `bodies of ${name}`,
        [],
        ["strict-json"],
        EMPTY_BODIES.map((body) => api("a", name, body)),
      )
    ),
  ...[
    "STREAM.MSG.GET.NONE",
    "STREAM.MSG.DELETE.NONE",
  ].map((name) =>
    plain(
      `bodies of ${name}`,
      [],
      ["strict-json"],
      [...EMPTY_BODIES, '{"seq":1}', '{"x":1}'].map((body) =>
        api("a", name, body)
      ),
    )
  ),
  plain(
    "levels of the API that a client needs",
    ["api-level"],
    ["api-level"],
    LEVELS.map((level) =>
      api("a", "INFO", "", { headers: [`Nats-Required-Api-Level: ${level}`] })
    ),
    [
      "STREAM.CREATE.S",
      "STREAM.UPDATE.S",
      "STREAM.NAMES",
      "STREAM.LIST",
      "STREAM.INFO.S",
      "STREAM.DELETE.S",
      "STREAM.PURGE.S",
      "STREAM.MSG.GET.S",
      "STREAM.MSG.DELETE.S",
      "CONSUMER.CREATE.S.C",
      "CONSUMER.DURABLE.CREATE.S.C",
      "CONSUMER.NAMES.S",
      "CONSUMER.LIST.S",
      "CONSUMER.INFO.S.C",
      "CONSUMER.DELETE.S.C",
      "CONSUMER.PAUSE.S.C",
      "CONSUMER.UNPIN.S.C",
    ].map((name) =>
      api("a", name, "", { headers: ["Nats-Required-Api-Level: 6"] })
    ),
  ),
  plain(
    "what needs several servers",
    [
      "js-api-stream-peer-remove-s",
      "js-api-stream-peer-evacuate-s",
      "js-api-stream-cancel-move-s",
      "js-api-stream-leader-stepdown-s",
      "js-api-consumer-leader-stepdown-s-c",
    ],
    [],
    [
      "STREAM.PEER.REMOVE.S",
      "STREAM.PEER.EVACUATE.S",
      "STREAM.CANCEL_MOVE.S",
      "STREAM.LEADER.STEPDOWN.S",
      "CONSUMER.LEADER.STEPDOWN.S.C",
      "CONSUMER.PEER.REMOVE.S.C",
      "CONSUMER.PEER.EVACUATE.S.C",
    ].map((name) => api("a", name)),
  ),
];
