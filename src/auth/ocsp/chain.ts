/**
 * The chain from a peer's certificate up to an authority that is trusted.
 *
 * @module
 */

import { decodeBase64 } from "../../config/mod.ts";
import { DerError, derValue, Tag } from "../certificate/der.ts";
import { subjectNames } from "../certificate/names.ts";
import { subjectText } from "../certificate/subject_text.ts";
import { type CheckedCertificate, readCertificate } from "./certificate.ts";
import { isSignedBy } from "./messages.ts";

/** Certificates that a chain may have. */
const MAX_LENGTH = 10;

/**
 * The peer's certificate and its issuers, the trusted one last. The platform
 * has verified that there is such a chain.
 * @param presented DER, the peer's own first
 */
export function chainOf(
  presented: readonly Uint8Array[],
  authorities: readonly CheckedCertificate[],
): CheckedCertificate[] {
  const [leaf, ...others] = presented.map(readCertificate);
  if (leaf === undefined) return [];
  const chain = [leaf];
  for (let last = leaf; chain.length < MAX_LENGTH;) {
    const issuedBy = (one: CheckedCertificate) =>
      same(one.subject, last.issuer) && isSignedBy(last, one);
    const anchor = authorities.find(issuedBy);
    const next = anchor ?? others.find(issuedBy);
    if (next === undefined || same(next.raw, last.raw)) break;
    chain.push(next);
    if (anchor !== undefined) break;
    last = next;
  }
  return chain;
}

/** Subject and issuer of a DER certificate, as logs show them. @throws DerError */
export function certificateFields(
  raw: Uint8Array,
): { subject: string; issuer: string } {
  const { subject, issuer } = readCertificate(raw);
  const text = (name: Uint8Array) =>
    subjectText(subjectNames(derValue(name, Tag.Sequence).contents));
  return { subject: text(subject), issuer: text(issuer) };
}

/** The certificates in a PEM bundle; what is none is left out. */
export function certificatesIn(pem: string): CheckedCertificate[] {
  const blocks = pem.matchAll(
    /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g,
  );
  return [...blocks].flatMap(([, base64 = ""]) => {
    try {
      const raw = decodeBase64(base64.replace(/\s/g, ""));
      return raw === undefined ? [] : [readCertificate(raw)];
    } catch (error) {
      if (error instanceof DerError) return [];
      throw error;
    }
  });
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
