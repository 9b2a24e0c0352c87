/**
 * Messages that are traced: what their publishers are told, and what everybody
 * else gets of them.
 *
 * @module
 */

import {
  client,
  closed,
  lines,
  pause,
  respond,
  type Scenario,
  scenario,
  send,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { headed } from "./accounts_services.ts";
import { member } from "./accounts_streams.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `system-events/${name}`;

const TRACED = server(
  `max_payload: 2000
  accounts {
    A: {
      users: [
        {user: a, password: x}
        {user: other, password: x}
        {user: strict, password: x, permissions: {
          publish: {allow: ["ok.>", "traces.ok"], deny: ["ok.not"]}
          subscribe: {allow: [">"], deny: ["secret.hidden"]}
        }}
        {user: responder, password: x, permissions: {
          publish: ["nothing"], subscribe: [">"], allow_responses: true
        }}
      ]
      mappings: {
        "mapped.*": "to.$1"
        "nowhere": "still.nowhere"
      }
      exports: [
        {service: "svc.open", allow_trace: true}
        {service: "svc.closed"}
        {service: "svc.many", allow_trace: true, response: stream}
        {stream: "news.>"}
      ]
    }
    B: {
      users: [{user: b, password: x}]
      imports: [
        {service: {account: A, subject: "svc.open"}}
        {service: {account: A, subject: "svc.closed"}, to: "renamed"}
        {service: {account: A, subject: "svc.many"}}
        {stream: {account: A, subject: "news.>"}, allow_trace: true}
        {stream: {account: D, subject: "told.*"}, to: "heard.$1"}
      ]
      exports: [{service: "via", allow_trace: true}]
    }
    C: {
      users: [{user: c, password: x}]
      imports: [
        {stream: {account: A, subject: "news.>"}, prefix: "closed"}
        {service: {account: B, subject: "via"}}
      ]
    }
    D: {
      users: [{user: d, password: x}]
      exports: [{stream: "told.*"}]
      msg_trace: "parents"
    }
    E: { users: [{user: e, password: x}] }
  }`,
);

const DEST = "Nats-Trace-Dest: traces";
const ONLY = "Nats-Trace-Only: true";

/** `user` with a subscription to the traces. */
function tracer(user: string, ...subjects: string[]): Steps[] {
  return [
    ...member(user),
    lines(user, "SUB traces 99", ...subscriptions(subjects)),
    ...sync(user),
  ];
}

function subscriptions(subjects: readonly string[]): string[] {
  return subjects.map((subject, index) => `SUB ${subject} ${index + 1}`);
}

/** Another user with subscriptions. */
function subscriber(user: string, ...subjects: string[]): Steps[] {
  return [
    ...member(user, { name: `the ${user}` }),
    lines(user, ...subscriptions(subjects)),
    ...sync(user),
  ];
}

function publish(
  on: string,
  address: string,
  headers: readonly string[],
  payload = "payload",
): Steps {
  return lines(on, ...headed(address, headers, payload));
}

/** One message by `a` to its own subscriptions, with its trace. */
function alone(
  name: string,
  proves: Scenario["proves"],
  headers: readonly string[],
  ...subjects: string[]
): Scenario {
  return scenario(
    TRACED,
    `trace - ${name}`,
    proves,
    tracer("a", ...subjects),
    publish("a", "foo", headers),
    pause(100),
    sync("a"),
  );
}

const TRIGGERS: readonly Scenario[] = [
  alone(
    "a message without anybody who wants it",
    { positive: [id("trigger"), id("event")] },
    [DEST],
  ),
  alone("a message for its own publisher", {}, [DEST, "Other: value"], "foo"),
  alone(
    "a pattern, a literal and a group",
    { positive: [id("event")] },
    [DEST],
    "foo",
    "*",
    "foo q",
  ),
  alone("only", { positive: [id("trigger")] }, [DEST, ONLY], "foo"),
  alone("only, as 1", {}, [DEST, "Nats-Trace-Only: 1"], "foo"),
  alone("only, as On", {}, [DEST, "Nats-Trace-Only: On"], "foo"),
  alone("not only, as yes", { edge: [id("trigger")] }, [
    DEST,
    "Nats-Trace-Only: yes",
  ], "foo"),
  alone(
    "not only, by another case",
    {},
    [DEST, "nats-trace-only: true"],
    "foo",
  ),
  alone("only, without a destination", {}, [ONLY], "foo"),
  alone("the case of the header counts", { edge: [id("trigger")] }, [
    "nats-trace-dest: traces",
  ], "foo"),
  alone("disabled", { edge: [id("trigger")] }, [
    "Nats-Trace-Dest: trace disabled",
    ONLY,
  ], "foo"),
  alone("an empty destination", {}, ["Nats-Trace-Dest: "], "foo"),
  alone(
    "a destination among blanks",
    {},
    ["Nats-Trace-Dest:\t traces \t"],
    "foo",
  ),
  alone("no blank at all", {}, ["Nats-Trace-Dest:traces"], "foo"),
  alone("a blank before the colon", {}, ["Nats-Trace-Dest : traces"], "foo"),
  alone("two destinations", {}, [DEST, "Nats-Trace-Dest: other"], "foo"),
  alone(
    "headers of one name",
    {},
    ["X: 1", DEST, "X: 2", "x: 3", "Empty:"],
    "foo",
  ),
  alone("a destination with a wildcard", { edge: [id("permission")] }, [
    "Nats-Trace-Dest: traces.*",
  ], "foo"),
  alone("only, to a destination with a wildcard", {}, [
    "Nats-Trace-Dest: traces.>",
    ONLY,
  ], "foo"),
  alone(
    "a destination with an empty token",
    {},
    ["Nats-Trace-Dest: a..b"],
    "foo",
  ),
  alone("a header of older servers", { edge: [id("accounts")] }, [
    DEST,
    "Nats-Trace-Origin-Account: A",
  ], "foo"),
  alone("only, with a header of older servers", {}, [
    DEST,
    ONLY,
    "Nats-Trace-Origin-Account: A",
  ], "foo"),
  alone("a hop is not a client's to tell", { edge: [id("hops")] }, [
    DEST,
    "Nats-Trace-Hop: 1.2",
  ], "foo"),
  scenario(
    TRACED,
    "trace - headers in UTF-8",
    {},
    tracer("a", "foo"),
    send(
      "a",
      Uint8Array.from(
        headed("foo", [DEST, "X: \u00c3\u00a9"], "payload")
          .map((line) => `${line}\r\n`).join(""),
        (char) => char.charCodeAt(0),
      ),
    ),
    pause(100),
    sync("a"),
  ),
  alone("many headers", {}, [
    ...Array.from({ length: 70 }, (_, i) => `Key-${i % 65}: ${i}`),
    DEST,
  ], "foo"),
  scenario(
    TRACED,
    "trace - a header block that is none",
    {},
    tracer("a", "foo"),
    lines("a", "HPUB foo 32 32", "NATS/1.1\r\nNats-Trace-Dest:traces"),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - a header block without its end",
    {},
    tracer("a", "foo"),
    lines("a", "HPUB foo 33 33", "NATS/1.0\r\nNats-Trace-Dest: traces"),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - a line without a colon swallows the next",
    {},
    tracer("a", "foo"),
    publish("a", "foo", ["nonsense", DEST]),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - an empty payload",
    {},
    tracer("a", "foo"),
    publish("a", "foo", [DEST], ""),
    pause(100),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - verbose clients are told OK, traced or not",
    {},
    member("a", { verbose: true }),
    lines("a", "SUB traces 1"),
    ...sync("a"),
    publish("a", "foo", [DEST]),
    pause(100),
    ...sync("a"),
    publish("a", "foo", ["Nats-Trace-Dest: traces.*", ONLY]),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - with a reply, and nobody who responds",
    {},
    tracer("a", "inbox"),
    publish("a", "foo inbox", [DEST]),
    pause(100),
    ...sync("a"),
    publish("a", "foo inbox", [DEST, ONLY]),
    pause(100),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - only, and somebody who would respond",
    {},
    tracer("a", "inbox"),
    subscriber("other", "foo"),
    publish("a", "foo inbox", [DEST, ONLY]),
    pause(100),
    ...sync("a", "other"),
  ),
  scenario(
    TRACED,
    "trace - the trace is not traced",
    {},
    tracer("a"),
    subscriber("other", "traces"),
    publish("a", "traces", [DEST]),
    pause(100),
    ...sync("a", "other"),
  ),
  scenario(
    TRACED,
    "trace - a mapped subject",
    { positive: [id("event")] },
    tracer("a"),
    subscriber("other", "to.x", "mapped.x"),
    publish("a", "mapped.x", [DEST]),
    pause(100),
    ...sync("a", "other"),
    publish("a", "nowhere", [DEST, ONLY]),
    pause(100),
    ...sync("a", "other"),
  ),
  scenario(
    TRACED,
    "trace - clients have names and numbers",
    { edge: [id("event")] },
    client("a", {
      user: "a",
      pass: "x",
      headers: true,
      name: "the publisher",
    }),
    lines("a", "SUB traces 1"),
    ...sync("a"),
    subscriber("other", "foo"),
    publish("a", "foo", [DEST]),
    pause(100),
    ...sync("a", "other"),
  ),
];

/** A sampled trace in the format of W3C. */
const SAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/** One message by `d`, whose account traces those with a `traceparent`. */
function parent(
  name: string,
  proves: Scenario["proves"],
  ...headers: string[]
): Scenario {
  return scenario(
    TRACED,
    `trace - ${name}`,
    proves,
    [...member("d"), lines("d", "SUB parents 1", "SUB foo 2"), ...sync("d")],
    publish("d", "foo", headers),
    pause(100),
    ...sync("d"),
  );
}

const PARENTS: readonly Scenario[] = [
  parent("a sampled parent", {
    positive: [id("trigger"), id("config")],
  }, `traceparent: ${SAMPLED}`),
  parent("a parent in any case", {}, `TraceParent: ${SAMPLED}`),
  parent("a parent that is not sampled", {
    edge: [id("trigger"), id("config")],
  }, `traceparent: ${SAMPLED.slice(0, -2)}00`),
  parent(
    "a parent with other flags",
    {},
    `traceparent: ${SAMPLED.slice(0, -2)}7f`,
  ),
  parent(
    "a parent with flags that are too many",
    {},
    `traceparent: ${SAMPLED.slice(0, -2)}81`,
  ),
  parent(
    "a parent with flags that are none",
    {},
    `traceparent: ${SAMPLED.slice(0, -2)}0g`,
  ),
  parent(
    "a parent with short flags",
    {},
    `traceparent: ${SAMPLED.slice(0, -1)}`,
  ),
  parent("a parent with too few parts", {}, "traceparent: 00-1-01"),
  parent(
    "two parents, the second of which is sampled",
    {},
    "traceparent: 1",
    `traceparent: ${SAMPLED}`,
  ),
  parent(
    "a parent, and a destination",
    {},
    "Nats-Trace-Dest: foo",
    `traceparent: ${SAMPLED}`,
  ),
  parent(
    "a parent is never for tracing only",
    {},
    `traceparent: ${SAMPLED}`,
    ONLY,
  ),
  parent(
    "a parent, and tracing disabled",
    {},
    `traceparent: ${SAMPLED}`,
    "Nats-Trace-Dest: trace disabled",
  ),
  parent(
    "a parent, and a header of older servers",
    {},
    `traceparent: ${SAMPLED}`,
    "Nats-Trace-Origin-Account: D",
  ),
  scenario(
    TRACED,
    "trace - a parent where the account wants no traces",
    { edge: [id("config")] },
    [...member("e"), lines("e", "SUB parents 1", "SUB foo 2"), ...sync("e")],
    publish("e", "foo", [`traceparent: ${SAMPLED}`]),
    pause(50),
    ...sync("e"),
  ),
];

const REFUSALS: readonly Scenario[] = [
  scenario(
    TRACED,
    "trace - a subject that may not be published to",
    { positive: [id("errors")] },
    tracer("a"),
    subscriber("strict"),
    publish("strict", "ok.not", ["Nats-Trace-Dest: traces.ok"]),
    pause(50),
    ...sync("strict"),
    lines("a", "SUB traces.ok 5"),
    ...sync("a"),
    publish("strict", "ok.not", ["Nats-Trace-Dest: traces.ok"]),
    pause(100),
    ...sync("strict", "a"),
  ),
  scenario(
    TRACED,
    "trace - a destination that may not be published to",
    { positive: [id("permission")], edge: [id("permission")] },
    tracer("a"),
    subscriber("other", "ok.>"),
    subscriber("strict"),
    publish("strict", "ok.yes", [DEST]),
    pause(50),
    ...sync("strict", "a", "other"),
    publish("strict", "ok.yes", [DEST, ONLY]),
    pause(50),
    ...sync("strict", "a", "other"),
    publish("strict", "ok.yes", ["Nats-Trace-Dest: traces.ok"]),
    ...sync("strict", "other"),
  ),
  ...["_GR_.x", "$GR.x", "$NRG.x"].map((reserved) =>
    scenario(
      TRACED,
      `trace - to ${reserved}, which is reserved`,
      { edge: [id("permission")] },
      tracer("a", "foo"),
      publish("a", "foo", [`Nats-Trace-Dest: ${reserved}`]),
      pause(50),
      ...sync("a"),
    )
  ),
  ...["_GR_.x", "$NRG.x", "$GR.x"].map((reserved) =>
    scenario(
      TRACED,
      `trace - of a message to ${reserved}, which is reserved`,
      { edge: [id("errors")] },
      tracer("a"),
      publish("a", reserved, [DEST]),
      pause(100),
      ...sync("a"),
    )
  ),
  scenario(
    TRACED,
    "trace - a reply that is reserved",
    { edge: [id("errors")] },
    tracer("a"),
    publish("a", "foo _R_.one.two", [DEST]),
    pause(100),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - leave to respond is no leave to have traces sent",
    {},
    tracer("a", "inbox"),
    subscriber("responder", "foo"),
    lines("a", "PUB foo traces 2", "hi"),
    ...sync("a", "responder"),
    publish("responder", "traces", [DEST]),
    ...sync("responder", "a"),
  ),
  scenario(
    TRACED,
    "trace - leave to respond is used by the message",
    {},
    tracer("a", "inbox"),
    subscriber("responder", "foo"),
    lines("a", "PUB foo inbox 2", "hi"),
    ...sync("a", "responder"),
    publish("responder", "inbox", ["Nats-Trace-Dest: nothing"]),
    ...sync("responder", "a"),
  ),
  scenario(
    TRACED,
    "trace - a message that is too large",
    { positive: [id("errors")] },
    tracer("a"),
    member("other"),
    publish("other", "foo", [DEST], "x".repeat(2000)),
    closed("other"),
    pause(100),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - a message that is too large, to a destination that is refused",
    {},
    tracer("a"),
    member("strict"),
    publish("strict", "foo", [DEST], "x".repeat(2000)),
    closed("strict"),
    pause(100),
    ...sync("a"),
  ),
  scenario(
    TRACED,
    "trace - a message that is too large, its headers on the way",
    { edge: [id("errors")] },
    tracer("a"),
    member("other"),
    lines("other", "HPUB foo 60 2060"),
    closed("other"),
    pause(100),
    ...sync("a"),
  ),
];

const RECEIVERS: readonly Scenario[] = [
  scenario(
    TRACED,
    "trace - a publisher without echo",
    { positive: [id("errors")] },
    [
      ...member("a", { echo: false }),
      lines("a", "SUB foo 1"),
      ...member("other"),
      lines("other", "SUB traces 1"),
      ...sync("a", "other"),
    ],
    publish("a", "foo", [DEST]),
    pause(100),
    ...sync("a", "other"),
  ),
  scenario(
    TRACED,
    "trace - a group of which one member does not take it",
    {},
    [
      ...member("a", { echo: false }),
      lines("a", "SUB foo q 1"),
      ...member("other"),
      lines("other", "SUB traces 1"),
      ...sync("a", "other"),
    ],
    publish("a", "foo", [DEST]),
    pause(100),
    ...sync("a", "other"),
  ),
  scenario(
    TRACED,
    "trace - a subscription that denies the subject",
    { positive: [id("errors")] },
    tracer("a"),
    subscriber("strict", "secret.*"),
    publish("a", "secret.hidden", [DEST]),
    publish("a", "secret.open", [DEST]),
    pause(100),
    ...sync("a", "strict"),
  ),
  scenario(
    TRACED,
    "trace - a subscription that ends by itself",
    {},
    tracer("a"),
    subscriber("other", "foo"),
    lines("other", "UNSUB 1 2"),
    ...sync("other"),
    publish("a", "foo", [DEST, ONLY]),
    publish("a", "foo", [DEST]),
    publish("a", "foo", [DEST]),
    publish("a", "foo", [DEST]),
    pause(150),
    ...sync("a", "other"),
  ),
  scenario(
    TRACED,
    "trace - a receiver without headers",
    {},
    tracer("a"),
    member("other", { headers: false, no_responders: false }),
    lines("other", "SUB foo 1"),
    ...sync("other"),
    publish("a", "foo", [DEST]),
    pause(100),
    ...sync("a", "other"),
  ),
];

const ACCOUNTS: readonly Scenario[] = [
  ...["svc.open", "svc.closed"].flatMap((service) =>
    [[], [ONLY]].map((only) =>
      scenario(
        TRACED,
        `trace - a request to ${service}${only.length > 0 ? ", only" : ""}`,
        {
          positive: [id("accounts")],
          edge: service === "svc.closed" ? [id("accounts")] : [],
        },
        tracer("b", "inbox"),
        subscriber("a", "svc.>", "traces", "_R_.>"),
        publish(
          "b",
          `${service === "svc.closed" ? "renamed" : service} inbox`,
          [DEST, ...only],
        ),
        pause(100),
        ...sync("b", "a"),
      )
    )
  ),
  scenario(
    TRACED,
    "trace - a request without a reply, and one that nobody takes",
    {},
    tracer("b", "inbox"),
    subscriber("a"),
    publish("b", "svc.open", [DEST]),
    pause(50),
    publish("b", "svc.open inbox", [DEST]),
    pause(50),
    publish("b", "svc.open inbox", [DEST, ONLY]),
    pause(100),
    ...sync("b", "a"),
  ),
  scenario(
    TRACED,
    "trace - a response",
    { positive: [id("accounts")] },
    tracer("b", "inbox"),
    subscriber("a", "svc.open", "traces"),
    lines("b", "PUB svc.open inbox 3", "ask"),
    ...sync("b", "a"),
    respond("a", "a", ...headed("{{reply}}", [DEST], "answer")),
    pause(100),
    ...sync("a", "b"),
  ),
  scenario(
    TRACED,
    "trace - a response, only",
    { edge: [id("accounts")] },
    tracer("b", "inbox"),
    subscriber("a", "svc.many", "traces"),
    lines("b", "PUB svc.many inbox 3", "ask"),
    ...sync("b", "a"),
    respond("a", "a", ...headed("{{reply}}", [DEST, ONLY], "answer")),
    pause(100),
    ...sync("a", "b"),
    respond("a", "a", "PUB {{reply}} 4", "late"),
    ...sync("a", "b"),
  ),
  scenario(
    TRACED,
    "trace - a response to a request that was traced only",
    {},
    tracer("b", "inbox"),
    subscriber("a", "svc.open"),
    publish("b", "svc.open inbox", [DEST, ONLY]),
    pause(100),
    ...sync("b", "a"),
  ),
  scenario(
    TRACED,
    "trace - a chain of services",
    {},
    tracer("c", "inbox"),
    subscriber("b", "via"),
    publish("c", "via inbox", [DEST]),
    pause(100),
    ...sync("c", "b"),
  ),
  scenario(
    TRACED,
    "trace - a stream that others import",
    { positive: [id("accounts")] },
    tracer("a"),
    subscriber("b", "news.x", "traces"),
    publish("a", "news.x", [DEST]),
    pause(100),
    ...sync("a", "b"),
    publish("a", "news.x", [DEST, ONLY]),
    pause(100),
    ...sync("a", "b"),
  ),
  scenario(
    TRACED,
    "trace - a stream whose importer does not allow it",
    { edge: [id("accounts")] },
    tracer("a"),
    subscriber("c", "closed.news.x", "closed.news.* q"),
    publish("a", "news.x", [DEST]),
    pause(100),
    ...sync("a", "c"),
    publish("a", "news.x", [DEST, ONLY]),
    pause(100),
    ...sync("a", "c"),
  ),
  scenario(
    TRACED,
    "trace - a stream that is renamed, by a parent",
    {},
    [...member("d"), lines("d", "SUB parents 1"), ...sync("d")],
    subscriber("b", "heard.it"),
    publish("d", "told.it", [`traceparent: ${SAMPLED}`]),
    pause(100),
    ...sync("d", "b"),
  ),
  scenario(
    TRACED,
    "trace - of one account, and nobody else's",
    {},
    tracer("e"),
    subscriber("a", "traces"),
    publish("e", "foo", [DEST]),
    pause(100),
    ...sync("e", "a"),
  ),
];

export const MESSAGE_TRACING: readonly Scenario[] = [
  ...TRIGGERS,
  ...PARENTS,
  ...REFUSALS,
  ...RECEIVERS,
  ...ACCOUNTS,
];
