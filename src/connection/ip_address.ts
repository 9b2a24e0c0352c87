/**
 * IP addresses as text and as bytes, with Go's idea of both: what
 * `net.ParseIP` accepts and what `net.IP.String` prints.
 *
 * @module
 */

/**
 * Reads an IP address.
 * @returns 4 bytes for dotted quads, 16 for everything with a colon, or
 * `null` when the text is neither (leading zeros, zones and ports are not
 * accepted)
 */
export function parseIpAddress(text: string): Uint8Array | null {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/**
 * Prints an address of 4 or 16 bytes in its shortest form. IPv4-mapped IPv6
 * addresses print as IPv4.
 */
export function formatIpAddress(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  if (isIpv4Mapped(address)) return address.subarray(12).join(".");
  return formatIpv6(address);
}

function isIpv4Mapped(address: Uint8Array): boolean {
  return address.subarray(0, 10).every((byte) => byte === 0) &&
    address[10] === 0xff && address[11] === 0xff;
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(4);
  for (const [at, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    bytes[at] = Number(part);
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = parseGroups(halves[1] ?? "", true);
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  // "::" stands for at least one group of zeros.
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** Reads groups separated by single colons; the last may be a dotted quad. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  const bytes: number[] = [];
  if (text === "") return bytes;
  const groups = text.split(":");
  for (const [at, group] of groups.entries()) {
    if (mayEndInIpv4 && at === groups.length - 1 && group.includes(".")) {
      const quad = parseIpv4(group);
      if (quad === null) return null;
      bytes.push(...quad);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

function formatIpv6(address: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, at) => ((address[2 * at] ?? 0) << 8) | (address[2 * at + 1] ?? 0),
  );
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return hex.slice(0, start).join(":") + "::" +
    hex.slice(start + length).join(":");
}

/** The first of the longest runs of zero groups: where it starts, how long. */
function longestZeroRun(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (let at = 0; at <= groups.length; at++) {
    if (groups[at] === 0) continue;
    if (at - start > best[1]) best = [start, at - start];
    start = at + 1;
  }
  return best;
}
