/**
 * What revocation checks need to know of a certificate.
 *
 * @module
 */

import {
  DerError,
  type DerValue,
  derValue,
  derValues,
  encodeDer,
  oidText,
  Tag,
} from "../certificate/der.ts";

/** A certificate, read. Byte arrays are DER. */
export interface CheckedCertificate {
  readonly raw: Uint8Array;
  /** What its issuer signed. */
  readonly body: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
  /** Contents of the INTEGER. */
  readonly serial: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKeyInfo: Uint8Array;
  /** Key alone, as certificates hash it. */
  readonly publicKey: Uint8Array;
  /** URLs of OCSP responders. */
  readonly responders: readonly string[];
  /** Object identifiers of extended key usages. */
  readonly usages: readonly string[];
}

const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;
const URI_TAG = 0x86;
const AUTHORITY_INFORMATION = "1.3.6.1.5.5.7.1.1";
const OCSP_METHOD = "1.3.6.1.5.5.7.48.1";
const EXTENDED_KEY_USAGE = "2.5.29.37";

/** Reads a DER certificate. @throws DerError */
export function readCertificate(raw: Uint8Array): CheckedCertificate {
  const [body, algorithm, signature] = derValues(
    derValue(raw, Tag.Sequence).contents,
  );
  if (
    body === undefined || algorithm === undefined || signature === undefined
  ) throw new DerError("an incomplete certificate");
  const fields = derValues(body.contents);
  if (fields[0]?.tag === VERSION_TAG) fields.shift();
  const [serial, , issuer, , subject, keyInfo] = fields;
  if (
    serial === undefined || issuer === undefined || subject === undefined ||
    keyInfo === undefined
  ) throw new DerError("an incomplete certificate");
  const extensions = extensionsOf(fields);
  return {
    raw,
    body: encodeDer(body),
    algorithm: algorithmOf(algorithm),
    signature: bitsOf(signature),
    serial: serial.contents,
    issuer: encodeDer(issuer),
    subject: encodeDer(subject),
    publicKeyInfo: encodeDer(keyInfo),
    publicKey: bitsOf(derValues(keyInfo.contents)[1]),
    responders: respondersIn(extensions.get(AUTHORITY_INFORMATION)),
    usages: usagesIn(extensions.get(EXTENDED_KEY_USAGE)),
  };
}

/** The identifier in an AlgorithmIdentifier. @throws DerError */
export function algorithmOf({ contents }: DerValue): string {
  const [oid] = derValues(contents);
  if (oid === undefined) throw new DerError("no algorithm");
  return oidText(oid.contents);
}

/** The bytes of a BIT STRING. @throws DerError */
export function bitsOf(value: DerValue | undefined): Uint8Array {
  if (value?.tag !== Tag.BitString) throw new DerError("no bit string");
  return value.contents.subarray(1);
}

/** Contents of extensions by their identifiers. */
function extensionsOf(fields: readonly DerValue[]): Map<string, Uint8Array> {
  const list = fields.find(({ tag }) => tag === EXTENSIONS_TAG);
  if (list === undefined) return new Map();
  const extensions = derValues(derValue(list.contents, Tag.Sequence).contents);
  return new Map(extensions.map(({ contents }) => {
    const [oid, ...rest] = derValues(contents);
    const value = rest.find(({ tag }) => tag === Tag.OctetString);
    if (oid === undefined || value === undefined) {
      throw new DerError("an extension without value");
    }
    return [oidText(oid.contents), value.contents];
  }));
}

function respondersIn(extension: Uint8Array | undefined): string[] {
  if (extension === undefined) return [];
  return derValues(derValue(extension, Tag.Sequence).contents)
    .flatMap(({ contents }) => {
      const [method, location] = derValues(contents);
      const isResponder = method !== undefined &&
        oidText(method.contents) === OCSP_METHOD && location?.tag === URI_TAG;
      return isResponder ? [new TextDecoder().decode(location.contents)] : [];
    });
}

function usagesIn(extension: Uint8Array | undefined): string[] {
  if (extension === undefined) return [];
  return derValues(derValue(extension, Tag.Sequence).contents)
    .map(({ contents }) => oidText(contents));
}
