/**
 * Clients of all kinds as monitoring shows them: who they are, how they came,
 * and what is left of them when they have gone.
 *
 * @module
 */

import { createAccount, createUser } from "@nats-io/nkeys";
import { TestOperator, userJwt } from "../../tools/operator.ts";
import {
  answer,
  connect,
  expect,
  finish,
  type Fixture,
  lines,
  monitor,
  open,
  pause,
  type Scenario,
  scenario,
  type Step,
  type Steps,
  sync,
  tls,
} from "../harness/mod.ts";
import { normalise } from "../monitor/normalise.ts";
import { server } from "./fixtures.ts";
import { FILES, trusting } from "./tls_servers.ts";

/** Figures of what a server has besides its clients, and of its whole life. */
const FURTHER = new Set([
  "subscriptions",
  "num_subscriptions",
  "num_inserts",
  "num_removes",
  "total",
  "total_connections",
  "total_conns",
  "in_msgs",
  "in_bytes",
  "in_client_msgs",
  "in_client_bytes",
  "out_msgs",
  "out_bytes",
  "out_client_msgs",
  "out_client_bytes",
  "msgs",
  "bytes",
  "git_commit",
  // Which of the suites that both sides know is the TLS library's choice.
  "tls_cipher_suite",
  "config_digest",
  "http_req_stats",
]);

/** An endpoint's answer as far as it can be compared. */
function shown(path: string, pick: (body: Body) => unknown = (body) => body) {
  return monitor(path, (body) => {
    const text = JSON.stringify(pick(body as Body));
    return JSON.parse(normalise(text, FURTHER));
  });
}

interface Body {
  readonly connections?: readonly unknown[];
}

/** The connection that closed last. */
function last({ connections = [] }: Body): unknown {
  return connections.at(-1);
}

const HTTP = "http: 127.0.0.1:-1";
const NAMED = { name: "client", lang: "test", version: "1.2.3", protocol: 1 };

/** One way to come, and what is seen of it. */
function identity(
  name: string,
  fixture: Fixture,
  come: readonly Steps[],
  account = "$G",
): Scenario[] {
  const arrival = [
    ...come,
    lines("c", "SUB foo 1", "SUB bar q 2"),
    ...sync("c"),
  ];
  const looks: readonly (readonly [string, Step])[] = [
    ["open", shown("/connz?auth=1&subs=detail")],
    ["by account", shown(`/connz?acc=${account}&auth=true`)],
    ["subscriptions", shown("/subsz?subs=1&test=foo")],
    ["account", shown(`/accountz?acc=${account}`)],
    ["server", shown("/varz")],
  ];
  return [
    ...looks.map(([what, look]) =>
      scenario(
        fixture,
        `monitoring - ${name}: ${what}`,
        { positive: ["monitoring/auth-details"] },
        arrival,
        look,
      )
    ),
    scenario(
      fixture,
      `monitoring - ${name}: closed`,
      { edge: ["monitoring/auth-details"] },
      arrival,
      finish("c"),
      pause(50),
      shown("/connz?state=closed&auth=1&subs=1&sort=stop&limit=1", last),
    ),
  ];
}

const plain = server(HTTP);
const token = server(HTTP, "authorization { token: secret }");
const password = server(HTTP, "authorization { user: u, password: p }");
const fallback = server(
  HTTP,
  "accounts { A: { users: [{user: a, password: a}] } }",
  "no_auth_user: a",
);

const NKEY = createUser();
const nkey = server(
  HTTP,
  `accounts { N: { users: [{nkey: ${NKEY.getPublicKey()}}] } }`,
);

const operator = new TestOperator();
const ACCOUNT = createAccount();
const SYSTEM = createAccount();
const USER = createUser();
const RICH = createAccount();
const RICH_JWT = await operator.account(RICH, {
  description: "many claims",
  info_url: "https://example.com",
  signing_keys: [createAccount().getPublicKey()],
  revocations: { [createUser().getPublicKey()]: 1_700_000_000, "*": 5 },
  default_permissions: { pub: { allow: ["a.>"] }, sub: { deny: ["b"] } },
  mappings: { "from": [{ subject: "to", weight: 40 }] },
  trace: { dest: "traces", sampling: 20 },
  tags: ["one", "two"],
} as object);
const DATED = createAccount();
/** Names what it imports in the old way, which is warned of. */
const DATED_JWT = await operator.account(DATED, {
  imports: [{
    name: "old",
    subject: "svc",
    account: ACCOUNT.getPublicKey(),
    to: "svc.local",
    type: "service",
  }, {
    name: "old",
    subject: "news",
    account: ACCOUNT.getPublicKey(),
    to: "here",
    type: "stream",
  }],
} as object);
const DATED_USER = await userJwt(DATED, {}, { user: USER });
const RICH_USER = await userJwt(RICH, {}, { user: USER });
const USER_JWT = await userJwt(ACCOUNT, {}, { user: USER });
const jwt = server(
  HTTP,
  `operator: "${await operator.jwt()}"`,
  `system_account: ${SYSTEM.getPublicKey()}`,
  "resolver: MEMORY",
  `resolver_preload {
    ${ACCOUNT.getPublicKey()}: "${await operator.account(ACCOUNT)}"
    ${RICH.getPublicKey()}: "${RICH_JWT}"
    ${DATED.getPublicKey()}: "${DATED_JWT}"
    ${SYSTEM.getPublicKey()}: "${await operator.account(SYSTEM)}"
  }`,
);

const secured: Fixture = {
  ...server(
    HTTP,
    `tls {
      cert_file: "{{dir}}/server.pem", key_file: "{{dir}}/server-key.pem"
      timeout: 2
    }`,
  ),
  files: FILES,
};

function sign(key: typeof USER, nonce: string): string {
  const signature = key.sign(new TextEncoder().encode(nonce));
  return btoa(String.fromCharCode(...signature)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}

function known(fields: Readonly<Record<string, unknown>>): Steps[] {
  return [open("c"), connect("c", { ...NAMED, ...fields }), ...sync("c")];
}

export const MONITOR_IDENTITIES: readonly Scenario[] = [
  scenario(
    jwt,
    "monitoring - what the system account's JWT says",
    { positive: ["monitoring/accountz"] },
    shown(`/accountz?acc=${SYSTEM.getPublicKey()}`),
  ),
  scenario(
    jwt,
    "monitoring - what a JWT with many claims says",
    { positive: ["monitoring/accountz"], edge: ["monitoring/accountz"] },
    open("c"),
    answer("c", (nonce) => ({ jwt: RICH_USER, sig: sign(USER, nonce) })),
    ...sync("c"),
    shown(`/accountz?acc=${RICH.getPublicKey()}`),
  ),
  scenario(
    jwt,
    "monitoring - what can be said against a valid JWT",
    { positive: ["monitoring/accountz"], edge: ["monitoring/accountz"] },
    open("c"),
    answer("c", (nonce) => ({ jwt: DATED_USER, sig: sign(USER, nonce) })),
    ...sync("c"),
    shown(`/accountz?acc=${DATED.getPublicKey()}`),
  ),
  ...identity("anybody", plain, known({})),
  ...identity("a token", token, known({ auth_token: "secret" })),
  ...identity("a password", password, known({ user: "u", pass: "p" })),
  ...identity("nobody in particular", fallback, known({}), "A"),
  ...identity("an nkey", nkey, [
    open("c"),
    answer("c", (nonce) => ({
      ...NAMED,
      nkey: NKEY.getPublicKey(),
      sig: sign(NKEY, nonce),
    })),
    ...sync("c"),
  ], "N"),
  ...identity("TLS", secured, [
    open("c"),
    expect("c", "INFO"),
    tls("c", trusting),
    connect("c", NAMED),
    ...sync("c"),
  ]),
  ...identity("a JWT", jwt, [
    open("c"),
    answer("c", (nonce) => ({
      ...NAMED,
      jwt: USER_JWT,
      sig: sign(USER, nonce),
    })),
    ...sync("c"),
  ], ACCOUNT.getPublicKey()),
];
