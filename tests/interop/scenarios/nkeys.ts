/**
 * Users and proxies who prove themselves by signatures.
 *
 * @module
 */

import { createServer, createUser, type KeyPair } from "@nats-io/nkeys";
import {
  aloneScenario,
  answer,
  client,
  closed,
  connect,
  expect,
  type Fixture,
  lines,
  logged,
  open,
  reload,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const USER = createUser();
const NKEY = USER.getPublicKey();
const STRANGER = createUser();
const PROXY = createServer();
const OTHER_PROXY = createServer();

const KEYS = server(
  "debug: true",
  `authorization { users = [
    {nkey: ${NKEY}, permissions: {publish: "a", subscribe: "a"}}
    {user: alice, password: x}
  ] }`,
);
const ACCOUNTS = server(
  `accounts { A: { users: [{nkey: ${NKEY}}] }, B: { users: [{user: b, password: x}] } }`,
);
const SILENT = server(
  `authorization { users = [{nkey: ${NKEY}}] }`,
  `no_auth_user: ${NKEY}`,
);
const TYPES = server(
  `authorization { users = [
    {nkey: ${NKEY}, allowed_connection_types: ["WEBSOCKET"]}
    {nkey: ${STRANGER.getPublicKey()}, allowed_connection_types: ["STANDARD"]}
  ] }`,
);

function proxies(...keys: KeyPair[]): string {
  const list = keys.map((key) => `{key: ${key.getPublicKey()}}`);
  return `proxies { trusted = [${list.join(", ")}] }`;
}

const PROXY_USERS = `authorization { users = [
    {nkey: ${NKEY}, proxy_required: true}
    {user: alice, password: x, proxy_required: true}
    {user: bob, password: x}
  ] }`;
const PROXIED = server("debug: true", proxies(PROXY), PROXY_USERS);
const PROXY_FOR_ALL = server(
  proxies(PROXY),
  "authorization { user: alice, password: x, proxy_required: true }",
);
const PROXY_UNKNOWN = server(
  "authorization { token: x, proxy_required: true }",
);

/** A signature over the nonce, base64url or with the alphabet of MIME. */
function sign(key: KeyPair, nonce: string, mime = false): string {
  const signature = key.sign(new TextEncoder().encode(nonce));
  const base64 = btoa(String.fromCharCode(...signature));
  return mime ? base64 : base64.replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

type Fields = (nonce: string) => Readonly<Record<string, unknown>>;

function admitted(
  fixture: Fixture,
  name: string,
  proves: Scenario["proves"],
  fields: Fields,
  ...more: Steps[]
): Scenario {
  return scenario(
    fixture,
    name,
    proves,
    open("a"),
    answer("a", fields),
    sync("a"),
    ...more,
  );
}

function refused(
  fixture: Fixture,
  name: string,
  proves: Scenario["proves"],
  fields: Fields,
  ...more: Steps[]
): Scenario {
  return scenario(
    fixture,
    name,
    proves,
    open("a"),
    answer("a", fields),
    closed("a"),
    ...more,
  );
}

const edge = { edge: ["auth/nkeys"] };
const proxyEdge = { edge: ["auth/proxies-trusted", "auth/proxy-required"] };

export const NKEYS: readonly Scenario[] = [
  admitted(
    KEYS,
    "a signed nonce, with the user's permissions",
    { positive: ["auth/nkeys", "client-protocol/nonce"] },
    (nonce) => ({ nkey: NKEY, sig: sign(USER, nonce) }),
    lines("a", "SUB a 1", "SUB b 2", "PUB a 1", "x", "PUB b 1", "y"),
    sync("a"),
  ),
  admitted(
    KEYS,
    "a signature in the alphabet of MIME",
    edge,
    (nonce) => ({ nkey: NKEY, sig: sign(USER, nonce, true) }),
  ),
  refused(KEYS, "no signature", edge, () => ({ nkey: NKEY })),
  refused(
    KEYS,
    "a signature that is no base64",
    edge,
    () => ({ nkey: NKEY, sig: "?" }),
    logged(/Signature not valid base64/),
  ),
  refused(
    KEYS,
    "the signature of another nonce",
    edge,
    (nonce) => ({ nkey: NKEY, sig: sign(USER, nonce + "x") }),
    logged(/Signature not verified/),
  ),
  refused(
    KEYS,
    "an unknown key with a good signature",
    edge,
    (nonce) => ({ nkey: STRANGER.getPublicKey(), sig: sign(STRANGER, nonce) }),
    logged(/authentication error - Nkey "U/),
  ),
  refused(
    KEYS,
    "a key beside a good password",
    edge,
    () => ({ nkey: NKEY, user: "alice", pass: "x" }),
  ),
  admitted(
    KEYS,
    "a password where there are keys too",
    { positive: ["auth/users-array"], edge: ["auth/nkeys"] },
    () => ({ user: "alice", pass: "x" }),
  ),
  scenario(
    ACCOUNTS,
    "users with keys are in their accounts",
    { positive: ["auth/nkeys"] },
    client("b", { user: "b", pass: "x" }),
    open("a"),
    answer("a", (nonce) => ({ nkey: NKEY, sig: sign(USER, nonce) })),
    lines("a", "SUB x 1"),
    sync("a"),
    lines("b", "PUB x 1", "x"),
    sync("b"),
    sync("a"),
  ),
  admitted(
    SILENT,
    "no_auth_user with a key signs nothing",
    { positive: ["auth/no-auth-user"] },
    () => ({}),
  ),
  refused(
    SILENT,
    "who names another key is not no_auth_user",
    { edge: ["auth/no-auth-user"] },
    () => ({ nkey: STRANGER.getPublicKey() }),
  ),
  scenario(
    SILENT,
    "no_auth_user with a key needs CONNECT",
    { edge: ["auth/no-auth-user"] },
    open("a"),
    expect("a", "INFO"),
    lines("a", "PING"),
    closed("a"),
  ),
  admitted(
    TYPES,
    "a connection type that is allowed",
    { positive: ["auth/connection-types"] },
    (nonce) => ({
      nkey: STRANGER.getPublicKey(),
      sig: sign(STRANGER, nonce),
    }),
  ),
  refused(
    TYPES,
    "a connection type that is not",
    { edge: ["auth/connection-types"] },
    (nonce) => ({ nkey: NKEY, sig: sign(USER, nonce) }),
  ),
  admitted(
    PROXIED,
    "a proxy's signature where it is required",
    { positive: ["auth/proxies-trusted", "auth/proxy-required"] },
    (nonce) => ({
      user: "alice",
      pass: "x",
      proxy_sig: sign(PROXY, nonce),
    }),
  ),
  admitted(
    PROXIED,
    "a proxy's signature beside the user's",
    { positive: ["auth/proxies-trusted"] },
    (nonce) => ({
      nkey: NKEY,
      sig: sign(USER, nonce),
      proxy_sig: sign(PROXY, nonce),
    }),
  ),
  refused(
    PROXIED,
    "no proxy where one is required",
    proxyEdge,
    () => ({ user: "alice", pass: "x" }),
    logged(/proxy connection required/),
  ),
  refused(
    PROXIED,
    "the signature of a proxy that is not trusted",
    proxyEdge,
    (nonce) => ({
      user: "bob",
      pass: "x",
      proxy_sig: sign(OTHER_PROXY, nonce),
    }),
    logged(/proxy is not trusted/),
  ),
  refused(
    PROXIED,
    "a proxy's signature in the alphabet of MIME",
    proxyEdge,
    (nonce) => ({
      user: "bob",
      pass: "x",
      proxy_sig: sign(PROXY, nonce, true),
    }),
    logged(/Proxy signature not valid base64/),
  ),
  admitted(
    PROXIED,
    "who needs no proxy needs no signature",
    proxyEdge,
    () => ({ user: "bob", pass: "x" }),
  ),
  admitted(
    PROXY_FOR_ALL,
    "a proxy for the only user",
    { positive: ["auth/proxy-required"] },
    (nonce) => ({
      user: "alice",
      pass: "x",
      proxy_sig: sign(PROXY, nonce),
    }),
  ),
  scenario(
    PROXY_UNKNOWN,
    "a proxy is required and none is trusted",
    { edge: ["auth/proxy-required"] },
    open("a"),
    expect("a", "INFO"),
    connect("a", { auth_token: "x", proxy_sig: "eA" }),
    closed("a"),
  ),
  aloneScenario(
    KEYS,
    "a user whose key is taken away by a reload has to leave",
    { edge: ["auth/nkeys", "auth/reload-revocation"] },
    open("a"),
    answer("a", (nonce) => ({ nkey: NKEY, sig: sign(USER, nonce) })),
    sync("a"),
    client("b", { user: "alice", pass: "x" }),
    reload(
      [
        "host: 127.0.0.1",
        "port: -1",
        "debug: true",
        `authorization { users = [
          {nkey: ${STRANGER.getPublicKey()}}
          {user: alice, password: x}
        ] }`,
        "",
      ].join("\n"),
    ),
    closed("a"),
    sync("b"),
  ),
  aloneScenario(
    KEYS,
    "a reload narrows the permissions of a user with a key",
    { positive: ["auth/reload-revocation"] },
    open("a"),
    answer("a", (nonce) => ({ nkey: NKEY, sig: sign(USER, nonce) })),
    lines("a", "SUB a 1"),
    sync("a"),
    reload(
      [
        "host: 127.0.0.1",
        "port: -1",
        "debug: true",
        `authorization { users = [
          {nkey: ${NKEY}, permissions: {subscribe: "c"}}
          {user: alice, password: x}
        ] }`,
        "",
      ].join("\n"),
    ),
    expect("a", "Permissions Violation"),
    lines("a", "SUB a 2"),
    sync("a"),
  ),
  aloneScenario(
    PROXIED,
    "a proxy that is no longer trusted loses its connections",
    { edge: ["auth/proxies-trusted"] },
    open("a"),
    answer("a", (nonce) => ({
      user: "bob",
      pass: "x",
      proxy_sig: sign(PROXY, nonce),
    })),
    sync("a"),
    client("b", { user: "bob", pass: "x" }),
    reload(
      [
        "host: 127.0.0.1",
        "port: -1",
        "debug: true",
        proxies(OTHER_PROXY),
        PROXY_USERS,
        "",
      ].join("\n"),
    ),
    closed("a"),
    sync("b"),
  ),
];
