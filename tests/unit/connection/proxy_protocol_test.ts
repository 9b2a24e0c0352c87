/** Go's `server/client_proxyproto_test.go`, as far as it concerns the header. */

import { assertEquals } from "@std/assert";
import { parseProxyHeader } from "../../../src/connection/proxy_protocol.ts";
import { capability } from "../../tools/capability.ts";

const ROW = "client-protocol/proxy-protocol-v1-v2";
const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

function bytes(...parts: (string | number[])[]): Uint8Array {
  const encoder = new TextEncoder();
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...encoder.encode(part)] : part
    ),
  );
}

/** A version 2 header; the length field is what `body` really has. */
function v2(versionCommand: number, familyTransport: number, body: number[]) {
  const { length } = body;
  return bytes(
    SIGNATURE,
    [versionCommand, familyTransport, length >> 8, length & 0xff],
    body,
  );
}

const IPV4_BODY = [192, 168, 1, 50, 10, 0, 0, 1, 0x30, 0x39, 0x10, 0x7e];
const IPV6_BODY = [
  ...[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ...[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
  ...[0x30, 0x39, 0x10, 0x7e],
];

/** Parses every proper prefix too: each must ask for more. */
function parseWhole(header: Uint8Array, rest = "") {
  for (let length = 0; length < header.length; length++) {
    assertEquals(
      parseProxyHeader(header.subarray(0, length)).kind,
      "incomplete",
    );
  }
  return parseProxyHeader(bytes([...header], rest));
}

function reason(header: Uint8Array): string {
  const parsed = parseProxyHeader(header);
  return parsed.kind === "invalid"
    ? parsed.reason
    : `not invalid: ${parsed.kind}`;
}

function stage(received: Uint8Array): string {
  const parsed = parseProxyHeader(received);
  return parsed.kind === "incomplete"
    ? parsed.stage
    : `not incomplete: ${parsed.kind}`;
}

capability("PROXY v1 - TCP4 names both ends and leaves the client's bytes", {
  positive: [ROW],
}, () => {
  const header = bytes("PROXY TCP4 192.168.1.50 10.0.0.1 12345 4222\r\n");
  assertEquals(parseWhole(header, "CONNECT {}\r\nPING\r\n"), {
    kind: "proxied",
    consumed: header.length,
    source: { host: "192.168.1.50", port: 12345 },
    destination: { host: "10.0.0.1", port: 4222 },
  });
});

capability("PROXY v1 - TCP6 takes IPv6 and IPv4-mapped addresses", {
  positive: [ROW],
}, () => {
  const header = bytes(
    "PROXY TCP6 2001:db8:0:0::1 ::ffff:192.0.2.1 1 65535\r\n",
  );
  assertEquals(parseWhole(header), {
    kind: "proxied",
    consumed: header.length,
    source: { host: "2001:db8::1", port: 1 },
    destination: { host: "192.0.2.1", port: 65535 },
  });
});

capability("PROXY v1 - UNKNOWN keeps the socket's address", {
  positive: [ROW],
}, () => {
  const short = bytes("PROXY UNKNOWN\r\n");
  assertEquals(parseWhole(short, "PING"), {
    kind: "local",
    consumed: short.length,
  });
  const long = bytes("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n");
  assertEquals(parseWhole(long), { kind: "local", consumed: long.length });
});

capability("PROXY v2 - IPv4, IPv6 and extensions behind the addresses", {
  positive: [ROW],
}, () => {
  assertEquals(parseWhole(v2(0x21, 0x11, IPV4_BODY), "PING\r\n"), {
    kind: "proxied",
    consumed: 28,
    source: { host: "192.168.1.50", port: 12345 },
    destination: { host: "10.0.0.1", port: 4222 },
  });
  assertEquals(parseWhole(v2(0x21, 0x21, [...IPV6_BODY, 4, 0, 1, 0])), {
    kind: "proxied",
    consumed: 56,
    source: { host: "2001:db8::1", port: 12345 },
    destination: { host: "2001:db8::2", port: 4222 },
  });
});

capability("PROXY v2 - LOCAL and UNSPEC keep the socket's address", {
  positive: [ROW],
}, () => {
  assertEquals(parseWhole(v2(0x20, 0x00, [])), { kind: "local", consumed: 16 });
  assertEquals(parseWhole(v2(0x20, 0x11, IPV4_BODY), "X"), {
    kind: "local",
    consumed: 28,
  });
  assertEquals(parseWhole(v2(0x21, 0x01, [1, 2, 3])), {
    kind: "local",
    consumed: 19,
  });
});

capability("PROXY - a connection without a header is left alone", {
  positive: [ROW],
}, () => {
  assertEquals(parseProxyHeader(bytes("HELLO WORLD\r\n")), { kind: "absent" });
  assertEquals(parseProxyHeader(bytes("PING\r\n")), { kind: "absent" });
  assertEquals(parseProxyHeader(bytes([0x16, 3, 1, 0, 0xf4, 1])), {
    kind: "absent",
  });
  assertEquals(parseProxyHeader(bytes("proxy TCP4")), { kind: "absent" });
});

capability("PROXY v1 - malformed lines carry Go's words", {
  edge: [ROW],
}, () => {
  const line = (rest: string) => reason(bytes(`PROXY ${rest}\r\n`));
  const invalid = "invalid PROXY protocol header: ";
  assertEquals(line(""), invalid + "invalid v1 format");
  assertEquals(line("TCP4 192.168.1.1"), invalid + "invalid v1 format");
  assertEquals(
    line("TCP4 1.1.1.1 2.2.2.2 1 2 3"),
    invalid + "invalid v1 format",
  );
  assertEquals(
    line("TCP4 not.an.ip.addr 10.0.0.1 12345 443"),
    invalid + "invalid address",
  );
  assertEquals(
    line("TCP4 010.0.0.1 10.0.0.1 12345 443"),
    invalid + "invalid address",
  );
  assertEquals(
    line("TCP6 fe80::1%eth0 ::1 12345 443"),
    invalid + "invalid address",
  );
  assertEquals(
    line("TCP4 2001:db8::1 2001:db8::2 12345 443"),
    invalid + "TCP4 with IPv6 address",
  );
  assertEquals(
    line("TCP4 1.1.1.1 2001:db8::2 12345 443"),
    invalid + "TCP4 with IPv6 address",
  );
  assertEquals(
    line("TCP6 ::1 10.0.0.1 12345 443"),
    invalid + "TCP6 with IPv4 address",
  );
  assertEquals(
    line("UDP4 1.1.1.1 2.2.2.2 1 2"),
    invalid + "invalid protocol UDP4",
  );
  assertEquals(
    line("TCP4 1.1.1.1 2.2.2.2 99999 443"),
    'invalid source port: strconv.ParseUint: parsing "99999": value out of range',
  );
  assertEquals(
    line("TCP4 1.1.1.1 2.2.2.2 443 -1"),
    'invalid dest port: strconv.ParseUint: parsing "-1": invalid syntax',
  );
});

capability("PROXY v1 - a line of 107 bytes is the longest", {
  edge: [ROW],
}, () => {
  const fitting = "PROXY UNKNOWN".padEnd(105, " ") + "\r\n";
  assertEquals(parseWhole(bytes(fitting)), { kind: "local", consumed: 107 });
  assertEquals(
    reason(bytes("PROXY UNKNOWN".padEnd(106, " ") + "\r\n")),
    "invalid PROXY protocol header: v1 line too long",
  );
  assertEquals(
    reason(bytes("PROXY TCP4 ".padEnd(200, "1"))),
    "invalid PROXY protocol header: v1 line too long",
  );
});

capability("PROXY v2 - malformed headers carry Go's words", {
  edge: [ROW],
}, () => {
  assertEquals(
    reason(bytes("\r\n\r\n\0\r\nQUIX\n", [0x21, 0x11, 0, 0])),
    "invalid PROXY protocol header: invalid signature",
  );
  assertEquals(
    reason(v2(0x11, 0x11, IPV4_BODY)),
    "invalid PROXY protocol header: invalid version 0x10",
  );
  assertEquals(
    reason(v2(0x22, 0x11, IPV4_BODY)),
    "unknown PROXY protocol command: 0x02",
  );
  assertEquals(
    reason(v2(0x21, 0x12, IPV4_BODY)),
    "unsupported PROXY protocol feature: only STREAM protocol supported",
  );
  assertEquals(
    reason(v2(0x21, 0x31, IPV4_BODY)),
    "unsupported PROXY protocol feature: unsupported address family 0x30",
  );
  assertEquals(
    reason(v2(0x21, 0x11, IPV4_BODY.slice(0, 11))),
    "IPv4 address data too short: 11 bytes",
  );
  assertEquals(
    reason(v2(0x21, 0x21, IPV6_BODY.slice(0, 35))),
    "IPv6 address data too short: 35 bytes",
  );
});

capability("PROXY - an early end names the stage it cut short", {
  edge: [ROW],
}, () => {
  const ipv4 = v2(0x21, 0x11, IPV4_BODY);
  assertEquals(stage(bytes("PROXY")), "failed to read protocol version");
  assertEquals(stage(bytes("PROXY TCP4 1.1.1.1\r")), "failed to read v1 line");
  assertEquals(stage(ipv4.subarray(0, 10)), "failed to read v2 signature");
  assertEquals(stage(ipv4.subarray(0, 15)), "failed to read v2 header");
  assertEquals(stage(ipv4.subarray(0, 21)), "failed to read IPv4 address data");
  assertEquals(
    stage(v2(0x21, 0x21, IPV6_BODY).subarray(0, 40)),
    "failed to read IPv6 address data",
  );
  assertEquals(
    stage(v2(0x20, 0x11, IPV4_BODY).subarray(0, 20)),
    "failed to discard LOCAL command address data",
  );
  assertEquals(
    stage(v2(0x21, 0x01, IPV4_BODY).subarray(0, 20)),
    "failed to discard UNSPEC address address data",
  );
});
