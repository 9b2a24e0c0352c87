/**
 * Connection life cycle: INFO before and after CONNECT, who may begin.
 *
 * @module
 */

import {
  aloneScenario,
  client,
  closed,
  connect,
  expect,
  finish,
  lines,
  logged,
  monitor,
  open,
  pause,
  quiet,
  type Scenario,
  scenario,
  send,
  sync,
} from "../harness/mod.ts";
import { PLAIN, server } from "./fixtures.ts";

const NAMED = server('server_name: "north"');
const ADVERTISED = server('client_advertise: "nats.example.com:7777"');
const USERS = server(
  "authorization { users = [{user: a, password: x}, {user: b, password: y}] }",
);
const NO_AUTH_USER = server(
  'authorization { users = [{user: a, password: x}, {user: guest, password: g, permissions: {publish: "open.>"}}] }',
  "no_auth_user: guest",
);
const NKEY = server(
  "authorization { users = [{nkey: UCNGL4W5QX66CFX6A6DCBVDH5VOHMI7B2UZZU7TXAUQQSI2JPHULCKBR}] }",
);
const ALL_INTERFACES = {
  config: "host: 0.0.0.0\nport: -1\n",
};
const ACCOUNTS = server(
  "accounts { A: { users: [{user: a, password: x}] }, B: { users: [{user: b, password: y}] } }",
);
const SYSTEM = server(
  "accounts { SYS: { users: [{user: s, password: s}] }, A: { users: [{user: a, password: a}] } }",
  "system_account: SYS",
);

const WATCHED = server('http: "127.0.0.1:-1"');
const FORGETFUL = server('http: "127.0.0.1:-1"', "max_closed_clients: 1");

export const LIFECYCLE: readonly Scenario[] = [
  scenario(
    PLAIN,
    "INFO comes first, unasked",
    {
      positive: [
        "client-protocol/info-first",
        "client-protocol/info-fields",
        "client-protocol/tcp-accept",
      ],
    },
    open("a"),
    expect("a", "INFO"),
    quiet("a"),
  ),
  scenario(
    PLAIN,
    "INFO names the client's address",
    { positive: ["client-protocol/client-ip"] },
    open("a"),
    expect("a", '"client_ip":"127.0.0.1"'),
  ),
  scenario(
    NAMED,
    "INFO carries the configured server name",
    { edge: ["client-protocol/info-fields"] },
    open("a"),
    expect("a", '"server_name":"north"'),
  ),
  scenario(
    ADVERTISED,
    "an advertised address is the host of INFO",
    { edge: ["client-protocol/info-first"] },
    open("a"),
    expect("a", "INFO"),
    connect("a", { protocol: 1 }),
    sync("a"),
  ),
  scenario(
    ALL_INTERFACES,
    "a server on all interfaces accepts on the loopback interface",
    { edge: ["client-protocol/tcp-accept"] },
    open("a"),
    connect("a"),
    expect("a", "INFO"),
    lines("a", "PING"),
    expect("a", "PONG"),
  ),
  scenario(
    PLAIN,
    "the first PING of a protocol 1 client brings connect_info after the PONG",
    { positive: ["client-protocol/connect-info-info"] },
    open("a"),
    connect("a", { protocol: 1 }),
    sync("a"),
    sync("a"),
    sync("a"),
  ),
  scenario(
    PLAIN,
    "a protocol 0 client never gets connect_info",
    { edge: ["client-protocol/connect-info-info"] },
    client("a", { protocol: 0 }),
    sync("a"),
    quiet("a"),
  ),
  scenario(
    PLAIN,
    "a PING before CONNECT brings no connect_info; the first after it does not either",
    {
      edge: ["client-protocol/connect-info-info", "client-protocol/ping-pong"],
    },
    open("a"),
    sync("a"),
    connect("a", { protocol: 1 }),
    sync("a"),
    sync("a"),
  ),
  scenario(
    ACCOUNTS,
    "connect_info names the account",
    { positive: ["client-protocol/connect-info-info"] },
    open("a"),
    connect("a", { protocol: 1, user: "b", pass: "y" }),
    sync("a"),
    sync("a"),
  ),
  scenario(
    SYSTEM,
    "connect_info marks the system account",
    { edge: ["client-protocol/connect-info-info"] },
    open("a"),
    connect("a", { protocol: 1, user: "s", pass: "s" }),
    sync("a"),
    sync("a"),
  ),
  scenario(
    NKEY,
    "a server with nkey users sends a nonce",
    {
      positive: [
        "client-protocol/nonce",
        "client-protocol/auth-required-in-info",
      ],
    },
    open("a"),
    expect("a", "nonce"),
  ),
  scenario(
    USERS,
    "a server with passwords only sends no nonce",
    {
      edge: ["client-protocol/nonce"],
      positive: ["client-protocol/auth-required-in-info"],
    },
    open("a"),
    expect("a", '"auth_required":true'),
  ),
  scenario(
    NO_AUTH_USER,
    "auth_required is not claimed when no_auth_user lets anybody in",
    {
      edge: ["client-protocol/auth-required-in-info"],
      positive: ["auth/no-auth-user"],
    },
    open("a"),
    expect("a", "INFO"),
    connect("a"),
    sync("a"),
  ),
  scenario(
    NO_AUTH_USER,
    "with no_auth_user the first operation need not be CONNECT",
    {
      edge: ["client-protocol/first-op-must-be-connect-when-auth-required"],
      positive: ["auth/no-auth-user"],
    },
    open("a"),
    lines("a", "SUB open.x 1", "PUB open.x 2", "hi", "PUB shut.x 2", "no"),
    expect("a", "Permissions Violation"),
    sync("a"),
  ),
  scenario(
    NO_AUTH_USER,
    "credentials take precedence over no_auth_user",
    { edge: ["auth/no-auth-user"] },
    open("a"),
    connect("a", { user: "a", pass: "x" }),
    lines("a", "PUB shut.x 2", "ok"),
    sync("a"),
    open("b"),
    connect("b", { user: "a", pass: "wrong" }),
    expect("b", "Authorization Violation"),
    closed("b"),
  ),
  scenario(
    USERS,
    "the first operation must be CONNECT when authorization is required",
    {
      positive: ["client-protocol/first-op-must-be-connect-when-auth-required"],
    },
    open("a"),
    expect("a", "INFO"),
    lines("a", "SUB foo 1"),
    closed("a"),
  ),
  scenario(
    USERS,
    "even PING may not come before CONNECT when authorization is required",
    { edge: ["client-protocol/first-op-must-be-connect-when-auth-required"] },
    open("a"),
    expect("a", "INFO"),
    lines("a", "PING"),
    closed("a"),
  ),
  scenario(
    USERS,
    "garbage before CONNECT is an authorization violation too",
    { edge: ["client-protocol/first-op-must-be-connect-when-auth-required"] },
    open("a"),
    expect("a", "INFO"),
    lines("a", "GET / HTTP/1.1"),
    closed("a"),
  ),
  aloneScenario(
    server("debug: true"),
    "the log names a client by address, number and what CONNECT told",
    { positive: ["client-protocol/log-identity-string"] },
    client("a", { name: "tester", lang: "raw", version: "1.2.3" }),
    logged(/127\.0\.0\.1:\d+ - cid:\d+ - Client connection created/),
    send("a", "SUB foo\r\n"),
    closed("a"),
    logged(/127\.0\.0\.1:\d+ - cid:\d+ - "v1\.2\.3:raw:tester" - /),
  ),
  aloneScenario(
    server("debug: true"),
    "a client that never said CONNECT is logged by address and number only",
    { edge: ["client-protocol/log-identity-string"] },
    open("a"),
    expect("a", "INFO"),
    send("a", "SUB foo\r\n"),
    closed("a"),
    logged(/127\.0\.0\.1:\d+ - cid:\d+ - Client connection closed: /),
  ),
  aloneScenario(
    server("debug: true", "trace: true"),
    "a trace of CONNECT hides the password",
    {
      positive: [
        "client-protocol/secrets-redaction-in-trace",
        "cli-signals-logging/trace-ops",
      ],
    },
    open("a"),
    lines("a", 'CONNECT {"user":"me","pass":"s3cr3t","verbose":false}'),
    sync("a"),
    logged(
      /<<- \[CONNECT \{"user":"me","pass":"\[REDACTED\]","verbose":false\}\]/,
    ),
  ),
  aloneScenario(
    server("debug: true", "trace: true"),
    "a trace of CONNECT hides token, signature and nkey, in any spacing",
    { edge: ["client-protocol/secrets-redaction-in-trace"] },
    open("a"),
    lines("a", 'CONNECT {"auth_token": "s3cr3t","verbose":false}'),
    sync("a"),
    logged(/<<- \[CONNECT \{"auth_token": "\[REDACTED\]","verbose":false\}\]/),
    lines("a", 'CONNECT {"nkey":"UABC","sig":"xyz","verbose":false}'),
    sync("a"),
    logged(/<<- \[CONNECT \{"nkey":"\[REDACTED\]","sig":"\[REDACTED\]"/),
  ),
  aloneScenario(
    WATCHED,
    "closed connections are listed with their reasons",
    { positive: ["client-protocol/closed-connection-ring"] },
    client("a"),
    finish("a"),
    // The Go server notes a close some time after it.
    pause(200),
    client("b"),
    lines("b", "NONSENSE"),
    closed("b"),
    pause(200),
    monitor("/connz?state=closed", reasons),
  ),
  aloneScenario(
    FORGETFUL,
    "only so many closed connections are remembered",
    { edge: ["client-protocol/closed-connection-ring"] },
    client("a"),
    finish("a"),
    // The Go server notes a close some time after it.
    pause(200),
    client("b"),
    lines("b", "NONSENSE"),
    closed("b"),
    pause(200),
    monitor("/connz?state=closed", reasons),
  ),
];

/** Why each connection of a `/connz` body was closed. */
function reasons(body: unknown): unknown {
  const { connections } = body as { connections: { reason: string }[] };
  return connections.map(({ reason }) => reason);
}
