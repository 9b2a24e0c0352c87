/** The PROXY header comes from whoever connects: nothing in it may hurt. */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { formatIpAddress } from "../../src/connection/ip_address.ts";
import { parseProxyHeader } from "../../src/connection/proxy_protocol.ts";

const SIGNATURE = [..."\r\n\r\n\0\r\nQUIT\n"].map((c) => c.charCodeAt(0));
const PREFIX = [..."PROXY "].map((c) => c.charCodeAt(0));

const anyStart = fc.tuple(
  fc.constantFrom([], PREFIX, SIGNATURE, [...SIGNATURE, 0x21, 0x11, 0]),
  fc.uint8Array({ maxLength: 200 }),
).map(([start, rest]) => Uint8Array.from([...start, ...rest]));

const port = fc.nat(65535);
const address = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 })
    .filter((bytes) => bytes[0] !== 0),
);

Deno.test("parseProxyHeader() decides once and never beyond its input", () => {
  fc.assert(
    fc.property(anyStart, fc.nat(200), (received, cut) => {
      const parsed = parseProxyHeader(received);
      if (parsed.kind === "local" || parsed.kind === "proxied") {
        assert(parsed.consumed <= received.length);
      }
      // A verdict on a prefix stands whatever follows.
      const early = parseProxyHeader(received.subarray(0, cut));
      if (early.kind !== "incomplete") assertEquals(early, parsed);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("parseProxyHeader() reads back every version 2 address", () => {
  fc.assert(fc.property(address, port, port, (ip, from, to) => {
    const family = ip.length === 4 ? 0x11 : 0x21;
    const ports = [from >> 8, from & 0xff, to >> 8, to & 0xff];
    const size = 2 * ip.length + 4;
    const header = [...SIGNATURE, 0x21, family, 0, size, ...ip, ...ip];
    const host = formatIpAddress(ip);
    assertEquals(parseProxyHeader(Uint8Array.from([...header, ...ports])), {
      kind: "proxied",
      consumed: 16 + size,
      source: { host, port: from },
      destination: { host, port: to },
    });
  }));
});

Deno.test("parseProxyHeader() reads back every version 1 address", () => {
  fc.assert(fc.property(address, port, port, (ip, from, to) => {
    const host = formatIpAddress(ip);
    const family = ip.length === 4 ? "TCP4" : "TCP6";
    const line = `PROXY ${family} ${host} ${host} ${from} ${to}\r\n`;
    assertEquals(parseProxyHeader(new TextEncoder().encode(line)), {
      kind: "proxied",
      consumed: line.length,
      source: { host, port: from },
      destination: { host, port: to },
    });
  }));
});
