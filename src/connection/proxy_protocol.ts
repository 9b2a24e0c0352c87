/**
 * The PROXY protocol, versions 1 (text) and 2 (binary): the header by which a
 * proxy tells whom it speaks for. It comes before everything else on a
 * connection, TLS included, and a connection may do without it.
 *
 * Version 1: `PROXY TCP4|TCP6 <source> <destination> <port> <port>\r\n` or
 * `PROXY UNKNOWN …\r\n`, at most 107 bytes.
 *
 * Version 2: 12 bytes signature, version and command (4 bits each), address
 * family and transport (4 bits each), length of the rest (2 bytes, big
 * endian), addresses, ports, extensions.
 *
 * Go: `server/client_proxyproto.go`.
 *
 * @module
 */

import type { Endpoint } from "../runtime/mod.ts";
import { formatIpAddress, parseIpAddress } from "./ip_address.ts";

/** How long to wait for a complete header, milliseconds. */
export const PROXY_HEADER_TIMEOUT = 5000;

/** What the first bytes of a connection amount to. */
export type ProxyHeader =
  /**
   * Read more and ask again. Should the stream end or time out instead, the
   * error text is `stage`, a colon, a space and the cause.
   */
  | { readonly kind: "incomplete"; readonly stage: string }
  /** These are the client's own bytes; nothing is consumed. */
  | { readonly kind: "absent" }
  /** The proxy speaks for itself (a health check): keep the socket's address. */
  | { readonly kind: "local"; readonly consumed: number }
  | {
    readonly kind: "proxied";
    readonly consumed: number;
    readonly source: Endpoint;
    readonly destination: Endpoint;
  }
  /** A header, but a bad one; `reason` is for the log. Close the connection. */
  | { readonly kind: "invalid"; readonly reason: string };

const V1_PREFIX = bytesOf("PROXY ");
const V1_LINE_MAX = 107;
const V2_SIGNATURE = bytesOf("\r\n\r\n\0\r\nQUIT\n");
const V2_FIXED_SIZE = 16;
/** Bytes on which the versions are told apart. */
const DETECT_SIZE = 6;

const INVALID = "invalid PROXY protocol header";
const UNSUPPORTED = "unsupported PROXY protocol feature";

/** Go's `strings.Fields` splits at these. */
const WHITE_SPACE =
  /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * Parses a header at the start of `received`: all bytes of the connection so
 * far. Keeps no state, so that it can be asked again with more bytes; at most
 * 64 KiB and 15 bytes are ever needed.
 */
export function parseProxyHeader(received: Uint8Array): ProxyHeader {
  if (received.length < DETECT_SIZE) {
    return incomplete("failed to read protocol version");
  }
  if (startsWith(received, V1_PREFIX, DETECT_SIZE)) return parseV1(received);
  if (startsWith(received, V2_SIGNATURE, DETECT_SIZE)) return parseV2(received);
  return { kind: "absent" };
}

function parseV1(received: Uint8Array): ProxyHeader {
  const end = lineEnd(received);
  if (end < 0) {
    return received.length < V1_LINE_MAX
      ? incomplete("failed to read v1 line")
      : invalid(`${INVALID}: v1 line too long`);
  }
  const line = new TextDecoder().decode(received.subarray(DETECT_SIZE, end));
  const fields = line.split(WHITE_SPACE).filter((field) => field !== "");
  const consumed = end + 2;
  if (fields[0] === "UNKNOWN") return { kind: "local", consumed };
  const [protocol, source, destination, sourcePort, destinationPort] = fields;
  if (fields.length !== 5 || !protocol || !source || !destination) {
    return invalid(`${INVALID}: invalid v1 format`);
  }
  const sourceIp = parseIpAddress(source);
  const destinationIp = parseIpAddress(destination);
  if (sourceIp === null || destinationIp === null) {
    return invalid(`${INVALID}: invalid address`);
  }
  const wrong = wrongPort("source", sourcePort) ??
    wrongPort("dest", destinationPort) ??
    wrongFamily(protocol, [source, destination]);
  if (wrong !== null) return invalid(wrong);
  return {
    kind: "proxied",
    consumed,
    source: { host: formatIpAddress(sourceIp), port: Number(sourcePort) },
    destination: {
      host: formatIpAddress(destinationIp),
      port: Number(destinationPort),
    },
  };
}

/** Where the line's CRLF starts, or -1 when it is not among the first 107 bytes. */
function lineEnd(received: Uint8Array): number {
  const limit = Math.min(received.length, V1_LINE_MAX) - 1;
  for (let at = DETECT_SIZE; at < limit; at++) {
    if (received[at] === 13 && received[at + 1] === 10) return at;
  }
  return -1;
}

function wrongPort(name: string, text = ""): string | null {
  const failed = `invalid ${name} port: strconv.ParseUint: parsing ${
    JSON.stringify(text)
  }: `;
  if (!/^[0-9]+$/.test(text)) return failed + "invalid syntax";
  return Number(text) > 0xffff ? failed + "value out of range" : null;
}

/**
 * The text decides about the family, not the value: IPv4-mapped addresses are
 * good for TCP6, since proxies with dual-stack sockets send them.
 */
function wrongFamily(
  protocol: string,
  addresses: readonly string[],
): string | null {
  const isIpv6 = (address: string) => address.includes(":");
  if (protocol === "TCP4") {
    return addresses.some(isIpv6) ? `${INVALID}: TCP4 with IPv6 address` : null;
  }
  if (protocol === "TCP6") {
    return addresses.every(isIpv6)
      ? null
      : `${INVALID}: TCP6 with IPv4 address`;
  }
  return `${INVALID}: invalid protocol ${protocol}`;
}

function parseV2(received: Uint8Array): ProxyHeader {
  if (received.length < V2_SIGNATURE.length) {
    return incomplete("failed to read v2 signature");
  }
  if (!startsWith(received, V2_SIGNATURE, V2_SIGNATURE.length)) {
    return invalid(`${INVALID}: invalid signature`);
  }
  if (received.length < V2_FIXED_SIZE) {
    return incomplete("failed to read v2 header");
  }
  const fixed = new DataView(received.buffer, received.byteOffset);
  const version = fixed.getUint8(12) & 0xf0;
  const command = fixed.getUint8(12) & 0x0f;
  const transport = fixed.getUint8(13) & 0x0f;
  if (version !== 0x20) {
    return invalid(`${INVALID}: invalid version 0x${hexByte(version)}`);
  }
  const size = fixed.getUint16(14);
  const body = received.subarray(V2_FIXED_SIZE, V2_FIXED_SIZE + size);
  if (command === 0) return skipV2(body, size, "LOCAL command");
  if (command !== 1) {
    return invalid(`unknown PROXY protocol command: 0x${hexByte(command)}`);
  }
  if (transport !== 1) {
    return invalid(`${UNSUPPORTED}: only STREAM protocol supported`);
  }
  return parseV2Addresses(fixed.getUint8(13) & 0xf0, body, size);
}

/**
 * @param body what has arrived of the `size` bytes behind the fixed part
 */
function parseV2Addresses(
  family: number,
  body: Uint8Array,
  size: number,
): ProxyHeader {
  switch (family) {
    case 0x00:
      return skipV2(body, size, "UNSPEC address");
    case 0x10:
      return parseV2Pair("IPv4", 4, body, size);
    case 0x20:
      return parseV2Pair("IPv6", 16, body, size);
    default:
      return invalid(
        `${UNSUPPORTED}: unsupported address family 0x${hexByte(family)}`,
      );
  }
}

function parseV2Pair(
  name: string,
  width: number,
  body: Uint8Array,
  size: number,
): ProxyHeader {
  if (size < 2 * width + 4) {
    return invalid(`${name} address data too short: ${size} bytes`);
  }
  if (body.length < size) {
    return incomplete(`failed to read ${name} address data`);
  }
  const ports = new DataView(body.buffer, body.byteOffset + 2 * width);
  return {
    kind: "proxied",
    consumed: V2_FIXED_SIZE + size,
    source: {
      host: formatIpAddress(body.subarray(0, width)),
      port: ports.getUint16(0),
    },
    destination: {
      host: formatIpAddress(body.subarray(width, 2 * width)),
      port: ports.getUint16(2),
    },
  };
}

function skipV2(body: Uint8Array, size: number, what: string): ProxyHeader {
  return body.length < size
    ? incomplete(`failed to discard ${what} address data`)
    : { kind: "local", consumed: V2_FIXED_SIZE + size };
}

function startsWith(
  bytes: Uint8Array,
  expected: Uint8Array,
  length: number,
): boolean {
  for (let at = 0; at < length; at++) {
    if (bytes[at] !== expected[at]) return false;
  }
  return true;
}

function incomplete(stage: string): ProxyHeader {
  return { kind: "incomplete", stage };
}

function invalid(reason: string): ProxyHeader {
  return { kind: "invalid", reason };
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
