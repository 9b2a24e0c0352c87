/**
 * Requests to OCSP responders and what they answer (RFC 6960).
 *
 * @module
 */

import { sha1, verifySignature } from "../../runtime/mod.ts";
import {
  DerError,
  derSequence,
  type DerValue,
  derValue,
  derValues,
  encodeDer,
  oidText,
  Tag,
} from "../certificate/der.ts";
import {
  algorithmOf,
  bitsOf,
  type CheckedCertificate,
  readCertificate,
} from "./certificate.ts";

/** What an authority says of a certificate. */
export type Status = "good" | "revoked" | "unknown";

/** An answer whose signature holds. */
export interface OcspAnswer {
  readonly status: Status;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  /** Undefined: newer information is always available. */
  readonly nextUpdate: number | undefined;
  /** Certificate of whoever signed instead of the issuer. */
  readonly signer: CheckedCertificate | undefined;
  readonly raw: Uint8Array;
}

/** An answer that says nothing of the certificate. */
export class OcspError extends Error {
  override readonly name = "OcspError";
}

/** SHA-1, without parameters but for NULL. */
const SHA1 = Uint8Array.of(0x30, 9, 6, 5, 0x2b, 14, 3, 2, 0x1a, 5, 0);
const BASIC_RESPONSE = "1.3.6.1.5.5.7.48.1.1";
const OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

/** Contexts in an answer. */
const EXPLICIT_0 = 0xa0;
const STATUS_TAGS: Readonly<Record<number, Status>> = {
  0x80: "good",
  0xa1: "revoked",
  0x82: "unknown",
};

/** What an unsuccessful answer is called. */
const FAILURES: Readonly<Record<number, string>> = {
  1: "malformed",
  2: "internal error",
  3: "try later",
  5: "signature required",
  6: "unauthorized",
};

/** The request for one certificate, DER. */
export function ocspRequest(
  { serial }: CheckedCertificate,
  issuer: CheckedCertificate,
): Uint8Array {
  const octets = (contents: Uint8Array) =>
    encodeDer({ tag: Tag.OctetString, contents });
  const id = derSequence(
    SHA1,
    octets(sha1(issuer.subject)),
    octets(sha1(issuer.publicKey)),
    encodeDer({ tag: Tag.Integer, contents: serial }),
  );
  const requests = derSequence(derSequence(id));
  return derSequence(derSequence(requests));
}

/** Reads an answer about a certificate and verifies it. @throws OcspError */
export function readAnswer(
  raw: Uint8Array,
  certificate: CheckedCertificate,
  issuer: CheckedCertificate,
): OcspAnswer {
  try {
    return read(raw, certificate, issuer);
  } catch (error) {
    if (error instanceof DerError) throw new OcspError(error.message);
    throw error;
  }
}

/**
 * Whether the issuer let whoever signed do so; who signs instead of the issuer
 * has a certificate for that purpose.
 */
export function isDelegated(
  { signer }: OcspAnswer,
  issuer: CheckedCertificate,
): boolean {
  if (signer === undefined) return true;
  return equal(signer.raw, issuer.raw) || signer.usages.includes(OCSP_SIGNING);
}

/** Whether `issuer` signed a certificate. */
export function isSignedBy(
  { body, algorithm, signature }: CheckedCertificate,
  { publicKeyInfo }: CheckedCertificate,
): boolean {
  return verifySignature(publicKeyInfo, algorithm, body, signature);
}

function read(
  raw: Uint8Array,
  certificate: CheckedCertificate,
  issuer: CheckedCertificate,
): OcspAnswer {
  const [outcome, wrapped] = derValues(derValue(raw, Tag.Sequence).contents);
  const code = outcome?.contents[0] ?? 2;
  if (code !== 0) {
    throw new OcspError(
      `error from server: ${FAILURES[code] ?? `unknown OCSP status: ${code}`}`,
    );
  }
  if (wrapped === undefined) throw new OcspError("no response");
  const [type, bytes] = derValues(
    derValue(wrapped.contents, Tag.Sequence).contents,
  );
  if (
    type === undefined || bytes === undefined ||
    oidText(type.contents) !== BASIC_RESPONSE
  ) throw new OcspError("bad OCSP response type");
  const [data, algorithm, signature, certificates] = derValues(
    derValue(bytes.contents, Tag.Sequence).contents,
  );
  if (data === undefined || algorithm === undefined) {
    throw new OcspError("incomplete response");
  }
  const signer = signerIn(certificates);
  verifyAnswer(data, algorithmOf(algorithm), bitsOf(signature), issuer, signer);
  return { ...singleAnswer(data, certificate), signer, raw };
}

function signerIn(
  certificates: DerValue | undefined,
): CheckedCertificate | undefined {
  if (certificates?.tag !== EXPLICIT_0) return undefined;
  const [first] = derValues(
    derValue(certificates.contents, Tag.Sequence).contents,
  );
  return first === undefined ? undefined : readCertificate(encodeDer(first));
}

/** @throws OcspError unless the issuer, or somebody whom it certified, signed */
function verifyAnswer(
  data: DerValue,
  algorithm: string,
  signature: Uint8Array,
  issuer: CheckedCertificate,
  signer: CheckedCertificate | undefined,
): void {
  const { publicKeyInfo } = signer ?? issuer;
  const signed = encodeDer(data);
  if (!verifySignature(publicKeyInfo, algorithm, signed, signature)) {
    throw new OcspError("bad signature on OCSP response");
  }
  if (signer === undefined || equal(signer.raw, issuer.raw)) return;
  if (!isSignedBy(signer, issuer)) {
    throw new OcspError("bad signature on embedded certificate");
  }
}

function singleAnswer(
  { contents }: DerValue,
  { serial }: CheckedCertificate,
): Omit<OcspAnswer, "signer" | "raw"> {
  const list = derValues(contents).filter(({ tag }) => tag === Tag.Sequence)[0];
  for (const response of derValues(list?.contents ?? new Uint8Array(0))) {
    const [id, status, thisUpdate, nextUpdate] = derValues(response.contents);
    const number = derValues(id?.contents ?? new Uint8Array(0))[3];
    if (number === undefined || !equal(number.contents, serial)) continue;
    return {
      // What nobody knows is not good.
      status: STATUS_TAGS[status?.tag ?? 0] ?? "unknown",
      thisUpdate: timeOf(thisUpdate),
      nextUpdate: nextUpdate?.tag === EXPLICIT_0
        ? timeOf(derValue(nextUpdate.contents, Tag.GeneralizedTime))
        : undefined,
    };
  }
  throw new OcspError("no response matching the supplied certificate");
}

function timeOf(value: DerValue | undefined): number {
  const text = new TextDecoder().decode(value?.contents);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (value?.tag !== Tag.GeneralizedTime || second === undefined) {
    throw new OcspError("bad time in OCSP response");
  }
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
