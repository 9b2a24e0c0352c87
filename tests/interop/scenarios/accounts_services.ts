/**
 * Services exported and imported between accounts: requests and responses.
 *
 * @module
 */

import {
  aloneScenario,
  client,
  expect,
  finish,
  gather,
  lines,
  pause,
  quiet,
  reload,
  respond,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { member } from "./accounts_streams.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `accounts/${name}`;
const user = (name: string) => `users: [{user: ${name}, password: x}]`;

const SERVICES = server(
  `accounts {
    A: { ${user("a")}
      mappings: { "mapped.svc": "mapped.to" }
      exports: [
        {service: "svc"}
        {service: "told"}
        {service: "wild.*.*"}
        {service: "streamed", response: stream}
        {service: "chunked", response_type: chunked}
        {service: "private", accounts: [C]}
        {service: "by.*.svc", account_token_position: 2}
        {service: "mapped.svc"}
        {service: "tail.>"}
        {service: "brief", response: stream, threshold: "300ms"}
      ] }
    B: { ${user("b")}
      exports: [{service: "via.b"}]
      imports: [
        {service: {account: A, subject: "svc"}}
        {service: {account: A, subject: "told"}, to: "renamed", share: true}
        {service: {account: A, subject: "wild.*.*"}, to: "my.$2.$1"}
        {service: {account: A, subject: "streamed"}}
        {service: {account: A, subject: "chunked"}, to: "pieces"}
        {service: {account: A, subject: "by.B.svc"}, to: "mine"}
        {service: {account: A, subject: "mapped.svc"}}
        {service: {account: A, subject: "tail.>"}}
        {service: {account: A, subject: "tail.fixed"}, to: "fan.*"}
        {service: {account: A, subject: "svc"}, to: "via.b"}
        {service: {account: A, subject: "brief"}}
      ] }
    C: { ${user("c")}
      imports: [
        {service: {account: B, subject: "via.b"}, to: "chain"}
        {service: {account: A, subject: "private"}}
        {service: {account: A, subject: "svc"}, to: "both"}
        {service: {account: E, subject: "e.svc"}, to: "both"}
      ] }
    D: { ${user("d")} }
    E: { ${user("e")}
      exports: [{service: "e.svc"}, {service: "own.*"}, {service: "deny.>"}]
      imports: [{service: {account: E, subject: "own.*"}, to: "self.*"}] }
    F: { users: [
        {user: f, password: x, permissions: {publish: ["f.ok"], allow_responses: true}}
        {user: g, password: x, permissions: {publish: ["f.ok"]}}
      ]
      exports: [{service: "f.svc"}] }
    G: { users: [{user: h, password: x}]
      imports: [{service: {account: F, subject: "f.svc"}}] }
  }`,
);

/** The lines of an HPUB. */
function headed(
  address: string,
  headers: readonly string[],
  payload: string,
): string[] {
  const block = ["NATS/1.0", ...headers, "", ""];
  const size = block.join("\r\n").length;
  const sizes = `${size} ${size + payload.length}`;
  return [`HPUB ${address} ${sizes}`, ...block.slice(0, -1), payload];
}

/** A request by PUB with the inbox as its reply subject, subscribed to as 9. */
function request(on: string, subject: string, text = "ask"): Steps {
  return lines(on, `PUB ${subject} inbox ${text.length}`, text);
}

const listen = (on: string) => [lines(on, "SUB inbox 9"), ...sync(on)];

/** A and another member, with A as responder on `subject`. */
function pair(other: string, subject: string): Steps[] {
  return [
    ...member("a").flat(),
    ...member(other).flat(),
    lines("a", `SUB ${subject} 1`),
    ...sync("a"),
    ...listen(other),
  ].flat();
}

/** Asks once, answers once, and shows that a second answer gets nowhere. */
function singleton(
  name: string,
  proves: Scenario["proves"],
  asked: string,
  offered: string,
): Scenario {
  return scenario(
    SERVICES,
    name,
    proves,
    pair("b", offered),
    request("b", asked),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "b"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "b"),
  );
}

export const ACCOUNT_SERVICES: readonly Scenario[] = [
  singleton(
    "service import - one answer comes back to the requestor",
    {
      positive: [
        id("service-export"),
        id("reply-rewrite"),
        id("response-types"),
        id("client-info-header"),
      ],
    },
    "svc",
    "svc",
  ),
  singleton(
    "service import - with another name, and telling who asks",
    {
      positive: [id("config-2"), id("clientinfo-json")],
      edge: [id("client-info-header")],
    },
    "renamed",
    "told",
  ),
  singleton(
    "service import - wildcards change places",
    { positive: [id("wildcards")] },
    "my.one.two",
    "wild.>",
  ),
  singleton(
    "service import - a tail stays as it is asked",
    { positive: [id("wildcards")] },
    "tail.x.y",
    "tail.*.*",
  ),
  singleton(
    "service import - many local subjects for one of the service",
    { edge: [id("wildcards")] },
    "fan.out",
    "tail.fixed",
  ),
  singleton(
    "service import - the importer's own name in the subject",
    { positive: [id("authorization-order")] },
    "mine",
    "by.*.svc",
  ),
  singleton(
    "service import - mappings of the service's account apply",
    { edge: [id("config-2")] },
    "mapped.svc",
    "mapped.to",
  ),
  scenario(
    SERVICES,
    "service import - requests without reply arrive",
    { edge: [id("reply-rewrite")] },
    pair("b", "svc"),
    lines("b", "PUB svc 3", "ask", "PUB svc 0", ""),
    sync("b", "a"),
  ),
  scenario(
    SERVICES,
    "service import - headers of request and answer are kept",
    { edge: [id("client-info-header")] },
    pair("b", "svc"),
    lines("b", ...headed("svc inbox", ["Key: Value"], "ask")),
    sync("b", "a"),
    respond("a", "a", ...headed("{{reply}}", ["Key: Other"], "ok")),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "service import - who says to be somebody else is not believed",
    { edge: [id("client-info-header"), id("clientinfo-json")] },
    pair("b", "svc"),
    lines(
      "b",
      ...headed(
        "svc inbox",
        ['Nats-Request-Info: {"acc":"A","user":"boss"}'],
        "ask",
      ),
    ),
    sync("b", "a"),
    lines(
      "b",
      ...headed("svc inbox", [
        'Nats-Request-Info: {"acc":"A"}',
        "Some: thing",
        'Nats-Request-Info: {"acc":"other"}',
      ], "ask"),
    ),
    sync("b", "a"),
  ),
  scenario(
    SERVICES,
    "service import - a responder without headers gets the request alone",
    { edge: [id("client-info-header")] },
    member("b"),
    client("a", { user: "a", pass: "x" }),
    lines("a", "SUB svc 1"),
    sync("a"),
    listen("b"),
    request("b", "svc"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 2", "ok"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "streamed response - goes on until an empty message",
    { positive: [id("response-types")] },
    pair("b", "streamed"),
    request("b", "streamed"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 1", "1", "PUB {{reply}} 1", "2"),
    sync("a", "b"),
    respond("a", "a", "PUB {{reply}} 0", "", "PUB {{reply}} 1", "3"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "chunked response - goes on until an empty message, headers alone are not empty",
    { edge: [id("response-types")] },
    pair("b", "chunked"),
    request("b", "pieces"),
    sync("b", "a"),
    respond(
      "a",
      "a",
      "PUB {{reply}} 1",
      "1",
      ...headed("{{reply}}", ["A: b"], ""),
      "PUB {{reply}} 1",
      "2",
      "PUB {{reply}} 0",
      "",
      "PUB {{reply}} 1",
      "3",
    ),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "response threshold - a stream that pauses too long is over",
    { positive: [id("response-threshold")] },
    pair("b", "brief"),
    request("b", "brief"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 1", "1"),
    sync("a", "b"),
    pause(800),
    respond("a", "a", "PUB {{reply}} 1", "2"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "no responders - through an import",
    { positive: [id("no-responders-through-imports")] },
    member("b"),
    listen("b"),
    request("b", "svc"),
    request("b", "my.a.b"),
    request("b", "via.b"),
    sync("b"),
  ),
  scenario(
    SERVICES,
    "no responders - not for who does not want to know",
    { edge: [id("no-responders-through-imports")] },
    member("b", { no_responders: false }),
    listen("b"),
    request("b", "svc"),
    sync("b"),
  ),
  scenario(
    SERVICES,
    "no responders - the local members of an imported subject count",
    { edge: [id("no-responders-through-imports")] },
    member("b"),
    client("b2", { user: "b", pass: "x" }),
    lines("b2", "SUB svc 1"),
    sync("b2"),
    listen("b"),
    request("b", "svc"),
    sync("b", "b2"),
  ),
  scenario(
    SERVICES,
    "chain - a service that another account imports and exports again",
    { positive: [id("chaining")] },
    pair("c", "svc"),
    request("c", "chain"),
    sync("c", "a"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "c"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "c"),
  ),
  scenario(
    SERVICES,
    "chain - nobody at its end is told at its beginning",
    { edge: [id("chaining")] },
    member("c"),
    listen("c"),
    request("c", "chain"),
    sync("c"),
  ),
  scenario(
    SERVICES,
    "fan-out - two services under one subject both get the request",
    { positive: [id("config-2")], edge: [id("chaining")] },
    pair("c", "svc"),
    member("e"),
    lines("e", "SUB e.svc 1"),
    sync("e"),
    request("c", "both"),
    sync("c", "a", "e"),
    respond("a", "a", "PUB {{reply}} 6", "from a"),
    sync("a", "c"),
    respond("e", "e", "PUB {{reply}} 6", "from e"),
    sync("e", "c"),
  ),
  scenario(
    SERVICES,
    "fan-out - one of two services suffices",
    { edge: [id("config-2")] },
    member("e"),
    member("c"),
    lines("e", "SUB e.svc 1"),
    sync("e"),
    listen("c"),
    request("c", "both"),
    sync("c", "e"),
    respond("e", "e", "PUB {{reply}} 6", "from e"),
    sync("e", "c"),
  ),
  scenario(
    SERVICES,
    "self import - an account uses its own export",
    { positive: [id("cycles")] },
    member("e"),
    client("e2", { user: "e", pass: "x", headers: true }),
    lines("e2", "SUB own.* 1"),
    sync("e2"),
    listen("e"),
    request("e", "self.x"),
    sync("e", "e2"),
    respond("e2", "e2", "PUB {{reply}} 6", "answer"),
    sync("e2", "e"),
  ),
  scenario(
    SERVICES,
    "echo - does not keep a client from serving itself by an import",
    { edge: [id("cycles")] },
    member("e", { echo: false }),
    lines("e", "SUB own.* 1"),
    listen("e"),
    request("e", "self.x"),
    sync("e"),
  ),
  scenario(
    SERVICES,
    "queue - one responder of a group gets the request",
    { positive: [id("queue-responders")] },
    member("a"),
    member("b"),
    lines("a", "SUB svc workers 1", "SUB svc workers 1", "SUB svc others 2"),
    sync("a"),
    listen("b"),
    request("b", "svc"),
    sync("b"),
    gather("a", 2),
    sync("a"),
  ),
  scenario(
    SERVICES,
    "queue - a requestor's queue subscription gets the answer",
    { edge: [id("queue-responders")] },
    member("a"),
    member("b"),
    lines("a", "SUB svc 1"),
    lines("b", "SUB inbox readers 9"),
    sync("a", "b"),
    request("b", "svc"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "interest lost - an answer after UNSUB goes nowhere, also when there is interest again",
    { positive: [id("reverse-map-cleanup")] },
    pair("b", "svc"),
    request("b", "svc"),
    sync("b", "a"),
    lines("b", "UNSUB 9", "SUB inbox 10"),
    sync("b"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "interest lost - another subscription keeps the answer coming",
    { edge: [id("reverse-map-cleanup")] },
    pair("b", "svc"),
    lines("b", "SUB inbox 10"),
    request("b", "svc"),
    sync("b", "a"),
    lines("b", "UNSUB 9"),
    sync("b"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "interest lost - by a wildcard subscription that ends",
    { edge: [id("reverse-map-cleanup")] },
    member("a"),
    member("b"),
    lines("a", "SUB svc 1"),
    sync("a"),
    lines("b", "SUB in.* 9", "PUB svc in.1 3", "ask"),
    sync("b", "a"),
    lines("b", "UNSUB 9", "SUB in.1 10"),
    sync("b"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "interest lost - by the end of the connection",
    { positive: [id("reverse-map-cleanup")] },
    pair("b", "svc"),
    request("b", "svc"),
    sync("b", "a"),
    finish("b"),
    client("b2", { user: "b", pass: "x" }),
    lines("b2", "SUB inbox 9"),
    sync("b2"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "b2"),
  ),
  scenario(
    SERVICES,
    "interest lost - a limit of deliveries ends it",
    { edge: [id("reverse-map-cleanup")] },
    pair("b", "streamed"),
    lines("b", "UNSUB 9 1"),
    request("b", "streamed"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 1", "1", "PUB {{reply}} 1", "2"),
    sync("a"),
    lines("b", "SUB inbox 10"),
    sync("b"),
    respond("a", "a", "PUB {{reply}} 1", "3"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "one reply subject for several requests",
    { edge: [id("reverse-map-cleanup"), id("reply-rewrite")] },
    pair("b", "svc"),
    member("e"),
    request("b", "svc", "one"),
    request("b", "svc", "two"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 3", "two"),
    sync("a", "b"),
    request("b", "svc", "three"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 5", "three"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "an answer that asks back gets its answer",
    { edge: [id("reply-rewrite")] },
    pair("b", "svc"),
    lines("a", "SUB back 2"),
    sync("a"),
    request("b", "svc"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} back 4", "and?"),
    sync("a", "b"),
    respond("b", "b", "PUB {{reply}} 4", "done"),
    sync("b", "a"),
  ),
  scenario(
    SERVICES,
    "isolation - what is not imported can't be asked",
    { edge: [id("isolation"), id("service-export")] },
    member("a"),
    member("b"),
    member("d"),
    lines("a", "SUB > 1"),
    sync("a"),
    listen("b"),
    listen("d"),
    request("b", "private"),
    request("b", "wild.a.b"),
    request("b", "streamed.x"),
    request("b", "by.C.svc"),
    request("d", "svc"),
    request("d", "private"),
    sync("b", "d", "a"),
  ),
  scenario(
    SERVICES,
    "isolation - a request with wildcards in its subject is no wider",
    { edge: [id("isolation"), id("wildcards")] },
    pair("b", ">"),
    request("b", "my.*.*"),
    request("b", "my.>"),
    request("b", "*"),
    request("b", ">"),
    sync("b", "a"),
  ),
  scenario(
    SERVICES,
    "isolation - clients can't ask for answers on a service's reply subjects",
    { edge: [id("reply-rewrite"), id("isolation")] },
    pair("b", "svc"),
    lines("b", "PUB svc _R_.abcdef.ghijkl 3", "ask"),
    sync("b", "a"),
    lines("b", "PUB svc _R_. 3", "ask", "PUB svc _R_ 3", "ask"),
    sync("b", "a"),
  ),
  scenario(
    SERVICES,
    "isolation - a member of another account can't answer, though it knows the subject",
    { edge: [id("isolation"), id("reply-rewrite")] },
    pair("b", "svc"),
    member("d"),
    member("e"),
    request("b", "svc"),
    sync("b", "a"),
    respond("d", "a", "PUB {{reply}} 6", "forged"),
    respond("e", "a", "PUB {{reply}} 6", "forged"),
    respond("b", "a", "PUB {{reply}} 6", "forged"),
    sync("d", "e", "b"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "isolation - subscribing to reply subjects of another account shows nothing",
    { edge: [id("isolation")] },
    pair("b", "svc"),
    member("d"),
    lines("d", "SUB _R_.> 1", "SUB > 2"),
    lines("b", "SUB _R_.> 1"),
    sync("d", "b"),
    request("b", "svc"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 6", "answer"),
    sync("a", "d"),
    sync("b"),
  ),
  scenario(
    SERVICES,
    "guessed reply subjects of the own account lead nowhere, and are taken",
    { edge: [id("reply-rewrite")] },
    pair("b", "svc"),
    request("b", "svc"),
    sync("b", "a"),
    respond(
      "a",
      "a",
      "PUB {{reply}}x inbox 1",
      "x",
      "PUB _R_.zzzzzz.zzzzzz 1",
      "x",
    ),
    sync("a", "b"),
  ),
  scenario(
    SERVICES,
    "allow_responses - a responder may answer a request of another account",
    { positive: [id("reply-rewrite")] },
    client("f", { user: "f", pass: "x", headers: true }),
    client("h", { user: "h", pass: "x", headers: true }),
    lines("f", "SUB f.svc 1"),
    sync("f"),
    listen("h"),
    request("h", "f.svc"),
    sync("h", "f"),
    respond("f", "f", "PUB {{reply}} 2", "ok"),
    sync("f", "h"),
  ),
  scenario(
    SERVICES,
    "allow_responses - without it a responder needs leave to publish",
    { edge: [id("response-types")] },
    client("g", { user: "g", pass: "x", headers: true }),
    client("h", { user: "h", pass: "x", headers: true }),
    lines("g", "SUB f.svc 1"),
    sync("g"),
    listen("h"),
    request("h", "f.svc"),
    sync("h", "g"),
    respond("g", "g", "PUB {{reply}} 2", "ok"),
    sync("g"),
    quiet("h"),
  ),
];

const BEFORE = `accounts {
  A: { ${user("a")}, exports: [{service: "svc"}, {stream: "s.>"}] }
  B: { ${user("b")}, imports: [
    {service: {account: A, subject: "svc"}}
    {stream: {account: A, subject: "s.>"}}
  ] }
}`;
const RENAMED = `accounts {
  A: { ${user("a")}, exports: [{service: "svc"}, {stream: "s.>"}] }
  B: { ${user("b")}, imports: [
    {service: {account: A, subject: "svc"}, to: "new"}
    {stream: {account: A, subject: "s.>"}, prefix: "new"}
  ] }
}`;
const WITHOUT = `accounts {
  A: { ${user("a")}, exports: [{service: "svc"}, {stream: "s.>"}] }
  B: { ${user("b")} }
}`;

/** Asks and publishes after the configuration changed under connected clients. */
function changed(
  name: string,
  proves: Scenario["proves"],
  before: string,
  after: string,
): Scenario {
  return aloneScenario(
    server(before),
    name,
    proves,
    member("a"),
    member("b"),
    lines("a", "SUB svc 1"),
    lines("b", "SUB > 9"),
    sync("a", "b"),
    request("b", "svc", "early"),
    sync("b"),
    gather("a", 1),
    reload(server(after).config),
    sync("a", "b"),
    respond("a", "a", "PUB {{reply}} 4", "late"),
    sync("a"),
    expect("b", "late", 300),
    lines("a", "PUB s.x 1", "x"),
    sync("a", "b"),
    lines("b", "PUB svc in.1 3", "ask", "PUB new in.2 3", "ask"),
    sync("b", "a"),
  );
}

export const ACCOUNT_RELOADS: readonly Scenario[] = [
  changed(
    "reload - renamed imports take the place of the old ones",
    { positive: [id("update-removal"), id("cleanup")] },
    BEFORE,
    RENAMED,
  ),
  changed(
    "reload - removed imports end access at once",
    { edge: [id("update-removal"), id("cleanup")] },
    BEFORE,
    WITHOUT,
  ),
];
