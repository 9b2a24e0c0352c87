/**
 * Until when a listener's certificate holds.
 *
 * @module
 */

import type { TlsBlock } from "../config/mod.ts";

const PEM = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/;

/** DER tags. */
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** Years of two digits from this on belong to the last century. */
const CENTURY_PIVOT = 50;

/** End of the validity of a block's first certificate, RFC 3339; undefined without one. */
export function certificateExpiry(
  block: TlsBlock | undefined,
): string | undefined {
  const body = PEM.exec(block?.identities[0]?.cert ?? "")?.[1];
  if (body === undefined) return undefined;
  const der = Uint8Array.from(
    atob(body.replace(/\s+/g, "")),
    (char) => char.charCodeAt(0),
  );
  return lastOfValidity(der);
}

/**
 * The validity is the first place of a certificate where two times stand next
 * to each other; the second is its end.
 */
function lastOfValidity(der: Uint8Array): string | undefined {
  for (let at = 0; at + 2 < der.length; at++) {
    const first = timeAt(der, at);
    if (first === undefined) continue;
    const second = timeAt(der, first.end);
    if (second !== undefined) return second.text;
  }
  return undefined;
}

function timeAt(
  der: Uint8Array,
  at: number,
): { readonly text: string; readonly end: number } | undefined {
  const [tag, length = 0] = der.subarray(at, at + 2);
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) return undefined;
  const end = at + 2 + length;
  const digits = new TextDecoder().decode(der.subarray(at + 2, end));
  if (!/^\d{12}(\d\d)?Z$/.test(digits)) return undefined;
  const [year, rest] = tag === GENERALIZED_TIME
    ? [digits.slice(0, 4), digits.slice(4)]
    : [fullYear(digits.slice(0, 2)), digits.slice(2)];
  const [month, day, hour, minute, second] = rest.match(/\d\d/g) ?? [];
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return { text, end };
}

function fullYear(digits: string): string {
  return `${Number(digits) < CENTURY_PIVOT ? "20" : "19"}${digits}`;
}
