/**
 * Simple authorization: passwords, tokens, users, bcrypt, timeouts.
 *
 * @module
 */

import {
  client,
  closed,
  connect,
  expect,
  type Fixture,
  lines,
  logged,
  open,
  quiet,
  type Scenario,
  scenario,
  send,
  sync,
} from "../harness/mod.ts";
import { PLAIN, server } from "./fixtures.ts";

/** The bcrypt digest of `secret`, at the least cost. */
const SECRET_DIGEST =
  "$2a$04$k0u9rT6Zez6oULe8SP9jC.S0PwmOoTh.Rwni7FL1jEzrBVre/Vnnm";
/** The bcrypt digest of `t0ken`, at the least cost. */
const TOKEN_DIGEST =
  "$2a$04$GVWKXA3zf/vkoGIOBBwexuldlN/BzQOHu3lOgEmuBh38.mfmWhyGa";

const PASSWORD = server("authorization { user: derek, password: porkchop }");
const TOKEN = server("authorization { token: s3cr3t }");
const DIGESTS = server(
  `authorization { users = [
    {user: alice, password: "${SECRET_DIGEST}"},
    {user: bob, password: "${SECRET_DIGEST.replace("$2a$", "$2y$")}"},
    {user: carol, password: "$plain"}
  ] }`,
);
const TOKEN_BY_DIGEST = server(`authorization { token: "${TOKEN_DIGEST}" }`);
const HASTY = server(
  "authorization { user: derek, password: porkchop, timeout: 0.4 }",
);
const HASTY_DURATION = server(
  'authorization { user: derek, password: porkchop, timeout: "400ms" }',
);
const OPEN_HASTY = server("authorization { timeout: 0.4 }");
const USERS = server(
  `authorization {
    default_permissions = { publish: "public.>", subscribe: ["public.>", "_INBOX.>"] }
    users = [
      {user: plain, password: x}
      {username: free, pass: x, permissions: {publish: ">", subscribe: ">"}}
    ]
  }`,
);
const ACCOUNTS = server(
  `accounts {
    A: { users: [{user: a, password: x}] }
    B: { users: [{user: b, password: y}] }
  }`,
);
const TYPES = server(
  `authorization { users = [
    {user: std, password: x, allowed_connection_types: ["STANDARD"]}
    {user: ws, password: x, allowed_connection_types: ["websocket"]}
    {user: both, password: x, allowed_connection_types: ["Websocket", "standard"]}
  ] }`,
);

/** A CONNECT that lets the client in. */
function admitted(
  fixture: Fixture,
  name: string,
  proves: Scenario["proves"],
  fields: Readonly<Record<string, unknown>>,
): Scenario {
  return scenario(
    fixture,
    name,
    proves,
    client("a", fields),
    lines("a", "SUB in 1", "PUB in 2", "ok"),
    sync("a"),
  );
}

/** A CONNECT that is an authorization violation. */
function refused(
  fixture: Fixture,
  name: string,
  proves: Scenario["proves"],
  fields: Readonly<Record<string, unknown>>,
): Scenario {
  return scenario(
    fixture,
    name,
    proves,
    open("a"),
    expect("a", "INFO"),
    connect("a", fields),
    closed("a"),
  );
}

export const AUTHORIZATION: readonly Scenario[] = [
  admitted(PLAIN, "without authorization anybody may come", {
    positive: ["auth/no-auth"],
  }, {}),
  admitted(
    PLAIN,
    "without authorization credentials are not looked at",
    { edge: ["auth/no-auth"] },
    { user: "anybody", pass: "anything", auth_token: "whatever" },
  ),
  admitted(
    PASSWORD,
    "the right user and password",
    { positive: ["auth/single-user-pass-token", "auth/authorization-keys"] },
    { user: "derek", pass: "porkchop" },
  ),
  refused(
    PASSWORD,
    "a wrong password",
    { edge: ["auth/single-user-pass-token"], positive: ["auth/failure"] },
    { user: "derek", pass: "porkchops" },
  ),
  refused(PASSWORD, "a wrong user", { edge: ["auth/single-user-pass-token"] }, {
    user: "derrick",
    pass: "porkchop",
  }),
  refused(PASSWORD, "no credentials", { edge: ["auth/failure"] }, {}),
  refused(PASSWORD, "an empty password", { edge: ["auth/failure"] }, {
    user: "derek",
    pass: "",
  }),
  refused(PASSWORD, "a token where a password is wanted", {
    edge: ["auth/single-user-pass-token"],
  }, { auth_token: "porkchop" }),
  scenario(
    PASSWORD,
    "a violation is logged with the user's name",
    { positive: ["auth/failure"] },
    open("a"),
    connect("a", { user: "mallory", pass: "x" }),
    closed("a"),
    logged(/authentication error - User "mallory"/),
  ),
  scenario(
    PASSWORD,
    "after a violation nothing that followed is carried out",
    { edge: ["auth/failure"] },
    client("b", { user: "derek", pass: "porkchop" }),
    lines("b", "SUB sneaked 1"),
    sync("b"),
    open("a"),
    expect("a", "INFO"),
    lines("a", 'CONNECT {"user":"x","pass":"y"}', "PUB sneaked 2", "in"),
    closed("a"),
    sync("b"),
  ),
  scenario(
    PASSWORD,
    "a second CONNECT with wrong credentials closes",
    { edge: ["client-protocol/repeated-connect", "auth/failure"] },
    client("a", { user: "derek", pass: "porkchop" }),
    connect("a", { user: "derek", pass: "wrong" }),
    closed("a"),
  ),
  admitted(TOKEN, "the right token", {
    positive: ["auth/single-user-pass-token"],
  }, { auth_token: "s3cr3t" }),
  refused(TOKEN, "a wrong token", { edge: ["auth/single-user-pass-token"] }, {
    auth_token: "s3cr3",
  }),
  refused(TOKEN, "a password where a token is wanted", {
    edge: ["auth/single-user-pass-token"],
  }, { user: "s3cr3t", pass: "s3cr3t" }),
  admitted(DIGESTS, "a bcrypt password", { positive: ["auth/bcrypt"] }, {
    user: "alice",
    pass: "secret",
  }),
  admitted(DIGESTS, "a bcrypt password with the prefix 2y", {
    edge: ["auth/bcrypt"],
  }, { user: "bob", pass: "secret" }),
  refused(DIGESTS, "a wrong bcrypt password", { edge: ["auth/bcrypt"] }, {
    user: "alice",
    pass: "secre",
  }),
  refused(DIGESTS, "the digest itself is no password", {
    edge: ["auth/bcrypt"],
  }, { user: "alice", pass: SECRET_DIGEST }),
  admitted(DIGESTS, "a password that only begins with a dollar is plain", {
    edge: ["auth/bcrypt"],
  }, { user: "carol", pass: "$plain" }),
  admitted(TOKEN_BY_DIGEST, "a bcrypt token", { positive: ["auth/bcrypt"] }, {
    auth_token: "t0ken",
  }),
  refused(TOKEN_BY_DIGEST, "a wrong bcrypt token", { edge: ["auth/bcrypt"] }, {
    auth_token: "token",
  }),
  scenario(
    HASTY,
    "who does not say CONNECT in time is told so and closed",
    { positive: ["client-protocol/auth-deadline"] },
    open("a"),
    expect("a", "INFO"),
    closed("a", { after: 250, within: 1_500 }),
  ),
  scenario(
    HASTY,
    "who says CONNECT in time stays",
    { edge: ["client-protocol/auth-deadline"] },
    client("a", { user: "derek", pass: "porkchop" }),
    quiet("a", 700),
    sync("a"),
  ),
  scenario(
    HASTY,
    "half a CONNECT does not hold the deadline up",
    { edge: ["client-protocol/auth-deadline"] },
    open("a"),
    expect("a", "INFO"),
    send("a", 'CONNECT {"user":"derek"'),
    closed("a", { after: 250, within: 1_500 }),
  ),
  scenario(
    HASTY_DURATION,
    "the timeout may be a duration",
    { edge: ["auth/authorization-keys"] },
    open("a"),
    expect("a", "INFO"),
    closed("a", { after: 250, within: 1_500 }),
  ),
  scenario(
    OPEN_HASTY,
    "without credentials configured there is no deadline",
    { edge: ["client-protocol/auth-deadline"] },
    open("a"),
    expect("a", "INFO"),
    quiet("a", 700),
    sync("a"),
  ),
  scenario(
    USERS,
    "users without permissions of their own get the default ones",
    {
      positive: [
        "auth/users-array",
        "auth/authorization-keys",
        "client-protocol/publish-permission",
      ],
    },
    client("a", { user: "plain", pass: "x" }),
    lines(
      "a",
      "SUB public.a 1",
      "PUB public.a 1",
      "1",
      "PUB private.a 1",
      "2",
      "SUB private.a 2",
    ),
    sync("a"),
  ),
  scenario(
    USERS,
    "permissions of one's own replace the default ones; keys have aliases",
    { edge: ["auth/users-array"] },
    client("a", { user: "free", pass: "x" }),
    lines("a", "SUB private.a 1", "PUB private.a 1", "1"),
    sync("a"),
  ),
  refused(USERS, "an unknown user", { edge: ["auth/users-array"] }, {
    user: "nobody",
    pass: "x",
  }),
  refused(USERS, "another user's password", { edge: ["auth/users-array"] }, {
    user: "plain",
    pass: "y",
  }),
  scenario(
    ACCOUNTS,
    "users of different accounts do not hear each other",
    { positive: ["auth/users-array"] },
    client("a", { user: "a", pass: "x" }),
    client("b", { user: "b", pass: "y" }),
    lines("a", "SUB shared 1"),
    lines("b", "SUB shared 1"),
    sync("a", "b"),
    lines("a", "PUB shared 1", "a"),
    sync("a", "b"),
  ),
  admitted(TYPES, "a user for standard connections", {
    positive: ["auth/connection-types"],
  }, { user: "std", pass: "x" }),
  admitted(TYPES, "connection types in any case", {
    positive: ["auth/connection-types"],
  }, { user: "both", pass: "x" }),
  refused(TYPES, "a user for websockets only", {
    edge: ["auth/connection-types"],
  }, { user: "ws", pass: "x" }),
];
