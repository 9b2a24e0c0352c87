/**
 * The PROXY protocol before NATS, versions 1 and 2.
 *
 * @module
 */

import {
  client,
  closed,
  connect,
  expect,
  lines,
  logged,
  monitor,
  open,
  quiet,
  type Scenario,
  scenario,
  send,
  sync,
} from "../harness/mod.ts";
import { PLAIN, server } from "./fixtures.ts";

const PROXIED = server("proxy_protocol: true");
const WATCHED = server("proxy_protocol: true", 'http: "127.0.0.1:-1"');

const SIGNATURE = [
  0x0d,
  0x0a,
  0x0d,
  0x0a,
  0x00,
  0x0d,
  0x0a,
  0x51,
  0x55,
  0x49,
  0x54,
  0x0a,
];
const IPV4 = [192, 0, 2, 7, 127, 0, 0, 1, 0x9c, 0x40, 0x10, 0x7e];
const IPV6 = [
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ...[0x9c, 0x40, 0x10, 0x7e],
];

/** A version 2 header: version and command, family and transport, body. */
function header(
  command: number,
  family: number,
  body: readonly number[],
): Uint8Array {
  return new Uint8Array([
    ...SIGNATURE,
    command,
    family,
    body.length >> 8,
    body.length & 255,
    ...body,
  ]);
}

/** Sends a header, then what a client sends, and shows which address INFO tells. */
function welcomed(
  name: string,
  proves: Scenario["proves"],
  head: string | Uint8Array,
): Scenario {
  return scenario(
    PROXIED,
    name,
    proves,
    open("a"),
    send("a", head),
    connect("a", { protocol: 1 }),
    sync("a"),
    sync("a"),
  );
}

/** Sends a header for which the server closes. */
function refused(
  name: string,
  proves: Scenario["proves"],
  head: string | Uint8Array,
): Scenario {
  return scenario(
    PROXIED,
    name,
    proves,
    open("a"),
    send("a", head),
    connect("a", { protocol: 1 }),
    closed("a"),
    logged(/Error reading PROXY protocol header from/),
  );
}

const positive = {
  positive: [
    "client-protocol/proxy-protocol-v1-v2",
    "client-protocol/client-ip",
  ],
};
const edge = { edge: ["client-protocol/proxy-protocol-v1-v2"] };

export const PROXY_PROTOCOL: readonly Scenario[] = [
  welcomed(
    "version 1, TCP4",
    positive,
    "PROXY TCP4 192.0.2.7 127.0.0.1 40000 4222\r\n",
  ),
  welcomed(
    "version 1, TCP6",
    positive,
    "PROXY TCP6 2001:db8::7 ::1 40000 4222\r\n",
  ),
  welcomed(
    "version 1, UNKNOWN keeps the socket's address",
    edge,
    "PROXY UNKNOWN\r\n",
  ),
  welcomed(
    "version 1, UNKNOWN with addresses keeps the socket's address",
    edge,
    "PROXY UNKNOWN 192.0.2.7 127.0.0.1 40000 4222\r\n",
  ),
  welcomed("version 2, IPv4", positive, header(0x21, 0x11, IPV4)),
  welcomed("version 2, IPv6", positive, header(0x21, 0x21, IPV6)),
  welcomed(
    "version 2, LOCAL keeps the socket's address",
    edge,
    header(0x20, 0x11, IPV4),
  ),
  welcomed(
    "version 2, unspecified keeps the socket's address",
    edge,
    header(0x21, 0x01, []),
  ),
  welcomed(
    "version 2, with further values after the addresses",
    edge,
    header(0x21, 0x11, [...IPV4, 4, 0, 2, 0, 0]),
  ),
  scenario(
    PROXIED,
    "INFO comes before the header and tells no address",
    {
      edge: [
        "client-protocol/client-ip",
        "client-protocol/proxy-protocol-v1-v2",
      ],
    },
    open("a"),
    expect("a", "INFO"),
    quiet("a", 150),
    send("a", "PROXY TCP4 192.0.2.7 127.0.0.1 40000 4222\r\n"),
    sync("a"),
  ),
  scenario(
    PROXIED,
    "a client without a header is served all the same",
    edge,
    client("a", { protocol: 1 }),
    sync("a"),
    lines("a", "SUB direct 1", "PUB direct 2", "hi"),
    sync("a"),
  ),
  scenario(
    PROXIED,
    "header and commands in one write",
    {
      edge: [
        "client-protocol/proxy-protocol-v1-v2",
        "client-protocol/split-buffers",
      ],
    },
    open("a"),
    send(
      "a",
      'PROXY TCP4 192.0.2.7 127.0.0.1 40000 4222\r\nCONNECT {"verbose":false,"protocol":1}\r\nSUB one 1\r\nPUB one 2\r\nhi\r\n',
    ),
    sync("a"),
    sync("a"),
  ),
  scenario(
    PROXIED,
    "a version 1 header in pieces",
    edge,
    open("a"),
    send("a", "PROXY TCP4 192.0.2.7 127.0.0.1 40000 4222\r\n", {
      cuts: [3, 6, 20, 42],
      pause: 15,
    }),
    connect("a", { protocol: 1 }),
    sync("a"),
    sync("a"),
  ),
  scenario(
    PROXIED,
    "a version 2 header in pieces",
    edge,
    open("a"),
    send("a", header(0x21, 0x11, IPV4), { cuts: [3, 12, 15, 20], pause: 15 }),
    connect("a", { protocol: 1 }),
    sync("a"),
    sync("a"),
  ),
  scenario(
    WATCHED,
    "monitoring shows the proxied address",
    positive,
    open("a"),
    send("a", "PROXY TCP4 192.0.2.7 127.0.0.1 40000 4222\r\n"),
    connect("a"),
    sync("a"),
    monitor("/connz", (body) => {
      const { connections } = body as {
        connections: { ip: string; port: number }[];
      };
      return connections.map(({ ip, port }) => ({ ip, port }));
    }),
  ),
  refused(
    "version 1 with an address that is none",
    edge,
    "PROXY TCP4 192.0.2.777 127.0.0.1 40000 4222\r\n",
  ),
  refused(
    "version 1 with a port that is none",
    edge,
    "PROXY TCP4 192.0.2.7 127.0.0.1 70000 4222\r\n",
  ),
  refused(
    "version 1 with an IPv6 address for TCP4",
    edge,
    "PROXY TCP4 2001:db8::7 ::1 40000 4222\r\n",
  ),
  refused(
    "version 1 with a field missing",
    edge,
    "PROXY TCP4 192.0.2.7 127.0.0.1 40000\r\n",
  ),
  refused(
    "version 1 with an unknown protocol",
    edge,
    "PROXY UDP4 192.0.2.7 127.0.0.1 40000 4222\r\n",
  ),
  refused(
    "version 1 with a line that is too long",
    edge,
    `PROXY TCP4 ${"1".repeat(120)}\r\n`,
  ),
  refused(
    "version 1 with a bare line feed",
    edge,
    "PROXY TCP4 192.0.2.7 127.0.0.1 40000 4222\n",
  ),
  refused(
    "version 2 with another version number",
    edge,
    header(0x11, 0x11, IPV4),
  ),
  refused("version 2 with an unknown command", edge, header(0x22, 0x11, IPV4)),
  refused(
    "version 2, unspecified family and transport",
    edge,
    header(0x21, 0x00, []),
  ),
  refused("version 2 for datagrams", edge, header(0x21, 0x12, IPV4)),
  refused(
    "version 2 for a unix socket",
    edge,
    header(0x21, 0x31, Array.from({ length: 216 }, () => 0)),
  ),
  refused(
    "version 2 with an address that is too short",
    edge,
    header(0x21, 0x11, IPV4.slice(0, 8)),
  ),
  scenario(
    PLAIN,
    "without proxy_protocol a header is a parse error",
    edge,
    open("a"),
    expect("a", "INFO"),
    send("a", "PROXY TCP4 192.0.2.7 127.0.0.1 40000 4222\r\n"),
    closed("a"),
  ),
];
