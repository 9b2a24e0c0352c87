/**
 * The parser: the limit on lines, and operations that arrive in pieces.
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
  open,
  type Scenario,
  scenario,
  send,
  sync,
} from "../harness/mod.ts";
import { PLAIN, server } from "./fixtures.ts";

const SMALL_LINES = server("max_control_line: 256");

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

export const PIECES: readonly Scenario[] = [...CONTROL_LINE, ...SPLIT];
