/**
 * The accounts that every server has, and who lands in them.
 *
 * @module
 */

import {
  client,
  closed,
  connect,
  expect,
  lines,
  open,
  type Scenario,
  scenario,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `accounts/${name}`;
const both = (...rows: string[]) => ({
  positive: rows.map(id),
  edge: rows.map(id),
});

const PLAIN = server();
const SYSTEM_USER = server(
  "accounts { $SYS { users: [ { user: admin, password: p } ] } }",
);
const NAMED = server(
  "accounts { S { users: [ { user: admin, password: p } ] }, A { users: [ { user: a, password: p } ] } }",
  "system_account: S",
);
const GUARDED = server(
  "accounts { $SYS { users: [ { user: admin, password: p } ] } }",
  "authorization { users: [ { user: b, password: p } ] }",
);
const MAPPED = server(
  "accounts { A { users: [ { user: a, password: p } ] } }",
  "authorization { users: [ { user: b, password: p } ] }",
  "mappings { from: to }",
);

const as = (on: string, user: string) => client(on, { user, pass: "p" });
const whoAmI = (on: string) => [
  lines(on, "SUB in.> 9", "PUB $SYS.REQ.USER.INFO in.1 0", ""),
  expect(on, "MSG in.1"),
];

export const ACCOUNT_MODEL: readonly Scenario[] = [
  scenario(
    PLAIN,
    "accounts - everybody is in the global one unless told otherwise",
    both("global-account-g"),
    client("a"),
    client("b", { user: "x", pass: "y" }),
    lines("a", "SUB x 1"),
    sync("a"),
    lines("b", "PUB x 1", "1"),
    sync("b", "a"),
    whoAmI("b"),
  ),
  scenario(
    PLAIN,
    "accounts - clients of the global one hear nothing of the system",
    both("system-account"),
    client("a"),
    lines("a", "SUB $SYS.> 1", "PUB $SYS.REQ.SERVER.PING in.1 0", ""),
    sync("a"),
    client("b"),
    sync("a"),
  ),
  scenario(
    SYSTEM_USER,
    "accounts - with system users alone, plain clients still get in",
    both("system-account", "global-account-g"),
    client("a"),
    whoAmI("a"),
    as("s", "admin"),
    whoAmI("s"),
    open("x"),
    connect("x", { user: "admin", pass: "wrong" }),
    closed("x"),
  ),
  scenario(
    GUARDED,
    "accounts - with an authorization block they don't",
    both("system-account"),
    open("a"),
    connect("a"),
    closed("a"),
    as("b", "b"),
    whoAmI("b"),
  ),
  scenario(
    NAMED,
    "accounts - another account can be the system's",
    both("system-account"),
    as("s", "admin"),
    lines("s", "SUB $SYS.ACCOUNT.*.CONNECT 1"),
    sync("s"),
    whoAmI("s"),
    as("a", "a"),
    whoAmI("a"),
    lines("s", "UNSUB 1"),
    open("x"),
    connect("x"),
    closed("x"),
  ),
  scenario(
    MAPPED,
    "accounts - mappings at the top level are the global one's",
    both("global-account-g"),
    as("a", "a"),
    as("b", "b"),
    lines("a", "SUB > 1", "PUB from 1", "x"),
    lines("b", "SUB > 1", "PUB from 1", "y"),
    sync("a", "b"),
  ),
];
