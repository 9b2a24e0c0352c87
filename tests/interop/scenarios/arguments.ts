/**
 * The parser: numbers of arguments, sizes, payloads and their ends.
 *
 * @module
 */

import {
  client,
  closed,
  lines,
  type Scenario,
  scenario,
  send,
  sync,
} from "../harness/mod.ts";
import { PLAIN } from "./fixtures.ts";
import { accepted, fatal } from "./single_operation.ts";

export const ARGUMENTS: readonly Scenario[] = [
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
