/**
 * Why clients leave, as it is announced in the system account.
 *
 * @module
 */

import {
  aloneScenario,
  closed,
  connect,
  expect,
  finish,
  lines,
  monitor,
  open,
  pause,
  reload,
  type Scenario,
  scenario,
  signal,
  stall,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { member } from "./accounts_streams.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `system-events/${name}`;

const SYSTEM = "SYS: { users: [{user: s, password: x}] }";
const ACCOUNTS = `accounts {
  ${SYSTEM}
  A: { users: [{user: a, password: x}, {user: o, password: x}] }
  FULL: { users: [{user: f, password: x}], limits { max_connections: 1 } }
  FEW: { users: [{user: w, password: x}], limits { max_subs: 2, max_payload: 10 } }
}
system_account: SYS`;

const EVENTFUL = server(
  "max_payload: 1000",
  "max_control_line: 300",
  "authorization { timeout: 1 }",
  ACCOUNTS,
);

/** A user of the system account, subscribed to some subjects. */
function listener(...subjects: string[]): Steps[] {
  return [
    ...member("s"),
    lines("s", ...subjects.map((subject, i) => `SUB ${subject} ${i + 1}`)),
    ...sync("s"),
  ];
}

const CONNECTS = "$SYS.ACCOUNT.*.CONNECT";
const DISCONNECTS = "$SYS.ACCOUNT.*.DISCONNECT";
const REFUSALS = "$SYS.SERVER.*.CLIENT.AUTH.ERR";

/** One client that comes, does something, and is gone. */
function departure(
  name: string,
  proves: Scenario["proves"],
  ...does: Steps[]
): Scenario {
  return scenario(
    EVENTFUL,
    `advisory - ${name}`,
    proves,
    listener(DISCONNECTS, REFUSALS),
    ...does,
    expect("s", '"reason"'),
    ...sync("s"),
  );
}

const DEPARTURES: readonly Scenario[] = [
  departure(
    "a client that closes",
    { positive: [id("disconnect")] },
    member("a"),
    lines("a", "SUB foo 1", "PUB foo 2", "hi"),
    ...sync("a"),
    finish("a"),
  ),
  departure(
    "a client that speaks another language",
    { edge: [id("disconnect")] },
    member("a"),
    lines("a", "GIBBERISH"),
    closed("a"),
  ),
  departure(
    "a client with too much to say",
    {},
    member("a"),
    lines("a", "PUB foo 2000", "x"),
    closed("a"),
  ),
  departure(
    "a client with too much to say for its account",
    {},
    member("w"),
    lines("w", "PUB foo 11", "x"),
    closed("w"),
  ),
  departure(
    "a client with too long a line",
    {},
    member("a"),
    lines("a", `PUB ${"x".repeat(400)} 1`, "x"),
    closed("a"),
  ),
  departure(
    "a client without headers that sends some",
    {},
    member("a", { headers: false, no_responders: false }),
    lines("a", "HPUB foo 12 12", "NATS/1.0\r\n"),
    closed("a"),
  ),
  departure(
    "a client with another password",
    { positive: [id("auth-error")] },
    open("x"),
    connect("x", { user: "a", pass: "y", name: "n", lang: "l", version: "v" }),
    closed("x"),
  ),
  departure(
    "a client with another name",
    { edge: [id("auth-error")] },
    open("x"),
    connect("x", { user: "nobody", pass: "y" }),
    closed("x"),
  ),
  departure(
    "a client that never says who it is",
    { edge: [id("auth-error")] },
    open("x"),
    closed("x"),
  ),
  departure(
    "a client too many for its account",
    {},
    member("f"),
    open("x"),
    connect("x", { user: "f", pass: "x" }),
    closed("x"),
  ),
];

/** A system user that kicks or warns clients by their numbers. */
const CONTROLLED: readonly Scenario[] = [
  scenario(
    EVENTFUL,
    "advisory - a client that comes",
    { positive: [id("connect")], edge: [id("connect")] },
    listener(CONNECTS),
    member("a", { name: "n", lang: "l", version: "1.2" }),
    expect("s", "CONNECT"),
    member("o", { tls_required: false }),
    expect("s", "CONNECT"),
    ...sync("s"),
  ),
  scenario(
    EVENTFUL,
    "advisory - how many connections an account has",
    { positive: [id("account-conns")] },
    listener("$SYS.ACCOUNT.*.SERVER.CONNS"),
    member("a"),
    expect("s", "SERVER.CONNS"),
    lines("a", "SUB foo 1", "PUB foo 2", "hi", "PUB nobody 3", "hey"),
    ...sync("a"),
    member("o"),
    expect("s", "SERVER.CONNS"),
    finish("a"),
    expect("s", "SERVER.CONNS"),
    finish("o"),
    expect("s", "SERVER.CONNS"),
  ),
  scenario(
    EVENTFUL,
    "advisory - how many connections an account has, by its old name",
    { edge: [id("account-conns")] },
    listener("$SYS.SERVER.ACCOUNT.*.CONNS"),
    member("a"),
    expect("s", ".CONNS"),
    finish("a"),
    expect("s", ".CONNS"),
  ),
  scenario(
    EVENTFUL,
    "advisory - nothing in any other account",
    {},
    member("a"),
    lines("a", "SUB $SYS.> 1"),
    ...sync("a"),
    member("o"),
    finish("o"),
    pause(100),
    ...sync("a"),
  ),
];

const BRIEF = server(
  'lame_duck_duration: "30s"',
  'lame_duck_grace_period: "1s"',
  ACCOUNTS,
);

const SLOW = server(
  "http: 127.0.0.1:-1",
  "max_payload: 65000",
  "max_pending: 100000",
  ACCOUNTS,
);

const STALE = server('ping_interval: "400ms"', "ping_max: 1", ACCOUNTS);

const LARGE = "x".repeat(60_000);

const ALONE: readonly Scenario[] = [
  aloneScenario(
    BRIEF,
    "advisory - a server that sends its clients away",
    {
      positive: [id("shutdown-lame-duck")],
      edge: [id("shutdown-lame-duck")],
    },
    listener("$SYS.SERVER.*.LAMEDUCK"),
    signal("SIGUSR2"),
    expect("s", "LAMEDUCK"),
  ),
  aloneScenario(
    STALE,
    "advisory - a client that answers no longer",
    {},
    [open("a"), connect("a", { user: "a", pass: "x" })],
    pause(300),
    [
      open("s"),
      connect("s", { user: "s", pass: "x" }),
      lines("s", `SUB ${DISCONNECTS} 1`),
    ],
    closed("a"),
    expect("s", '"reason"'),
    lines("s", "PONG"),
  ),
  aloneScenario(
    EVENTFUL,
    "advisory - a client whose password has changed",
    {},
    listener(DISCONNECTS),
    member("a"),
    reload(
      EVENTFUL.config.replace(
        "{user: a, password: x}",
        "{user: a, password: y}",
      ),
    ),
    closed("a"),
    expect("s", '"reason"'),
  ),
  aloneScenario(
    EVENTFUL,
    "advisory - a client whose account is gone",
    {},
    listener(DISCONNECTS),
    member("w"),
    reload(EVENTFUL.config.replace(/ FEW: .*/, "")),
    closed("w"),
    expect("s", '"reason"'),
  ),
  aloneScenario(
    SLOW,
    "advisory - a client that does not keep up",
    {},
    member("a"),
    lines("a", "SUB big 1"),
    ...sync("a"),
    stall("a"),
    member("o"),
    ...Array.from(
      { length: 200 },
      () => lines("o", `PUB big ${LARGE.length}`, LARGE),
    ),
    ...sync("o"),
    pause(200),
    monitor(
      "/connz?state=closed",
      // How much it had got depends on the buffers in between.
      (body) =>
        (body as { connections: { reason: string }[] }).connections
          .map(({ reason }) => reason),
    ),
  ),
];

export const ADVISORIES: readonly Scenario[] = [
  ...DEPARTURES,
  ...CONTROLLED,
  ...ALONE,
];
