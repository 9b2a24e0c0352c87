/**
 * Pings, stale connections, slow readers and the end of a server.
 *
 * @module
 */

import {
  aloneScenario,
  client,
  closed,
  expect,
  lines,
  logged,
  open,
  pause,
  quiet,
  type Scenario,
  scenario,
  signal,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const FAST_PINGS = server('ping_interval: "200ms"', "ping_max: 2");
const ONE_PING = server('ping_interval: "200ms"', "ping_max: 1");
const LAME = server(
  'lame_duck_grace_period: "500ms"',
  'lame_duck_duration: "30s"',
);

export const KEEPALIVE: readonly Scenario[] = [
  scenario(
    FAST_PINGS,
    "a silent client is pinged, then stale",
    { positive: ["client-protocol/server-ping", "client-protocol/stale"] },
    client("a"),
    expect("a", "PING"),
    expect("a", "PING"),
    closed("a", { after: 100, within: 1_500 }),
  ),
  scenario(
    ONE_PING,
    "ping_max says how many pings may go unanswered",
    { edge: ["client-protocol/stale"] },
    client("a"),
    expect("a", "PING"),
    closed("a", { after: 100, within: 1_500 }),
  ),
  scenario(
    FAST_PINGS,
    "PONG keeps a client alive",
    {
      positive: ["client-protocol/server-ping"],
      edge: ["client-protocol/stale"],
    },
    client("a"),
    expect("a", "PING"),
    lines("a", "PONG"),
    expect("a", "PING"),
    lines("a", "PONG"),
    expect("a", "PING"),
    lines("a", "PONG"),
    sync("a"),
  ),
  scenario(
    FAST_PINGS,
    "a client that never said CONNECT is pinged too",
    { edge: ["client-protocol/server-ping"] },
    open("a"),
    expect("a", "INFO"),
    expect("a", "PING"),
    expect("a", "PING"),
    closed("a", { after: 100, within: 1_500 }),
  ),
  scenario(
    FAST_PINGS,
    "an unsolicited PONG resets the count of unanswered pings",
    { edge: ["client-protocol/stale", "client-protocol/ping-pong"] },
    client("a"),
    expect("a", "PING"),
    expect("a", "PING"),
    lines("a", "PONG"),
    expect("a", "PING"),
    expect("a", "PING"),
    closed("a", { after: 100, within: 1_500 }),
  ),
  aloneScenario(
    server(),
    "a client that is not pinged yet sees nothing for a while",
    { edge: ["client-protocol/server-ping"] },
    client("a"),
    quiet("a", 1_500),
  ),
  aloneScenario(
    LAME,
    "lame duck mode tells protocol 1 clients, keeps them for the grace period, then closes",
    {
      positive: [
        "client-protocol/lame-duck",
        "client-protocol/async-info-to-clients",
        "cli-signals-logging/sigusr2",
      ],
    },
    client("a", { protocol: 1 }),
    sync("a"),
    signal("SIGUSR2"),
    expect("a", '"ldm":true'),
    logged(/Entering lame duck mode, stop accepting new clients/),
    closed("a", { after: 300, within: 4_000 }),
  ),
  aloneScenario(
    LAME,
    "in lame duck mode protocol 0 clients are told nothing and served on",
    {
      edge: [
        "client-protocol/lame-duck",
        "client-protocol/async-info-to-clients",
      ],
    },
    client("a", { protocol: 0 }),
    signal("SIGUSR2"),
    logged(/Entering lame duck mode, stop accepting new clients/),
    lines("a", "SUB still 1", "PUB still 4", "here"),
    sync("a"),
    closed("a", { after: 200, within: 4_000 }),
  ),
  aloneScenario(
    server(),
    "a shutdown closes clients and tells nothing",
    { edge: ["client-protocol/flush-on-close", "cli-signals-logging/sigterm"] },
    client("a", { protocol: 1 }),
    sync("a"),
    signal("SIGTERM"),
    closed("a"),
  ),
  aloneScenario(
    server(),
    "an interrupt closes clients",
    { positive: ["cli-signals-logging/sigint"] },
    client("a"),
    signal("SIGINT"),
    closed("a"),
  ),
  aloneScenario(
    server('write_deadline: "300ms"'),
    "a client that reads is not harmed by a short write deadline",
    { edge: ["client-protocol/write-deadline"] },
    client("a"),
    client("b"),
    lines("a", "SUB flow 1"),
    sync("a"),
    ...Array.from(
      { length: 4 },
      () => lines("b", "PUB flow 60000", "z".repeat(60_000)),
    ),
    pause(400),
    sync("b", "a"),
  ),
];
