/**
 * Services exported and imported between accounts: requests and responses.
 *
 * @module
 */

import {
  client,
  gather,
  lines,
  pause,
  respond,
  type Scenario,
  scenario,
  type Step,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { member } from "./accounts_streams.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `accounts/${name}`;
/** A user of that name. */
export function user(name: string): string {
  return `users: [{user: ${name}, password: x}]`;
}

/** Services of all kinds, and who imports them. */
export const SERVICES = server(
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
export function headed(
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
export function request(on: string, subject: string, text = "ask"): Steps {
  return lines(on, `PUB ${subject} inbox ${text.length}`, text);
}

/** Subscribes to the inbox. */
export function listen(on: string): Step[] {
  return [lines(on, "SUB inbox 9"), ...sync(on)];
}

/** A and another member, with A as responder on `subject`. */
export function pair(other: string, subject: string): Steps[] {
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
];
