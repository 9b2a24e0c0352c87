/**
 * The names that a certificate gives to its owner.
 *
 * @module
 */

import { DerError, derText, derValue, derValues, oidText, Tag } from "./der.ts";

/** One attribute of a subject; its value is undefined when it is no text. */
export interface SubjectAttribute {
  readonly oid: string;
  readonly value: string | undefined;
}

/** Names of a certificate's owner, in the order in which they stand there. */
export interface CertificateNames {
  readonly emails: readonly string[];
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** Relative distinguished names, from the most general; each a set of attributes. */
  readonly subject: readonly (readonly SubjectAttribute[])[];
}

const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
/** Tag of the optional version that opens a certificate's body. */
const VERSION_TAG = 0xa0;
/** Tag of the extensions that close it. */
const EXTENSIONS_TAG = 0xa3;
/** Fields between version and subject: serial, algorithm, issuer, validity. */
const FIELDS_BEFORE_SUBJECT = 4;

const EMAIL_TAG = 0x81;
const DNS_TAG = 0x82;
const URI_TAG = 0x86;

/** Reads the names of a DER certificate. @throws DerError */
export function certificateNames(certificate: Uint8Array): CertificateNames {
  const [body] = derValues(derValue(certificate, Tag.Sequence).contents);
  if (body === undefined) throw new DerError("an empty certificate");
  const fields = derValues(body.contents);
  if (fields[0]?.tag === VERSION_TAG) fields.shift();
  const subject = fields[FIELDS_BEFORE_SUBJECT];
  if (subject === undefined) throw new DerError("no subject");
  const extensions = fields.find(({ tag }) => tag === EXTENSIONS_TAG);
  const alternatives = extensions === undefined
    ? []
    : alternativeNames(derValue(extensions.contents, Tag.Sequence).contents);
  const withTag = (wanted: number) =>
    alternatives.filter(({ tag }) => tag === wanted)
      .map(({ contents }) => new TextDecoder().decode(contents));
  return {
    emails: withTag(EMAIL_TAG),
    dnsNames: withTag(DNS_TAG),
    uris: withTag(URI_TAG),
    subject: subjectNames(subject.contents),
  };
}

function alternativeNames(
  extensions: Uint8Array,
): ReturnType<typeof derValues> {
  for (const { contents } of derValues(extensions)) {
    const [oid, ...rest] = derValues(contents);
    if (oid === undefined) throw new DerError("an empty extension");
    if (oidText(oid.contents) !== SUBJECT_ALTERNATIVE_NAME) continue;
    const wrapped = rest.find(({ tag }) => tag === Tag.OctetString);
    if (wrapped === undefined) throw new DerError("an extension without value");
    return derValues(derValue(wrapped.contents, Tag.Sequence).contents);
  }
  return [];
}

/** Reads the contents of a Name. @throws DerError */
export function subjectNames(subject: Uint8Array): SubjectAttribute[][] {
  return derValues(subject).map(({ contents: set }) =>
    derValues(set).map(({ contents: attribute }) => {
      const [oid, value] = derValues(attribute);
      if (oid === undefined || value === undefined) {
        throw new DerError("an attribute without value");
      }
      return { oid: oidText(oid.contents), value: derText(value) };
    })
  );
}
