/**
 * Permissions of users: allow, deny, queues, responses.
 *
 * @module
 */

import {
  aloneScenario,
  client,
  expect,
  gather,
  lines,
  pause,
  reload,
  type Scenario,
  scenario,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const USERS = server(
  `authorization { users = [
    {user: allow, password: x, permissions: {publish: ["ok.>", "one"], subscribe: "ok.>"}}
    {user: deny, password: x, permissions: {publish: {deny: "secret.>"}, subscribe: {deny: ["secret.>", "hidden"]}}}
    {user: mixed, password: x, permissions: {
      publish: {allow: "m.>", deny: "m.no.>"}, subscribe: {allow: "m.>", deny: "m.no.*"}}}
    {user: mute, password: x, permissions: {publish: []}}
    {user: queue, password: x, permissions: {subscribe: {allow: ["q.a", "q.a v1", "q.b v*", "q.c v.>"]}}}
    {user: noqueue, password: x, permissions: {subscribe: {deny: ["q.a v2", "q.d *"]}}}
    {user: service, password: x, permissions: {subscribe: "svc.>", allow_responses: true}}
    {user: twice, password: x, permissions: {subscribe: "svc.>", publish: {deny: "secret"}, allow_responses: {max: 2, expires: "5s"}}}
    {user: brief, password: x, permissions: {subscribe: "svc.>", allow_responses: {max: 5, ttl: "150ms"}}}
    {user: endless, password: x, permissions: {subscribe: "svc.>", allow_responses: {max: -1, ttl: "-1s"}}}
    {user: imported, password: x, permissions: {import: "ok.>", export: "ok.>"}}
    {user: root, password: x}
  ] }`,
);

const as = (user: string, fields = {}) =>
  client(user, { user, pass: "x", ...fields });

/** A user who may less after a reload. */
const NARROWED = {
  before: server("authorization { users = [{user: u, password: x}] }"),
  after: server(
    `authorization { users = [{user: u, password: x, permissions: {
      publish: "kept.>", subscribe: "kept.>"}}] }`,
  ),
};

/** A service asked by `root`, which then answers several times. */
function answering(
  name: string,
  proves: Scenario["proves"],
  user: string,
  ...answers: Parameters<typeof scenario>[3][]
): Scenario {
  return scenario(
    USERS,
    name,
    proves,
    as(user),
    as("root"),
    lines(user, "SUB svc.do 1"),
    lines("root", "SUB answer.* 1"),
    sync(user, "root"),
    lines("root", "PUB svc.do answer.1 3", "ask"),
    sync("root"),
    expect(user, "ask"),
    ...answers,
    sync(user, "root"),
  );
}

const answer = (user: string, text: string) =>
  lines(user, `PUB answer.1 ${text.length}`, text);

export const PERMISSIONS: readonly Scenario[] = [
  scenario(
    USERS,
    "publish: what is allowed passes, the rest is a violation",
    {
      positive: [
        "client-protocol/publish-permission",
        "auth/evaluation",
        "auth/forms",
      ],
    },
    as("allow"),
    as("root"),
    lines("root", "SUB > 1"),
    sync("root"),
    lines(
      "allow",
      "PUB ok.a 1",
      "1",
      "PUB one 1",
      "2",
      "PUB two 1",
      "3",
      "PUB ok 1",
      "4",
    ),
    sync("allow", "root"),
  ),
  scenario(
    USERS,
    "publish: a violation brings no +OK to a verbose client",
    { edge: ["client-protocol/publish-permission", "client-protocol/verbose"] },
    as("allow", { verbose: true }),
    lines("allow", "PUB two 1", "x", "PUB one 1", "x"),
    sync("allow"),
  ),
  scenario(
    USERS,
    "publish: the subject stands before the reply, headers or not",
    { edge: ["client-protocol/publish-permission"] },
    as("allow", { headers: true }),
    lines(
      "allow",
      "PUB two any.reply 1",
      "x",
      "HPUB two 12 13",
      "NATS/1.0",
      "",
      "x",
    ),
    sync("allow"),
  ),
  scenario(
    USERS,
    "publish: the same violation is reported each time",
    { edge: ["client-protocol/publish-permission"] },
    as("allow"),
    lines("allow", "PUB two 1", "x", "PUB two 1", "x", "PUB two 1", "x"),
    sync("allow"),
  ),
  scenario(
    USERS,
    "publish: deny alone allows the rest",
    { positive: ["auth/evaluation"], edge: ["auth/forms"] },
    as("deny"),
    lines(
      "deny",
      "PUB secret.a 1",
      "x",
      "PUB secret 1",
      "x",
      "PUB other 1",
      "x",
    ),
    sync("deny"),
  ),
  scenario(
    USERS,
    "publish: deny wins over allow",
    { edge: ["auth/evaluation"] },
    as("mixed"),
    lines("mixed", "PUB m.a 1", "x", "PUB m.no.a 1", "x", "PUB n 1", "x"),
    sync("mixed"),
  ),
  scenario(
    USERS,
    "publish: an empty list",
    { edge: ["auth/forms"] },
    as("mute"),
    lines("mute", "PUB a 1", "x"),
    sync("mute"),
  ),
  scenario(
    USERS,
    "import and export are other names of publish and subscribe",
    { edge: ["auth/forms"] },
    as("imported"),
    lines(
      "imported",
      "PUB ok.a 1",
      "x",
      "PUB no 1",
      "x",
      "SUB ok.> 1",
      "SUB no 2",
    ),
    sync("imported"),
  ),
  scenario(
    USERS,
    "subscribe: what is allowed passes, the rest is a violation",
    { positive: ["client-protocol/subscribe-permission", "auth/evaluation"] },
    as("allow"),
    lines(
      "allow",
      "SUB ok.a 1",
      "SUB ok.* 2",
      "SUB ok.> 3",
      "SUB ok 4",
      "SUB > 5",
      "SUB *.a 6",
      "SUB no q 7",
    ),
    sync("allow"),
  ),
  scenario(
    USERS,
    "subscribe: a violation brings no +OK and leaves the sid unused",
    { edge: ["client-protocol/subscribe-permission"] },
    as("allow", { verbose: true }),
    lines("allow", "SUB no 1", "SUB ok.x 1", "PUB ok.x 1", "x"),
    sync("allow"),
  ),
  scenario(
    USERS,
    "subscribe: denied subjects, exact and within",
    { edge: ["client-protocol/subscribe-permission", "auth/evaluation"] },
    as("deny"),
    lines(
      "deny",
      "SUB hidden 1",
      "SUB secret.a 2",
      "SUB secret.> 3",
      "SUB secret.* 4",
      "SUB secret 5",
    ),
    sync("deny"),
  ),
  scenario(
    USERS,
    "subscribe: a wildcard over denied subjects is granted but they are held back",
    { positive: ["auth/wildcard-sub-overlapping-deny"] },
    as("deny"),
    as("root"),
    lines("deny", "SUB > 1", "SUB *.a 2"),
    sync("deny"),
    lines(
      "root",
      "PUB hidden 1",
      "1",
      "PUB secret.a 1",
      "2",
      "PUB seen.x 1",
      "3",
      "PUB hidden.x 1",
      "4",
    ),
    sync("root", "deny"),
  ),
  scenario(
    USERS,
    "subscribe: held back also from a queue member",
    { edge: ["auth/wildcard-sub-overlapping-deny"] },
    as("deny"),
    as("root"),
    lines("deny", "SUB > group 1"),
    sync("deny"),
    lines("root", "PUB hidden 1", "1", "PUB seen 1", "2"),
    sync("root", "deny"),
  ),
  scenario(
    USERS,
    "subscribe: deny within allow",
    { edge: ["auth/wildcard-sub-overlapping-deny"] },
    as("mixed"),
    as("root"),
    lines("mixed", "SUB m.> 1", "SUB m.no.a 2", "SUB m.no.a.b 3"),
    sync("mixed"),
    lines("root", "PUB m.a 1", "1", "PUB m.no.a 1", "2"),
    sync("root", "mixed"),
  ),
  scenario(
    USERS,
    "queues: allowed names, exact and by wildcard",
    { positive: ["auth/queue-permissions"] },
    as("queue"),
    lines(
      "queue",
      "SUB q.a 1",
      "SUB q.a v1 2",
      "SUB q.b vx 3",
      "SUB q.b v* 4",
      "SUB q.c v.prod 5",
      "SUB q.c v.x.y 6",
    ),
    sync("queue"),
  ),
  scenario(
    USERS,
    "queues: names that are not allowed, plain where only queues are",
    { edge: ["auth/queue-permissions"] },
    as("queue"),
    lines(
      "queue",
      "SUB q.a v2 1",
      "SUB q.b 2",
      "SUB q.b w1 3",
      "SUB q.c v 4",
      "SUB q.c 5",
      "SUB q.z v1 6",
    ),
    sync("queue"),
  ),
  scenario(
    USERS,
    "queues: denied names",
    { edge: ["auth/queue-permissions"] },
    as("noqueue"),
    lines(
      "noqueue",
      "SUB q.a 1",
      "SUB q.a v1 2",
      "SUB q.a v2 3",
      "SUB q.d 4",
      "SUB q.d any 5",
    ),
    sync("noqueue"),
  ),
  answering(
    "responses: one answer is allowed, the second is a violation",
    { positive: ["auth/allow-responses"] },
    "service",
    answer("service", "1"),
    answer("service", "2"),
  ),
  answering(
    "responses: as many answers as configured",
    { edge: ["auth/allow-responses"] },
    "twice",
    answer("twice", "1"),
    answer("twice", "2"),
    answer("twice", "3"),
  ),
  answering(
    "responses: not after the time is over",
    { edge: ["auth/allow-responses"] },
    "brief",
    answer("brief", "1"),
    pause(300),
    answer("brief", "2"),
  ),
  answering(
    "responses: without end",
    { edge: ["auth/allow-responses"] },
    "endless",
    answer("endless", "1"),
    answer("endless", "2"),
    answer("endless", "3"),
  ),
  scenario(
    USERS,
    "responses: nothing else may be published",
    { edge: ["auth/allow-responses"] },
    as("service"),
    lines("service", "PUB answer.1 1", "x", "PUB any 1", "x"),
    sync("service"),
  ),
  scenario(
    USERS,
    "responses: allowed per reply subject",
    { edge: ["auth/allow-responses"] },
    as("service"),
    as("root"),
    lines("service", "SUB svc.do 1"),
    lines("root", "SUB answer.* 1"),
    sync("service", "root"),
    lines("root", "PUB svc.do answer.1 1", "a", "PUB svc.do answer.2 1", "b"),
    sync("root"),
    gather("service", 2),
    lines(
      "service",
      "PUB answer.2 1",
      "2",
      "PUB answer.1 1",
      "1",
      "PUB answer.2 1",
      "2",
      "PUB answer.3 1",
      "3",
    ),
    sync("service", "root"),
  ),
  aloneScenario(
    NARROWED.before,
    "a reload takes subscriptions away that are no longer allowed, and says so",
    { positive: ["auth/reload-revocation"] },
    client("a", { user: "u", pass: "x" }),
    lines("a", "SUB kept.a 1", "SUB lost.a 2", "SUB lost.b group 3"),
    sync("a"),
    reload(NARROWED.after.config),
    gather("a", 2),
    client("b", { user: "u", pass: "x" }),
    lines("b", "PUB kept.a 1", "k", "PUB lost.a 1", "l"),
    sync("b", "a"),
  ),
  aloneScenario(
    NARROWED.before,
    "after a reload publishing is held to the new permissions",
    { edge: ["auth/reload-revocation"] },
    client("a", { user: "u", pass: "x" }),
    lines("a", "SUB kept.* 1", "PUB lost.a 1", "l"),
    sync("a"),
    reload(NARROWED.after.config),
    lines("a", "PUB lost.a 1", "l", "PUB kept.a 1", "k", "SUB lost.c 2"),
    sync("a"),
  ),
];
