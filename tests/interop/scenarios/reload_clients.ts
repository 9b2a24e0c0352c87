/**
 * What a reload does to clients that are connected.
 *
 * @module
 */

import {
  aloneScenario,
  client,
  closed,
  connect,
  expect,
  type Fixture,
  gather,
  lines,
  logged,
  monitor,
  open,
  pause,
  quiet,
  reload,
  reloadLog,
  type Scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `reload/${name}`;
const both = (...rows: string[]) => ({
  positive: rows.map(id),
  edge: rows.map(id),
});

/** A scenario whose configuration changes between two groups of steps. */
function changing(
  name: string,
  proves: Scenario["proves"],
  [before, after]: readonly [string, string],
  first: Steps,
  then: Steps,
  fixture: Partial<Fixture> = {},
): Scenario {
  return aloneScenario(
    { ...server(before), ...fixture },
    `reload - ${name}`,
    proves,
    first,
    reloadLog(server(after).config),
    then,
  );
}

const users = (...entries: string[]) =>
  `authorization: {users: [${entries.join(", ")}]}`;
const user = (name: string, password: string, more = "") =>
  `{user: ${name}, password: ${password}${more}}`;
const as = (on: string, name: string, password = "p") =>
  client(on, { user: name, pass: password });

const watched = (entry: string) =>
  `accounts: {
    A: {users: [${entry}]}, SYS: {users: [{user: s, password: p}]}
  }
  system_account: SYS`;

export const RELOAD_CLIENTS: readonly Scenario[] = [
  changing(
    "clients who stay are announced anew",
    {
      positive: [id("re-authentication")],
      edge: ["system-events/connect", "system-events/disconnect"],
    },
    [
      watched("{user: a, password: p}"),
      watched("{user: a, password: p, permissions: {publish: x}}"),
    ],
    [
      as("s", "s"),
      lines("s", "SUB $SYS.ACCOUNT.A.CONNECT 1"),
      sync("s"),
      as("a", "a"),
      expect("s", "client_connect"),
    ],
    [sync("a"), expect("s", "client_connect"), sync("s")],
  ),
  changing(
    "users whose password changed are sent away, others stay",
    both(
      "re-authentication",
      "authorization-user-pass-token-users-nkeys-timeout",
    ),
    [
      users(user("a", "p"), user("b", "p"), user("c", "p")),
      users(user("a", "p"), user("b", "q")),
    ],
    [as("a", "a"), as("b", "b"), as("c", "c")],
    [closed("b"), closed("c"), sync("a"), as("d", "b", "q"), sync("d")],
  ),
  changing(
    "a new password without users",
    both(
      "re-authentication",
      "authorization-user-pass-token-users-nkeys-timeout",
    ),
    [
      "authorization: {user: a, password: p}",
      "authorization: {user: a, password: q}",
    ],
    as("a", "a"),
    [closed("a"), as("b", "a", "q")],
  ),
  changing(
    "a new token",
    both("re-authentication"),
    ["authorization: {token: t}", "authorization: {token: u}"],
    client("a", { auth_token: "t" }),
    [closed("a"), client("b", { auth_token: "u" })],
  ),
  changing(
    "authorization is demanded now",
    both("re-authentication"),
    ["", "authorization: {user: a, password: p}"],
    [client("a"), as("b", "a")],
    [closed("a"), closed("b"), open("c"), expect("c", "INFO")],
  ),
  changing(
    "authorization is demanded no longer",
    both("re-authentication"),
    ["authorization: {user: a, password: p}", ""],
    [as("a", "a"), client("t", { user: "a", pass: "p", name: "n" })],
    [closed("a"), closed("t"), client("b")],
  ),
  aloneScenario(
    server(users(user("a", "p"), user("b", "p"))),
    "reload - permissions are narrowed",
    both("permission-change"),
    as("a", "a"),
    as("b", "b"),
    lines(
      "a",
      "SUB ok 1",
      "SUB no 2",
      "SUB > 3",
      "SUB q.x bad 4",
      "SUB q.x fine 5",
    ),
    sync("a"),
    reload(
      server(users(
        user(
          "a",
          "p",
          ", permissions: {publish: 'ok', subscribe: {allow: ['ok', 'q.*'], deny: 'q.x bad'}}",
        ),
        user("b", "p"),
      )).config,
    ),
    logged(/Removed sub "no" \(sid "2"\) for User "a" - not authorized/),
    gather("a", 3),
    lines("b", "PUB ok 1", "x", "PUB no 1", "y", "PUB q.x 1", "z"),
    sync("b", "a"),
    lines("a", "PUB no 1", "x", "PUB ok 1", "y"),
    sync("a"),
  ),
  changing(
    "permissions are widened",
    both("permission-change"),
    [
      users(user("a", "p", ", permissions: {publish: 'x', subscribe: 'x'}")),
      users(user("a", "p")),
    ],
    [as("a", "a"), lines("a", "SUB y 1", "PUB y 1", "x"), sync("a")],
    [lines("a", "SUB y 2", "PUB y 1", "x"), sync("a")],
  ),
  changing(
    "a user is in another account now",
    both("client-moved-to-other-account"),
    [
      `accounts: {A: {users: [${user("a", "p")}, ${user("b", "p")}]}, B: {}}`,
      `accounts: {A: {users: [${user("b", "p")}]}, B: {users: [${
        user("a", "p")
      }]}}`,
    ],
    [as("a", "a"), as("b", "b")],
    [closed("a"), sync("b"), as("c", "a")],
  ),
  changing(
    "an account is gone",
    both("removed-accounts"),
    [
      `accounts: {A: {users: [${user("a", "p")}]}, B: {users: [${
        user("b", "p")
      }]}}`,
      `accounts: {B: {users: [${user("b", "p")}]}}`,
    ],
    [as("a", "a"), as("b", "b")],
    [closed("a"), sync("b")],
  ),
  changing(
    "subscriptions of accounts that stay are kept",
    both("account-swap", "global-account"),
    [
      `accounts: {A: {users: [${user("a", "p")}, ${
        user("b", "p")
      }]}, B: {users: [${user("c", "p")}]}}`,
      `accounts: {A: {users: [${user("a", "p")}, ${
        user("b", "p")
      }], limits: {max_subs: 5}}, B: {users: [${user("c", "p")}]}, C: {}}`,
    ],
    [
      as("a", "a"),
      as("b", "b"),
      as("c", "c"),
      lines("a", "SUB x 1", "SUB y q 2"),
      lines("c", "SUB x 1"),
      sync("a", "c"),
    ],
    [
      lines("b", "PUB x 1", "1", "PUB y 1", "2"),
      sync("b", "a", "c"),
      lines("a", "UNSUB 1", "SUB x 3"),
      sync("a"),
      lines("b", "PUB x 1", "3"),
      sync("b", "a"),
    ],
  ),
  changing(
    "an account may have fewer connections",
    both("re-authentication", "accounts-mappings"),
    [
      `accounts: {A: {users: [${user("a", "p")}], limits: {max_conn: 2}},
        B: {users: [${user("b", "p")}]}}`,
      `accounts: {A: {users: [${user("a", "p")}], limits: {max_conn: 0}},
        B: {users: [${user("b", "p")}], limits: {max_conn: 1}}}`,
    ],
    [as("a", "a"), as("a2", "a"), as("b", "b"), sync("a", "a2", "b")],
    [closed("a"), closed("a2"), sync("b")],
  ),
  changing(
    "mappings of the global account",
    both("global-account", "accounts-mappings"),
    ["mappings: {a: b, c: d}", "mappings: {a: c, e: d}"],
    [client("a"), lines("a", "SUB > 1", "PUB a 1", "x"), sync("a")],
    [lines("a", "PUB a 1", "x", "PUB c 1", "y", "PUB e 1", "z"), sync("a")],
  ),
  changing(
    "mappings come and change",
    both("accounts-mappings"),
    ["", "mappings: {a: b}"],
    [client("a"), lines("a", "SUB > 1", "PUB a 1", "x"), sync("a")],
    [
      lines("a", "PUB a 1", "x"),
      sync("a"),
      reload(server("mappings: {a: z}").config),
      lines("a", "PUB a 1", "x"),
      sync("a"),
    ],
  ),
  changing(
    "no connection is allowed any more",
    both("max-connections"),
    ["", "max_connections: -1"],
    [client("a"), client("b")],
    [closed("a"), closed("b"), open("c"), closed("c")],
  ),
  changing(
    "more connections are allowed",
    both("max-connections"),
    ["max_connections: 1", "max_connections: 2"],
    [client("a"), open("b"), closed("b")],
    [sync("a"), client("c")],
  ),
  changing(
    "a smaller payload",
    both("max-payload"),
    ["", "max_payload: 8"],
    [client("a", { protocol: 1 }), sync("a")],
    [
      quiet("a"),
      lines("a", "PUB x 8", "12345678"),
      sync("a"),
      lines("a", "PUB x 9", "123456789"),
      closed("a"),
      open("b"),
      expect("b", "INFO"),
    ],
  ),
  changing(
    "a shorter control line",
    both("max-control-line"),
    ["max_control_line: 2048", "max_control_line: 64"],
    [client("a"), lines("a", `SUB ${"x".repeat(100)} 1`), sync("a")],
    [
      lines("a", "SUB x 2"),
      sync("a"),
      lines("a", `SUB ${"x".repeat(100)} 3`),
      closed("a"),
    ],
  ),
  changing(
    "pings come sooner",
    both("ping-interval-ping-max"),
    ["", "ping_interval: '300ms', ping_max: 1"],
    [client("old")],
    [
      client("a"),
      expect("a", "PING"),
      closed("a"),
    ],
  ),
  changing(
    "clients learn of another address",
    both("client-advertise"),
    ["", "client_advertise: 'elsewhere.example.com:4223'"],
    [client("new", { protocol: 1 }), client("old"), sync("new", "old")],
    [quiet("new"), quiet("old"), open("c"), expect("c", "INFO")],
  ),
  changing(
    "traces begin and end",
    both("debug-trace-trace-verbose-trace-headers"),
    ["", "debug: true, trace: true"],
    [client("a"), lines("a", "SUB before 1"), sync("a")],
    [
      lines("a", "SUB after 2"),
      sync("a"),
      logged(/\[TRC\].*\[SUB after 2\]/),
      reload(server("").config),
      lines("a", "SUB quiet 3"),
      sync("a"),
    ],
  ),
  changing(
    "a bad file changes nothing",
    both("parse-phase", "validate", "diff"),
    [
      users(user("a", "p")),
      `${users(user("a", "q"))}, max_payload: 8, server_name: other`,
    ],
    as("a", "a"),
    [
      reloadLog(server("max_payload: {").config),
      sync("a"),
      as("b", "a"),
      lines("b", "PUB x 9", "123456789"),
      sync("b"),
    ],
  ),
  changing(
    "flags of the command line win again",
    both("re-merge", "baseline"),
    [
      "max_payload: 8, debug: false",
      "max_payload: 16, debug: false, trace: true, host: 127.0.0.1",
    ],
    [client("a"), logged(/\[DBG\]/)],
    [
      lines("a", "PUB x 16", "1234567890123456"),
      sync("a"),
      logged(/\[DBG\].*cid/),
    ],
    { args: ["-D"] },
  ),
  changing(
    "the time is noted, and the digest",
    both("after"),
    ["http: '127.0.0.1:-1'", "http: '127.0.0.1:-1', max_payload: 2048"],
    client("a"),
    [
      monitor(
        "/varz",
        (body) => {
          const { max_payload, config_load_time, start, config_digest } =
            body as Record<string, string>;
          return {
            max_payload,
            later: (config_load_time ?? "") > (start ?? ""),
            digest: config_digest?.slice(0, 7),
          };
        },
      ),
    ],
  ),
  changing(
    "nothing new says so",
    both("after", "silently-kept"),
    ["max_payload: 2048", "# a remark\nmax_payload: 2048"],
    client("a"),
    sync("a"),
  ),
  changing(
    "a slow check of connects takes the new time",
    both("authorization-user-pass-token-users-nkeys-timeout"),
    [
      "authorization: {user: a, password: p, timeout: 20}",
      "authorization: {user: a, password: p, timeout: 0.3}",
    ],
    as("a", "a"),
    [open("b"), closed("b", { after: 200, within: 2000 }), closed("a")],
  ),
  changing(
    "clients of the one user outside of lists reconnect",
    both("re-authentication"),
    [
      "authorization: {user: a, password: p}",
      "authorization: {user: a, password: p}, max_payload: 2048",
    ],
    [as("a", "a")],
    [closed("a"), as("b", "a")],
  ),
  changing(
    "who waits for nothing keeps waiting",
    both("concurrency"),
    ["", "max_payload: 2048"],
    [open("a"), expect("a", "INFO"), pause(50)],
    [connect("a"), sync("a")],
  ),
];
