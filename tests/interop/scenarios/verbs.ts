/**
 * The parser: verbs, separators, and what is none.
 *
 * @module
 */

import {
  client,
  closed,
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
import { PLAIN } from "./fixtures.ts";
import { accepted, fatal } from "./single_operation.ts";

export const VERBS: readonly Scenario[] = [
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
