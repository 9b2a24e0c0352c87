/**
 * DER for tests that make certificates: just enough of it, encoding only.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A value with its tag and length. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 0x80
    ? [size]
    : size < 0x100
    ? [0x81, size]
    : [0x82, size >> 8, size & 0xff];
  return new Uint8Array([tag, ...length, ...body]);
}

/** SEQUENCE. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0x30, ...parts);
}

/** SET OF; the caller orders the parts. */
export function set(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0x31, ...parts);
}

/** An explicitly tagged part of a structure. */
export function tagged(
  tag: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return tlv(0xa0 | tag, ...parts);
}

/** INTEGER from its big-endian bytes. */
export function integer(...bytes: readonly number[]): Uint8Array {
  return tlv(0x02, Buffer.from(bytes));
}

/** BOOLEAN true. */
export function yes(): Uint8Array {
  return tlv(0x01, Buffer.from([0xff]));
}

/** OCTET STRING. */
export function octets(bytes: Uint8Array): Uint8Array {
  return tlv(0x04, bytes);
}

/** BIT STRING of whole bytes. */
export function bits(bytes: Uint8Array, unused = 0): Uint8Array {
  return tlv(0x03, Buffer.from([unused]), bytes);
}

/** A string under a tag: UTF8String by default. */
export function text(value: string, tag = 0x0c): Uint8Array {
  return tlv(tag, Buffer.from(value));
}

/** GeneralizedTime of milliseconds since the Unix epoch. */
export function time(at: number): Uint8Array {
  return text(new Date(at).toISOString().replace(/[-T:]|\.\d+/g, ""), 0x18);
}

/** OBJECT IDENTIFIER in dotted notation. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) {
      groups.unshift(left & 0x7f | 0x80);
    }
    return groups;
  });
  return tlv(0x06, Buffer.from(bytes));
}

/** DER as PEM text. */
export function pem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${
    lines.join("\n")
  }\n-----END ${label}-----\n`;
}
