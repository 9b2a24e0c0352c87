/**
 * Networks that users may be confined to.
 *
 * @module
 */

import { parseIpAddress } from "../connection/mod.ts";

/** An address and how many of its leading bits count. */
export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly bits: number;
}

/** Reads `10.0.0.0/8` or `fd00::/8`; undefined when the text is none. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseIpAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === null || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const bits = Number(length);
  return bits <= address.length * 8 ? { address, bits } : undefined;
}

/** Whether the address (text) lies in one of the networks (texts). */
export function isInNetworks(
  host: string,
  networks: readonly string[],
): boolean {
  const address = parseIpAddress(host);
  if (address === null) return false;
  return networks.some((text) => {
    const network = parseNetwork(text);
    return network !== undefined && contains(network, address);
  });
}

function contains({ address, bits }: Network, candidate: Uint8Array): boolean {
  const base = unmapped(address);
  const other = unmapped(candidate);
  if (base.length !== other.length) return false;
  // A mapped network counts the bits of the prefix that was cut off.
  const count = Math.max(0, bits - 8 * (address.length - base.length));
  for (let i = 0; i < base.length; i++) {
    const mask = maskOf(count - 8 * i);
    if (((base[i] ?? 0) & mask) !== ((other[i] ?? 0) & mask)) return false;
  }
  return true;
}

/** The mask of a byte of which `bits` (from 8 and more to 0 and less) count. */
function maskOf(bits: number): number {
  return 0xff & ~(0xff >> Math.min(8, Math.max(0, bits)));
}

/** IPv4 addresses in IPv6 clothes are IPv4 addresses. */
function unmapped(address: Uint8Array): Uint8Array {
  const mapped = address.length === 16 &&
    address.subarray(0, 10).every((byte) => byte === 0) &&
    address[10] === 0xff && address[11] === 0xff;
  return mapped ? address.subarray(12) : address;
}
