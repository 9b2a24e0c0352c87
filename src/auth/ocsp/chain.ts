/**
 * The chains from a peer's certificate up to an authority that is trusted.
 *
 * @module
 */

import { decodeBase64 } from "../../config/mod.ts";
import type { PeerCertificate } from "../../runtime/mod.ts";
import { DerError, derValue, Tag } from "../certificate/der.ts";
import { subjectNames } from "../certificate/names.ts";
import { subjectText } from "../certificate/subject_text.ts";
import { type CheckedCertificate, readCertificate } from "./certificate.ts";
import { isSignedBy } from "./messages.ts";

/** Certificates that a chain may have. */
const MAX_LENGTH = 10;
/** Signatures that are verified to find chains: who presents certificates can make up many. */
const MAX_CHECKS = 100;

/**
 * The chains from the peer's certificate to one that is trusted, which comes
 * last. The platform has verified that there is one; none is found when it is
 * signed by an algorithm that is not known here.
 * @param presented DER, the peer's own first
 * @throws DerError
 */
export function chainsOf(
  presented: readonly Uint8Array[],
  authorities: readonly CheckedCertificate[],
): CheckedCertificate[][] {
  const [leaf, ...others] = presented.map(readCertificate);
  if (leaf === undefined) return [];
  if (authorities.some(({ raw }) => same(raw, leaf.raw))) return [[leaf]];
  const found: CheckedCertificate[][] = [];
  let checks = 0;
  const extend = (chain: readonly CheckedCertificate[]) => {
    const last = chain[chain.length - 1];
    if (last === undefined || chain.length >= MAX_LENGTH) return;
    const issued = (one: CheckedCertificate) =>
      same(one.subject, last.issuer) &&
      !chain.some(({ raw }) => same(raw, one.raw)) &&
      ++checks <= MAX_CHECKS && isSignedBy(last, one);
    found.push(
      ...authorities.filter(issued).map((anchor) => [...chain, anchor]),
    );
    for (const issuer of others.filter(issued)) extend([...chain, issuer]);
  };
  extend([leaf]);
  return found;
}

/**
 * The same as DER; none if a certificate can't be read.
 * @param authorities PEM bundle of those who are trusted
 */
export function rawChains(
  presented: readonly PeerCertificate[],
  authorities: string,
): Uint8Array[][] {
  try {
    const raw = presented.map((certificate) => certificate.raw);
    return chainsOf(raw, certificatesIn(authorities))
      .map((chain) => chain.map((certificate) => certificate.raw));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return [];
  }
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
