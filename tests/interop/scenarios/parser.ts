/**
 * The parser: verbs, separators, sizes, terminators, limits on lines, and
 * operations that arrive in pieces.
 *
 * @module
 */

import {
  client,
  closed,
  connect,
  everyCut,
  expect,
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

const SMALL_LINES = server("max_control_line: 256");

/** A connected client that sends one thing and is closed for it. */
function fatal(
  name: string,
  proves: Scenario["proves"],
  text: string,
  fields: Readonly<Record<string, unknown>> = {},
): Scenario {
  return scenario(
    PLAIN,
    name,
    proves,
    client("a", fields),
    send("a", text),
    closed("a"),
  );
}

/** A connected client that sends one thing and goes on. */
function accepted(
  name: string,
  proves: Scenario["proves"],
  text: string,
  fields: Readonly<Record<string, unknown>> = {},
): Scenario {
  return scenario(
    PLAIN,
    name,
    proves,
    client("a", fields),
    send("a", text),
    sync("a"),
  );
}

const VERBS: readonly Scenario[] = [
  accepted(
    "verbs in lower case",
    { positive: ["client-protocol/byte-state-machine"] },
    "sub low 1\r\npub low 2\r\nhi\r\nunsub 1\r\n",
  ),
  accepted(
    "verbs in mixed case",
    { edge: ["client-protocol/byte-state-machine"] },
    "SuB mix 1\r\npUb mix 2\r\nhi\r\nuNsUb 1\r\n",
  ),
  scenario(
    PLAIN,
    "ping, connect and hpub in lower case",
    { positive: ["client-protocol/client-verbs"] },
    open("a"),
    expect("a", "INFO"),
    lines(
      "a",
      'connect {"verbose":false,"pedantic":false,"headers":true}',
      "ping",
    ),
    expect("a", "PONG"),
    lines("a", "sub hlow 1", "hpub hlow 12 12", "NATS/1.0", "", ""),
    sync("a"),
  ),
  accepted(
    "tabs and repeated spaces separate arguments",
    { edge: ["client-protocol/byte-state-machine"] },
    "SUB\ttab\t1\r\nSUB   wide   2\r\nPUB \t tab \t 2\r\nhi\r\nPUB  wide  2 \r\nho\r\n",
  ),
  accepted(
    "a bare line feed ends a line, but not a payload",
    { edge: ["client-protocol/byte-state-machine"] },
    "SUB bare 1\nPUB bare 2\nhi\r\n",
  ),
  accepted(
    "PING and PONG may carry trailing bytes up to the line end",
    { edge: ["client-protocol/ping-pong", "client-protocol/client-verbs"] },
    "PONG whatever\r\nPONG\r\n",
  ),
  scenario(
    PLAIN,
    "PING with trailing bytes is answered",
    { edge: ["client-protocol/ping-pong"] },
    client("a"),
    lines("a", "PING  now"),
    expect("a", "PONG"),
    sync("a"),
  ),
  scenario(
    PLAIN,
    "several PINGs in one write bring as many PONGs",
    { positive: ["client-protocol/ping-pong"] },
    client("a"),
    lines("a", "PING", "PING", "PING"),
    expect("a", "PONG"),
    expect("a", "PONG"),
    expect("a", "PONG"),
    quiet("a"),
  ),
  accepted(
    "an unsolicited PONG is accepted",
    { edge: ["client-protocol/ping-pong"] },
    "PONG\r\nPONG\r\n",
  ),
  accepted(
    "+OK from a client is ignored",
    { positive: ["client-protocol/client-verbs"] },
    "+OK\r\n",
  ),
  fatal(
    "-ERR from a client closes",
    { edge: ["client-protocol/client-verbs"] },
    "-ERR 'stop it'\r\n",
  ),
  accepted(
    "INFO from a client is ignored",
    { edge: ["client-protocol/client-verbs"] },
    'INFO {"server_id":"x"}\r\n',
  ),
  fatal(
    "an unknown verb",
    { positive: ["client-protocol/parse-error"] },
    "HELLO\r\n",
  ),
  fatal(
    "an HTTP request",
    { edge: ["client-protocol/parse-error"] },
    "GET / HTTP/1.1\r\n\r\n",
  ),
  fatal("a verb that goes wrong in the middle", {
    edge: ["client-protocol/parse-error"],
  }, "PUX foo\r\n"),
  fatal(
    "a verb without a separator",
    { edge: ["client-protocol/parse-error"] },
    "SUBfoo 1\r\n",
  ),
  fatal(
    "PI then something else",
    { edge: ["client-protocol/parse-error"] },
    "PIX\r\n",
  ),
  fatal("an empty line", { edge: ["client-protocol/parse-error"] }, "\r\n"),
  fatal("a NUL byte", { edge: ["client-protocol/parse-error"] }, "\0"),
  fatal(
    "RS+ from a client",
    { edge: ["client-protocol/client-verbs"] },
    "RS+ $G foo\r\n",
  ),
  fatal(
    "RMSG from a client",
    { edge: ["client-protocol/client-verbs"] },
    "RMSG $G foo 2\r\nhi\r\n",
  ),
  fatal(
    "LS+ from a client",
    { edge: ["client-protocol/client-verbs"] },
    "LS+ foo\r\n",
  ),
  fatal(
    "LMSG from a client",
    { edge: ["client-protocol/client-verbs"] },
    "LMSG foo 2\r\nhi\r\n",
  ),
  fatal(
    "A+ from a client",
    { edge: ["client-protocol/client-verbs"] },
    "A+ acc\r\n",
  ),
  fatal(
    "MSG from a client",
    { edge: ["client-protocol/client-verbs"] },
    "MSG foo 1 2\r\nhi\r\n",
  ),
  fatal(
    "HMSG from a client",
    { edge: ["client-protocol/client-verbs"] },
    "HMSG foo 1 12 14\r\n",
  ),
  scenario(
    PLAIN,
    "a parse error is logged with state, position and snippet",
    { positive: ["client-protocol/parse-error"] },
    client("a"),
    send("a", "WHAT is this\r\n"),
    closed("a"),
    logged(
      /\[ERR\].*parser ERROR, state=0, i=0: proto='"WHAT is this\\r"\.\.\.'/,
    ),
  ),
  scenario(
    PLAIN,
    "operations after a parse error are not carried out",
    { edge: ["client-protocol/parse-error"] },
    client("a"),
    client("b"),
    lines("b", "SUB late 1"),
    sync("b"),
    send("a", "PUB late 1\r\n1\r\nNONSENSE\r\nPUB late 1\r\n2\r\n"),
    closed("a"),
    sync("b"),
  ),
];

const ARGUMENTS: readonly Scenario[] = [
  accepted(
    "PUB with and without reply",
    { positive: ["client-protocol/pub", "client-protocol/msg"] },
    "SUB pub.> 1\r\nPUB pub.a 2\r\nhi\r\nPUB pub.b answer 2\r\nho\r\n",
  ),
  accepted(
    "PUB with an empty payload",
    { edge: ["client-protocol/pub", "client-protocol/msg"] },
    "SUB void 1\r\nPUB void 0\r\n\r\nPUB void answer 0\r\n\r\n",
  ),
  accepted(
    "a payload may hold line ends and operations",
    { edge: ["client-protocol/pub"] },
    "SUB tricky 1\r\nPUB tricky 14\r\nPING\r\nPUB x\r\n\n\r\n",
  ),
  accepted(
    "a payload may hold any byte",
    { edge: ["client-protocol/pub"] },
    "SUB bytes 1\r\nPUB bytes 6\r\n\0\x01\x7f\t\r\n\r\n",
  ),
  fatal(
    "PUB with a subject only",
    { edge: ["client-protocol/pub"] },
    "PUB foo\r\n",
  ),
  fatal("PUB without arguments", { edge: ["client-protocol/pub"] }, "PUB \r\n"),
  fatal(
    "PUB with four arguments",
    { edge: ["client-protocol/pub"] },
    "PUB foo bar baz 2\r\nhi\r\n",
  ),
  fatal("PUB with a size that is no number", {
    positive: ["client-protocol/size-parsing"],
  }, "PUB foo 2x\r\nhi\r\n"),
  fatal(
    "PUB with a negative size",
    { edge: ["client-protocol/size-parsing"] },
    "PUB foo -2\r\nhi\r\n",
  ),
  fatal(
    "PUB with a signed size",
    { edge: ["client-protocol/size-parsing"] },
    "PUB foo +2\r\nhi\r\n",
  ),
  fatal("PUB with a hexadecimal size", {
    edge: ["client-protocol/size-parsing"],
  }, "PUB foo 0x2\r\nhi\r\n"),
  fatal("PUB with a size of ten digits", {
    edge: ["client-protocol/size-parsing"],
  }, "PUB foo 0000000002\r\nhi\r\n"),
  fatal("PUB with a size that would overflow", {
    edge: ["client-protocol/size-parsing"],
  }, "PUB foo 99999999999999999999\r\n"),
  accepted(
    "PUB with leading zeros in the size",
    { edge: ["client-protocol/size-parsing"] },
    "SUB zeros 1\r\nPUB zeros 000000002\r\nhi\r\n",
  ),
  fatal("a payload longer than told", {
    positive: ["client-protocol/payload-terminator"],
  }, "PUB foo 2\r\nhixx\r\n"),
  fatal("a payload that ends with LF only", {
    edge: ["client-protocol/payload-terminator"],
  }, "PUB foo 2\r\nhi\nPING\r\n"),
  fatal("a payload followed by CR and another byte", {
    edge: ["client-protocol/payload-terminator"],
  }, "PUB foo 2\r\nhi\rxPING\r\n"),
  scenario(
    PLAIN,
    "a wrong terminator that comes in a second read",
    {
      edge: [
        "client-protocol/payload-terminator",
        "client-protocol/oversized-remainder",
      ],
    },
    client("a"),
    send("a", "PUB foo 4\r\nhixxyyzz\r\n", { cuts: [13], pause: 20 }),
    closed("a"),
  ),
  scenario(
    PLAIN,
    "a payload split over reads with the right length",
    {
      positive: [
        "client-protocol/oversized-remainder",
        "client-protocol/split-buffers",
      ],
    },
    client("a"),
    lines("a", "SUB parts 1"),
    send("a", "PUB parts 8\r\nabcdefgh\r\n", { cuts: [15, 18], pause: 20 }),
    sync("a"),
  ),
  scenario(
    PLAIN,
    "a large payload over many reads",
    { positive: ["client-protocol/read-buffers"] },
    client("a"),
    lines("a", "SUB large 1"),
    send("a", `PUB large 70000\r\n${"0123456789".repeat(7000)}\r\n`, {
      cuts: [600, 5000, 33000],
    }),
    sync("a"),
  ),
  scenario(
    PLAIN,
    "many small operations in one write, then a large one",
    { edge: ["client-protocol/read-buffers"] },
    client("a"),
    lines("a", "SUB many 1"),
    send(
      "a",
      "PUB many 1\r\nx\r\n".repeat(300) +
        `PUB many 3000\r\n${"y".repeat(3000)}\r\n`,
    ),
    sync("a"),
  ),
  accepted(
    "HPUB with reply, without payload, with a status line",
    { positive: ["client-protocol/hpub"] },
    "SUB hp.> 1\r\nHPUB hp.a answer 12 14\r\nNATS/1.0\r\n\r\nhi\r\nHPUB hp.b 12 12\r\nNATS/1.0\r\n\r\n\r\n",
    { headers: true },
  ),
  accepted(
    "HPUB with a header length of zero",
    { edge: ["client-protocol/hpub"] },
    "SUB hz 1\r\nHPUB hz 0 2\r\nhi\r\n",
    { headers: true },
  ),
  accepted(
    "HPUB passes a header block on that is none",
    { edge: ["client-protocol/hpub"] },
    "SUB hn 1\r\nHPUB hn 7 9\r\nnothinghi\r\n",
    { headers: true },
  ),
  fatal(
    "HPUB with a header longer than the whole",
    { edge: ["client-protocol/hpub"] },
    "HPUB foo 14 12\r\nNATS/1.0\r\n\r\n\r\n",
    { headers: true },
  ),
  fatal(
    "HPUB with one size only",
    { edge: ["client-protocol/hpub"] },
    "HPUB foo 12\r\nNATS/1.0\r\n\r\n\r\n",
    { headers: true },
  ),
  fatal(
    "HPUB with five arguments",
    { edge: ["client-protocol/hpub"] },
    "HPUB foo bar baz 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
    { headers: true },
  ),
  fatal(
    "HPUB with a bad header length",
    { edge: ["client-protocol/hpub", "client-protocol/size-parsing"] },
    "HPUB foo x 14\r\nNATS/1.0\r\n\r\nhi\r\n",
    { headers: true },
  ),
  fatal(
    "HPUB with a bad total length",
    { edge: ["client-protocol/hpub", "client-protocol/size-parsing"] },
    "HPUB foo 12 y\r\nNATS/1.0\r\n\r\nhi\r\n",
    { headers: true },
  ),
  accepted(
    "SUB with and without a queue group, sids that are no numbers",
    { positive: ["client-protocol/sub"] },
    "SUB s.a 1\r\nSUB s.b group two\r\nPUB s.a 1\r\na\r\nPUB s.b 1\r\nb\r\n",
  ),
  fatal("SUB without a sid", { edge: ["client-protocol/sub"] }, "SUB foo\r\n"),
  fatal("SUB without arguments", { edge: ["client-protocol/sub"] }, "SUB \r\n"),
  fatal(
    "SUB with four arguments",
    { edge: ["client-protocol/sub"] },
    "SUB foo bar 1 2\r\n",
  ),
  accepted(
    "UNSUB ends a subscription; an unknown sid is ignored",
    { positive: ["client-protocol/unsub"] },
    "SUB u.a 1\r\nPUB u.a 1\r\n1\r\nUNSUB 1\r\nPUB u.a 1\r\n2\r\nUNSUB 77\r\n",
  ),
  fatal(
    "UNSUB without a sid",
    { edge: ["client-protocol/unsub"] },
    "UNSUB \r\n",
  ),
  fatal(
    "UNSUB with three arguments",
    { edge: ["client-protocol/unsub"] },
    "UNSUB 1 2 3\r\n",
  ),
];

const CONTROL_LINE: readonly Scenario[] = [
  scenario(
    SMALL_LINES,
    "a line as long as the limit is accepted",
    { positive: ["client-protocol/max-control-line"] },
    client("a"),
    lines("a", `SUB ${"s".repeat(254)} 1`),
    sync("a"),
  ),
  scenario(
    SMALL_LINES,
    "a line one byte over the limit closes",
    { edge: ["client-protocol/max-control-line"] },
    client("a"),
    lines("a", `SUB ${"s".repeat(255)} 1`),
    closed("a"),
  ),
  scenario(
    SMALL_LINES,
    "the limit counts trailing spaces of the argument",
    { edge: ["client-protocol/max-control-line"] },
    client("a"),
    lines("a", `SUB ${"s".repeat(200)} 1${" ".repeat(60)}`),
    closed("a"),
  ),
  scenario(
    SMALL_LINES,
    "a line that never ends is refused before its end",
    { edge: ["client-protocol/max-control-line"] },
    client("a"),
    send("a", `SUB ${"s".repeat(300)}`),
    closed("a"),
  ),
  scenario(
    SMALL_LINES,
    "a line that grows over several reads is refused",
    { edge: ["client-protocol/max-control-line"] },
    client("a"),
    send("a", `PUB ${"s".repeat(300)} 2\r\nhi\r\n`, {
      cuts: [100, 200],
      pause: 20,
    }),
    closed("a"),
  ),
  scenario(
    SMALL_LINES,
    "CONNECT is held to the same limit",
    { edge: ["client-protocol/max-control-line"] },
    open("a"),
    expect("a", "INFO"),
    connect("a", { name: "n".repeat(300) }),
    closed("a"),
  ),
  scenario(
    PLAIN,
    "the default limit is 4096",
    { positive: ["client-protocol/max-control-line"] },
    client("a"),
    lines("a", `SUB ${"s".repeat(4094)} 1`),
    sync("a"),
    lines("a", `SUB ${"s".repeat(4095)} 1`),
    closed("a"),
  ),
];

const SPLIT: readonly Scenario[] = [
  scenario(
    PLAIN,
    "PUB cut at every byte",
    { positive: ["client-protocol/split-buffers"] },
    client("a"),
    lines("a", "SUB cut.> 1"),
    sync("a"),
    everyCut("a", "PUB cut.pub answer 5\r\nhello\r\n"),
  ),
  scenario(
    PLAIN,
    "HPUB cut at every byte",
    { positive: ["client-protocol/split-buffers"] },
    client("a", { headers: true }),
    lines("a", "SUB cut.> 1"),
    sync("a"),
    everyCut("a", "HPUB cut.h a 18 20\r\nNATS/1.0\r\nK: v\r\n\r\nhi\r\n"),
  ),
  scenario(
    PLAIN,
    "SUB and UNSUB cut at every byte",
    { edge: ["client-protocol/split-buffers"] },
    client("a", { verbose: true }),
    everyCut("a", "SUB cut.sub group 9\r\nPUB cut.sub 1\r\nx\r\nUNSUB 9 1\r\n"),
  ),
  scenario(
    PLAIN,
    "CONNECT cut at every byte",
    { edge: ["client-protocol/split-buffers"] },
    open("a"),
    expect("a", "INFO"),
    everyCut(
      "a",
      'CONNECT {"verbose":false,"pedantic":false,"name":"cut"}\r\n',
    ),
  ),
  scenario(
    PLAIN,
    "one byte at a time",
    { edge: ["client-protocol/split-buffers"] },
    open("a"),
    expect("a", "INFO"),
    send(
      "a",
      'CONNECT {"verbose":false,"headers":true}\r\nSUB one.* q 1\r\nPUB one.x r 3\r\nabc\r\n' +
        "HPUB one.y 12 13\r\nNATS/1.0\r\n\r\nz\r\nUNSUB 1\r\n",
      { cuts: "every byte", pause: 1 },
    ),
    sync("a"),
  ),
  scenario(
    PLAIN,
    "a parse error cut at every byte of the verb",
    { edge: ["client-protocol/split-buffers"] },
    ...[
      "P",
      "PU",
      "H",
      "HP",
      "S",
      "SU",
      "U",
      "UNS",
      "C",
      "CONN",
      "PI",
      "PO",
      "+",
      "-E",
      "I",
    ].map(
      (start) => [
        client(start),
        send(start, `${start}?`, { cuts: [start.length], pause: 5 }),
        closed(start),
      ],
    ),
  ),
];

export const PARSER: readonly Scenario[] = [
  ...VERBS,
  ...ARGUMENTS,
  ...CONTROL_LINE,
  ...SPLIT,
];
