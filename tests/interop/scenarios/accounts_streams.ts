/**
 * Streams exported and imported between accounts.
 *
 * @module
 */

import {
  client,
  lines,
  respond,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `accounts/${name}`;

/** A client of the account whose user has that name. */
export function member(
  user: string,
  fields: Readonly<Record<string, unknown>> = {},
): Steps[] {
  return client(user, {
    user,
    pass: "x",
    headers: true,
    no_responders: true,
    ...fields,
  });
}

/** Publishes the letter x. */
export function publish(on: string, ...subjects: string[]): Steps {
  return lines(on, ...subjects.flatMap((subject) => [`PUB ${subject} 1`, "x"]));
}

const user = (name: string) => `users: [{user: ${name}, password: x}]`;

const STREAMS = server(
  `accounts {
    A: { ${user("a")}
      exports: [
        {stream: "open.>"}
        {stream: "literal"}
        {stream: "two.*.*"}
        {stream: "private.>", accounts: [B]}
        {stream: "by.*.name", account_token_position: 2}
        {service: "shared.>"}
        {stream: "shared.>"}
      ] }
    B: { ${user("b")}
      imports: [
        {stream: {account: A, subject: "open.>"}}
        {stream: {account: A, subject: "literal"}, to: "renamed"}
        {stream: {account: A, subject: "two.*.*"}, to: "swapped.$2.$1"}
        {stream: {account: A, subject: "private.>"}, prefix: "from.a"}
        {stream: {account: A, subject: "by.B.name"}, to: "my.name"}
        {stream: {account: A, subject: "shared.>"}, prefix: "seen"}
      ] }
    C: { ${user("c")}
      imports: [
        {stream: {account: A, subject: "open.one"}, prefix: "p1"}
        {stream: {account: A, subject: "open.*"}, prefix: "p2."}
        {stream: {account: A, subject: "open.two"}, to: "t.{{wildcard(1)}}x"}
        {service: {account: A, subject: "shared.>"}, to: "call.>"}
      ] }
    D: { ${user("d")} }
  }`,
);

/** B subscribes, A publishes, B shows what it got. */
function seen(
  name: string,
  proves: Scenario["proves"],
  subscriptions: readonly string[],
  ...subjects: string[]
): Scenario {
  return scenario(
    STREAMS,
    name,
    proves,
    member("a"),
    member("b"),
    lines(
      "b",
      ...subscriptions.map((subscription, i) => `SUB ${subscription} ${i + 1}`),
    ),
    sync("b"),
    publish("a", ...subjects),
    sync("a", "b"),
  );
}

const shadows = { positive: [id("shadow-subs")] };
const shadowEdges = { edge: [id("shadow-subs")] };

export const ACCOUNT_STREAMS: readonly Scenario[] = [
  seen(
    "stream import - a subscription equal to the import sees what is published",
    { positive: [id("shadow-subs"), id("stream-export"), id("isolation")] },
    ["open.>"],
    "open.a",
    "open.a.b",
    "open",
    "other",
  ),
  seen(
    "stream import - a subscription to a part of the import sees that part",
    shadows,
    ["open.a.*"],
    "open.a",
    "open.a.b",
    "open.b.b",
    "open.a.b.c",
  ),
  seen(
    "stream import - a literal subscription inside the import",
    shadows,
    ["open.a"],
    "open.a",
    "open.b",
  ),
  seen(
    "stream import - everything sees all imports once each, under their local names",
    { edge: [id("shadow-subs"), id("isolation")] },
    [">"],
    "open.a",
    "literal",
    "two.1.2",
    "private.x",
    "by.B.name",
    "by.C.name",
    "unexported",
  ),
  seen(
    "stream import - a renamed literal",
    { positive: [id("config")] },
    ["renamed", "literal"],
    "literal",
    "renamed",
  ),
  seen(
    "stream import - wildcards change places",
    { positive: [id("wildcard-transforms")] },
    ["swapped.*.*"],
    "two.one.two",
    "two.one",
    "swapped.one.two",
  ),
  seen(
    "stream import - a literal subscription to renamed wildcards is turned back",
    { positive: [id("wildcard-transforms")] },
    ["swapped.two.one"],
    "two.one.two",
    "two.two.one",
  ),
  seen(
    "stream import - a partly literal subscription to renamed wildcards",
    { edge: [id("wildcard-transforms")] },
    ["swapped.two.*"],
    "two.one.two",
    "two.two.one",
  ),
  seen(
    "stream import - overlapping patterns meet in what they share",
    shadowEdges,
    ["*.a", "swapped.>", "*.*.one"],
    "open.a",
    "open.b",
    "two.one.x",
    "two.x.one",
  ),
  seen(
    "stream import - a pattern with a tail overlaps a longer import",
    shadowEdges,
    ["*.1.>"],
    "two.2.1",
    "two.1.2",
    "open.1.x",
    "open.1",
    "literal",
  ),
  seen(
    "stream import - a pattern that has nothing in common sees nothing",
    shadowEdges,
    ["*.nothing.*.*.*", "renamed.>", "swapped.*"],
    "two.1.2",
    "literal",
    "open.a",
  ),
  seen(
    "stream import - prefixes stand before the exporter's subject",
    { positive: [id("config"), id("authorization-order")] },
    ["from.a.private.*", "from.>", "private.>"],
    "private.x",
    "private.x.y",
    "from.a.private.x",
  ),
  seen(
    "stream import - the importer's own name in the subject opens the export",
    { positive: [id("authorization-order")], edge: [id("stream-export")] },
    ["my.name", "by.*.name"],
    "by.B.name",
    "by.A.name",
    "by.C.name",
  ),
  scenario(
    STREAMS,
    "stream import - several imports of one subject under different names",
    { positive: [id("duplicate")] },
    member("a"),
    member("c"),
    lines("c", "SUB *.open.> 1", "SUB t.> 2"),
    sync("c"),
    publish("a", "open.one", "open.two", "open.three", "open.three.x"),
    sync("a", "c"),
  ),
  scenario(
    STREAMS,
    "stream import - one member of a queue group gets each message",
    { positive: [id("shadow-subs")] },
    member("a"),
    member("b"),
    lines("b", "SUB open.* workers 7"),
    sync("b"),
    publish("a", "open.1", "open.2", "open.3"),
    sync("a", "b"),
  ),
  scenario(
    STREAMS,
    "stream import - queue groups of importer and exporter with one name are one group",
    { edge: [id("shadow-subs")] },
    member("a"),
    member("b"),
    lines("b", "SUB renamed workers 7", "SUB renamed others 8"),
    sync("b"),
    publish("a", "literal"),
    sync("a", "b"),
  ),
  scenario(
    STREAMS,
    "stream import - nothing comes after UNSUB",
    { positive: [id("cleanup")] },
    member("a"),
    member("b"),
    lines("b", "SUB open.> 1", "SUB renamed 2"),
    sync("b"),
    publish("a", "open.x", "literal"),
    sync("a", "b"),
    lines("b", "UNSUB 1", "UNSUB 2"),
    sync("b"),
    publish("a", "open.x", "literal"),
    sync("a", "b"),
  ),
  scenario(
    STREAMS,
    "stream import - the delivery limit counts messages of the own account alone",
    { edge: [id("cleanup")] },
    member("a"),
    member("b"),
    lines("b", "SUB renamed 1", "UNSUB 1 2"),
    sync("b"),
    publish("a", "literal", "literal", "literal"),
    sync("a", "b"),
    publish("b", "renamed", "renamed", "renamed"),
    sync("b"),
    publish("a", "literal"),
    sync("a", "b"),
  ),
  scenario(
    STREAMS,
    "stream import - a closed importer leaves no interest behind",
    { positive: [id("cleanup")], edge: [id("isolation")] },
    member("a"),
    member("b"),
    lines("b", "SUB open.> 1"),
    sync("b"),
    lines("a", "SUB inbox 9", "PUB open.x inbox 1", "x"),
    sync("a", "b"),
    { kind: "finish", on: "b" },
    lines("a", "PUB open.x inbox 1", "x"),
    sync("a"),
  ),
  scenario(
    STREAMS,
    "stream import - the reply subject comes along, and leads nowhere",
    { edge: [id("isolation")] },
    member("a"),
    member("b"),
    lines("a", "SUB inbox 1"),
    lines("b", "SUB open.* 1"),
    sync("a", "b"),
    lines("a", "PUB open.x inbox 2", "hi"),
    sync("a", "b"),
    respond("b", "b", "PUB {{reply}} 1", "x"),
    sync("b", "a"),
  ),
  scenario(
    STREAMS,
    "stream import - headers come along, and are cut for who does not know them",
    { positive: [id("shadow-subs")] },
    member("a"),
    member("b"),
    client("old", { user: "b", pass: "x" }),
    lines("b", "SUB renamed 1"),
    lines("old", "SUB renamed 1"),
    sync("b", "old"),
    lines("a", "HPUB literal 24 26", "NATS/1.0", "Key: Value", "", "hi"),
    sync("a", "b", "old"),
  ),
  scenario(
    STREAMS,
    "isolation - same subjects in accounts without imports don't meet",
    { positive: [id("isolation")] },
    member("a"),
    member("d"),
    lines("d", "SUB > 1"),
    sync("d"),
    publish("a", "open.x", "literal", "private.x", "unexported"),
    sync("a", "d"),
    publish("d", "open.x"),
    sync("d"),
  ),
  scenario(
    STREAMS,
    "isolation - an importer does not publish into the exporter's account",
    { edge: [id("isolation"), id("stream-export")] },
    member("a"),
    member("b"),
    member("c"),
    lines("a", "SUB > 1"),
    lines("c", "SUB > 1"),
    sync("a", "c"),
    publish("b", "open.x", "renamed", "swapped.1.2", "from.a.private.x"),
    sync("b", "a", "c"),
  ),
  scenario(
    STREAMS,
    "isolation - a wildcard subscription does not widen what is imported",
    { edge: [id("isolation"), id("authorization-order")] },
    member("a"),
    member("c"),
    lines("c", "SUB > 1", "SUB private.> 2", "SUB by.*.name 3", "SUB *.> 4"),
    sync("c"),
    publish("a", "private.x", "by.B.name", "literal", "two.1.2", "hidden"),
    sync("a", "c"),
  ),
  scenario(
    STREAMS,
    "no re-export - a request to a service does not reach importers of its stream",
    { positive: [id("no-re-export")] },
    member("a"),
    member("b"),
    member("c"),
    lines("a", "SUB shared.> 1"),
    lines("b", "SUB seen.> 1"),
    sync("a", "b"),
    publish("c", "call.x"),
    sync("c", "a", "b"),
    publish("a", "shared.y"),
    sync("a", "b"),
  ),
  scenario(
    STREAMS,
    "no re-export - without a responder there is none, stream or not",
    { edge: [id("no-re-export"), id("no-responders-through-imports")] },
    member("b"),
    member("c"),
    lines("b", "SUB seen.> 1"),
    sync("b"),
    lines("c", "SUB inbox 1", "PUB call.x inbox 1", "x"),
    sync("c", "b"),
  ),
];
