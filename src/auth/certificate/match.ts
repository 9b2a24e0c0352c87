/**
 * Finds who a client certificate belongs to.
 *
 * @module
 */

import { quoteText } from "../../log/mod.ts";
import type { TlsState } from "../../runtime/mod.ts";
import type { ConnectionLog } from "../identity.ts";
import { DerError } from "./der.ts";
import { type DistinguishedName, nameOfSubject } from "./distinguished_name.ts";
import { type CertificateNames, certificateNames } from "./names.ts";
import { domainComponents, subjectText } from "./subject_text.ts";

/** Knows owners by the names that certificates give them. */
export interface OwnerLookup<T> {
  /** `isDnsName` tells host names from names of other kinds. */
  byName(name: string, isDnsName: boolean): T | undefined;
  byDistinguishedName(name: DistinguishedName): T | undefined;
}

/**
 * The owner by the first certificate of the peer: by e-mail address, then by
 * host name, then by URI, then by the subject in several forms.
 */
export function matchCertificate<T extends { readonly name: string }>(
  tls: TlsState | null,
  lookup: OwnerLookup<T>,
  log: ConnectionLog,
): T | undefined {
  const names = namesOf(tls, log);
  if (names === undefined) return undefined;
  return byAlternativeName(names, lookup, log) ??
    bySubject(names.subject, lookup, log);
}

function namesOf(
  tls: TlsState | null,
  log: ConnectionLog,
): CertificateNames | undefined {
  if (tls === null) {
    log.debug("User required in cert, no TLS connection state");
    return undefined;
  }
  const [leaf, ...others] = tls.peerCertificates;
  if (leaf === undefined) {
    log.debug("User required in cert, no peer certificates found");
    return undefined;
  }
  if (others.length > 0) {
    log.debug("Multiple peer certificates found, selecting first");
  }
  try {
    const names = certificateNames(leaf.raw);
    const { emails, dnsNames, uris, subject } = names;
    if ([emails, dnsNames, uris, subject].some(({ length }) => length > 0)) {
      return names;
    }
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  log.debug("User required in cert, none found");
  return undefined;
}

function byAlternativeName<T extends { readonly name: string }>(
  { emails, dnsNames, uris }: CertificateNames,
  lookup: OwnerLookup<T>,
  log: ConnectionLog,
): T | undefined {
  const kinds: [string, readonly string[], boolean][] = [
    ["email", emails, false],
    ["SAN", dnsNames, true],
    ["URI", uris, false],
  ];
  for (const [kind, names, isDnsName] of kinds) {
    for (const name of names) {
      const found = lookup.byName(name, isDnsName);
      if (found === undefined) continue;
      log.debug(
        `Using ${kind} found in cert for auth [${quoteText(found.name)}]`,
      );
      return found;
    }
  }
  return undefined;
}

function bySubject<T extends { readonly name: string }>(
  subject: CertificateNames["subject"],
  lookup: OwnerLookup<T>,
  log: ConnectionLog,
): T | undefined {
  const text = subjectText(subject);
  const report = (how: string, found: T | undefined, tried: string) => {
    log.debug(
      found === undefined
        ? `${how} could not be used for auth [${quoteText(tried)}]`
        : `Using ${how} for auth [${quoteText(found.name)}]`,
    );
    return found;
  };
  const name = nameOfSubject(subject);
  if (name !== undefined) {
    const found = lookup.byDistinguishedName(name);
    if (report("DistinguishedNameMatch", found, text) !== undefined) {
      return found;
    }
  }
  const domain = domainComponents(subject);
  if (domain !== "") {
    const whole = `${text},${domain}`;
    const found = lookup.byName(whole, false);
    if (report("RDNSequence", found, whole) !== undefined) return found;
  }
  const found = text === "" ? undefined : lookup.byName(text, false);
  log.debug(
    found === undefined
      ? `User in cert [${quoteText(text)}], not found`
      : `Using certificate subject for auth [${quoteText(found.name)}]`,
  );
  return found;
}
