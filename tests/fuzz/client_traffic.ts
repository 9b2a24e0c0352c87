/**
 * Random client protocol: ops that must be served, ops that must end a
 * connection or be answered with `-ERR`, and damage of all kinds. Text with
 * one byte per char throughout.
 *
 * @module
 */

import type { SeededRandom } from "../sim/ports/random.ts";

/** What a client sends, and what is known of it. */
export interface Traffic {
  readonly text: string;
  /** `served`: PONG must come; `refused`: the end or `-ERR`; `damaged`: either. */
  readonly fate: "served" | "refused" | "damaged";
}

/** Ops that no client may send; after each, the connection ends. */
const FATAL: readonly string[] = [
  "NONSENSE\r\n",
  "\0\x01\x02\x03\r\n",
  "PIN\r\n",
  "PUB\r\n",
  "PUB chaos\r\n",
  "PUB chaos reply more 1\r\nx\r\n",
  "PUB chaos -1\r\n",
  "PUB chaos 1x\r\nx\r\n",
  "PUB chaos 9999999999\r\n",
  "PUB chaos 1048577\r\n",
  "PUB chaos 2\r\ntoo long\r\n",
  "HPUB chaos 12\r\n",
  "HPUB chaos 13 12\r\nNATS/1.0\r\n\r\n\r\n",
  "HPUB chaos x 12\r\n",
  "SUB\r\n",
  "SUB chaos\r\n",
  "SUB chaos queue 1 more\r\n",
  "UNSUB\r\n",
  "UNSUB 1 2 3\r\n",
  "CONNECT {\r\n",
  "CONNECT nothing\r\n",
  'CONNECT {"protocol":2}\r\n',
  'CONNECT {"verbose":"yes"}\r\n',
  'CONNECT {"account":"other"}\r\n',
  'CONNECT {"no_responders":true,"headers":false}\r\n',
  "-ERR 'from a client'\r\n",
  "MSG chaos 1 2\r\nhi\r\n",
  "RMSG chaos 1 2\r\nhi\r\n",
  "RS+ $G chaos\r\n",
  "LS+ chaos\r\n",
  "A+ $G\r\n",
  `SUB ${"long.".repeat(1000)}end 1\r\n`,
  `PUB ${"long.".repeat(1000)}end 1\r\nx\r\n`,
  `${"x".repeat(5000)}`,
];

/** Ops that are answered with `-ERR`, and no more than that; their sids must be new. */
const DENIED: readonly string[] = [
  "SUB chaos..x new\r\n",
  "SUB .chaos new\r\n",
  "SUB chaos.>.x new\r\n",
  "PUB chaos _R_.x 1\r\nx\r\n",
  "PUB _GR_.chaos.x 1\r\nx\r\n",
  "PUB $NRG.chaos 1\r\nx\r\n",
];

const SUBJECTS = [
  "chaos",
  "chaos.a",
  "chaos.b.c",
  "chaos.\xfc.\xff",
  "chaos.foo*bar",
];
const PATTERNS = [
  ...SUBJECTS,
  "chaos.*",
  "chaos.>",
  "*",
  ">",
  "*.a",
  "chaos.*.*",
];
const SPACES = [" ", " ", " ", "\t", "  ", " \t "];
const ENDS = ["\r\n", "\r\n", "\r\n", "\n"];
const FRAGMENTS = [
  "\r\n",
  "\n",
  "\r",
  " ",
  "\t",
  "\0",
  "\xff",
  "PUB ",
  "HPUB ",
  "SUB ",
  "CONNECT {",
  "PING\r\n",
  "999999999",
  "-1",
  "*",
  ">",
  ".",
  "NATS/1.0\r\n",
];

/** Random traffic of one client, with a PING behind it. */
export function traffic(random: SeededRandom): Traffic {
  const count = 1 + random.below(30);
  // Headers must be agreed on before they are sent.
  let headers = false;
  let text = "";
  for (let i = 0; i < count; i++) {
    if (random.chance(0.1)) {
      headers = random.chance(0.7);
      text += connect(random, headers);
    } else text += op(random, headers);
  }
  const ping = "PING\r\n";
  const draw = random.unit();
  if (draw < 0.4) return { text: text + ping, fate: "served" };
  if (draw < 0.7) {
    const bad = random.pick(random.chance(0.8) ? FATAL : DENIED);
    return { text: text + bad + ping, fate: "refused" };
  }
  return { text: damage(random, text + ping), fate: "damaged" };
}

/** Pieces of a text, cut at random. */
export function pieces(random: SeededRandom, text: string): string[] {
  const mean = random.pick([2, 10, 100, 10_000]);
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = 1 + Math.floor(random.exponential(mean));
    parts.push(text.slice(at, at + length));
    at += length;
  }
  return parts;
}

function connect(random: SeededRandom, headers: boolean): string {
  const options = {
    verbose: random.chance(0.2),
    pedantic: random.chance(0.2),
    echo: random.chance(0.5),
    headers,
    no_responders: headers && random.chance(0.5),
    protocol: random.below(2),
    name: `chaos-${random.below(100)}`,
    unknown: [null, { deep: [1.5] }],
  };
  return `CONNECT ${JSON.stringify(options)}${random.pick(ENDS)}`;
}

function op(random: SeededRandom, headers: boolean): string {
  switch (random.below(headers ? 8 : 7)) {
    case 0:
    case 1: {
      const queue = random.chance(0.3) ? ["workers"] : [];
      const sid = String(random.below(20));
      return line(random, "SUB", random.pick(PATTERNS), ...queue, sid);
    }
    case 2: {
      const max = random.chance(0.5) ? [String(random.below(5))] : [];
      return line(random, "UNSUB", String(random.below(20)), ...max);
    }
    case 3:
      return random.pick(["PING\r\n", "pong\r\n", "+OK\r\n", "INFO {}\r\n"]);
    case 7:
      return publish(random, "NATS/1.0\r\nName: value\r\n\r\n");
    default:
      return publish(random, "");
  }
}

function publish(random: SeededRandom, header: string): string {
  const size = random.pick([0, 1, 2, 7, 100, 600, 5000]);
  const body = header + String.fromCharCode(random.below(256)).repeat(size);
  const reply = random.chance(0.3) ? ["chaos.reply"] : [];
  const sizes = header === ""
    ? [String(size)]
    : [String(header.length), String(body.length)];
  const verb = header === "" ? "PUB" : "HPUB";
  const head = line(random, verb, random.pick(SUBJECTS), ...reply, ...sizes);
  return `${head}${body}\r\n`;
}

/** A line in any spelling that the protocol allows. */
function line(random: SeededRandom, ...words: string[]): string {
  const [verb = "", ...rest] = words;
  const spelled = random.chance(0.1) ? verb.toLowerCase() : verb;
  const space = () => random.pick(SPACES);
  return [spelled, ...rest].reduce((text, word) => text + space() + word) +
    random.pick(ENDS);
}

/** Cuts out, puts in and doubles some of a text. */
function damage(random: SeededRandom, text: string): string {
  let damaged = text;
  for (let i = 1 + random.below(4); i > 0; i--) {
    const at = random.below(damaged.length + 1);
    const cut = random.pick([0, 1, 2, 50]);
    damaged = damaged.slice(0, at) + random.pick([
      "",
      random.pick(FRAGMENTS),
      String.fromCharCode(random.below(256)),
      damaged.slice(at, at + 2 * cut),
    ]) + damaged.slice(at + cut);
  }
  return damaged;
}
