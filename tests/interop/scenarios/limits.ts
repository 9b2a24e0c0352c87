/**
 * Limits that the server sets on clients: payload, connections,
 * subscriptions, tokens, pending bytes.
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
  open,
  pause,
  reload,
  type Scenario,
  scenario,
  send,
  stall,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { PLAIN, server } from "./fixtures.ts";

const SMALL_PAYLOAD = server("max_payload: 16");
const FEW_SUBSCRIPTIONS = server("max_subscriptions: 2");
const FEW_TOKENS = server("max_subscription_tokens: 3");
const TWO_CONNECTIONS = server("max_connections: 2");
const NO_CONNECTIONS = server("max_connections: 0");
const LITTLE_PENDING = server("max_pending: 1024", "max_payload: 1024");

/** Publishes some messages of nearly a megabyte. */
function flood(on: string, messages: number): Steps {
  const message = `PUB flood 900000\r\n${"f".repeat(900_000)}\r\n`;
  return Array.from({ length: messages }, () => send(on, message));
}

const PAYLOAD: readonly Scenario[] = [
  scenario(
    SMALL_PAYLOAD,
    "a payload as large as the limit passes, and INFO tells the limit",
    { positive: ["client-protocol/max-payload"] },
    open("a"),
    expect("a", '"max_payload":16'),
    connect("a", { headers: true }),
    lines(
      "a",
      "SUB p 1",
      "PUB p 16",
      "0123456789abcdef",
      "HPUB p 12 16",
      "NATS/1.0",
      "",
      "abcd",
    ),
    sync("a"),
  ),
  scenario(
    SMALL_PAYLOAD,
    "a larger payload is refused from the PUB line alone",
    { edge: ["client-protocol/max-payload", "client-protocol/flush-on-close"] },
    client("a"),
    lines("a", "PUB p 17"),
    closed("a"),
  ),
  scenario(
    SMALL_PAYLOAD,
    "with HPUB the total counts",
    { edge: ["client-protocol/max-payload"] },
    client("a", { headers: true }),
    lines("a", "HPUB p 12 17"),
    closed("a"),
  ),
  scenario(
    PLAIN,
    "the default limit is one mebibyte",
    { edge: ["client-protocol/max-payload"] },
    client("a"),
    lines("a", "PUB p 1048577"),
    closed("a"),
  ),
  aloneScenario(
    SMALL_PAYLOAD,
    "a reload of the limit binds connected clients, without telling them",
    {
      edge: [
        "client-protocol/max-payload",
        "client-protocol/async-info-to-clients",
      ],
    },
    client("a", { protocol: 1 }),
    sync("a"),
    client("b", { protocol: 0 }),
    reload(server("max_payload: 8").config),
    sync("a", "b"),
    lines("b", "PUB p 9"),
    closed("b"),
    lines("a", "SUB p 1", "PUB p 8", "01234567"),
    sync("a"),
    lines("a", "PUB p 9"),
    closed("a"),
    open("c"),
    expect("c", '"max_payload":8'),
  ),
];

const CONNECTIONS: readonly Scenario[] = [
  aloneScenario(
    TWO_CONNECTIONS,
    "a connection over the limit gets INFO and an error",
    { positive: ["client-protocol/max-connections"] },
    client("a"),
    client("b"),
    open("c"),
    closed("c"),
    sync("a", "b"),
  ),
  aloneScenario(
    TWO_CONNECTIONS,
    "a closed connection makes room",
    { edge: ["client-protocol/max-connections"] },
    client("a"),
    client("b"),
    finish("a"),
    pause(100),
    client("c"),
    open("d"),
    closed("d"),
  ),
  aloneScenario(
    NO_CONNECTIONS,
    "a limit of zero lets nobody in",
    { edge: ["client-protocol/max-connections"] },
    open("a"),
    closed("a"),
  ),
];

const SUBSCRIPTIONS: readonly Scenario[] = [
  scenario(
    FEW_SUBSCRIPTIONS,
    "a subscription over the limit is refused, the connection stays",
    { positive: ["client-protocol/max-subscriptions"] },
    client("a"),
    lines(
      "a",
      "SUB s.1 1",
      "SUB s.2 2",
      "SUB s.3 3",
      "PUB s.3 1",
      "3",
      "PUB s.2 1",
      "2",
    ),
    sync("a"),
  ),
  scenario(
    FEW_SUBSCRIPTIONS,
    "the limit holds per connection, and UNSUB makes room",
    { edge: ["client-protocol/max-subscriptions"] },
    client("a"),
    client("b"),
    lines("a", "SUB s.1 1", "SUB s.2 2", "UNSUB 1", "SUB s.3 3", "SUB s.3 3"),
    sync("a"),
    lines("b", "SUB s.1 1", "SUB s.2 2"),
    sync("b"),
    lines("a", "PUB s.3 1", "3"),
    sync("a"),
  ),
  scenario(
    FEW_SUBSCRIPTIONS,
    "a duplicate sid at the limit is judged by the limit first",
    {
      edge: [
        "client-protocol/max-subscriptions",
        "client-protocol/duplicate-sid",
      ],
    },
    client("a", { verbose: true }),
    lines("a", "SUB s.1 1", "SUB s.2 2", "SUB s.2 2"),
    sync("a"),
  ),
  scenario(
    FEW_TOKENS,
    "a subject with as many tokens as allowed passes",
    { positive: ["client-protocol/max-subscription-tokens"] },
    client("a"),
    lines("a", "SUB a.b.c 1", "SUB a.*.> 2", "PUB a.b.c.d 1", "x"),
    sync("a"),
  ),
  scenario(
    FEW_TOKENS,
    "a subject with more tokens is a permission violation",
    { edge: ["client-protocol/max-subscription-tokens"] },
    client("a"),
    lines("a", "SUB a.b.c.d 1"),
    expect("a", "-ERR"),
    lines("a", "SUB a.b.c.> q 2"),
    expect("a", "-ERR"),
    sync("a"),
  ),
];

const PENDING: readonly Scenario[] = [
  aloneScenario(
    LITTLE_PENDING,
    "a client that is sent more than may be pending is closed without a word",
    { positive: ["client-protocol/max-pending"] },
    client("a"),
    lines("a", "SUB big 1"),
    sync("a"),
    client("b"),
    send("b", `PUB big 1024\r\n${"x".repeat(1024)}\r\n`),
    closed("a"),
    logged(/Slow Consumer Detected: MaxPending of 1024 Exceeded/),
    sync("b"),
  ),
  aloneScenario(
    server("max_pending: 4000000", "max_payload: 1000000"),
    "a client that does not read is closed when too much is pending",
    { positive: ["client-protocol/max-pending"] },
    client("a"),
    lines("a", "SUB flood 1"),
    sync("a"),
    stall("a"),
    client("b"),
    flood("b", 30),
    logged(/Slow Consumer Detected: MaxPending of 4000000 Exceeded/),
    sync("b"),
  ),
  aloneScenario(
    server('write_deadline: "300ms"'),
    "a client that does not read is closed after the write deadline",
    { positive: ["client-protocol/write-deadline"] },
    client("a"),
    lines("a", "SUB flood 1"),
    sync("a"),
    stall("a"),
    client("b"),
    flood("b", 30),
    sync("b"),
    logged(
      /Slow Consumer Detected: WriteDeadline of 300ms exceeded with \d+ chunks of \d+ total bytes\./,
    ),
    sync("b"),
  ),
  aloneScenario(
    server(
      'write_deadline: "300ms"',
      "authorization { token: s, timeout: 10 }",
    ),
    "a client that reads gets as much, however short the write deadline",
    { edge: ["client-protocol/write-deadline", "client-protocol/max-pending"] },
    client("a", { auth_token: "s" }),
    lines("a", "SUB flood 1", "UNSUB 1 3"),
    sync("a"),
    client("b", { auth_token: "s" }),
    flood("b", 3),
    sync("b", "a"),
  ),
  aloneScenario(
    LITTLE_PENDING,
    "what fits into the pending bytes is delivered",
    { edge: ["client-protocol/max-pending"] },
    client("a"),
    lines("a", "SUB big 1"),
    sync("a"),
    client("b"),
    send("b", `PUB big 900\r\n${"x".repeat(900)}\r\n`),
    sync("b", "a"),
  ),
];

export const LIMITS: readonly Scenario[] = [
  ...PAYLOAD,
  ...CONNECTIONS,
  ...SUBSCRIPTIONS,
  ...PENDING,
];
