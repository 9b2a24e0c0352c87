/** One DER value: where its contents start and where it ends. */
interface Value {
  readonly tag: number;
  readonly contents: number;
  readonly end: number;
}

/** Tag of the optional version field that opens a certificate's body. */
const VERSION_TAG = 0xa0;

/** Fields between the version and the public key: serial, algorithm, issuer, validity, subject. */
const FIELDS_BEFORE_KEY = 5;

/**
 * The SubjectPublicKeyInfo of a DER certificate, cut out byte for byte, so
 * that a hash of it is the certificate's pin whatever the key's algorithm.
 * @throws RangeError when the certificate is cut short
 */
export function publicKeyInfoOf(certificate: Uint8Array): Uint8Array {
  const body = valueAt(certificate, valueAt(certificate, 0).contents);
  let at = body.contents;
  const first = valueAt(certificate, at);
  if (first.tag === VERSION_TAG) at = first.end;
  for (let i = 0; i < FIELDS_BEFORE_KEY; i++) at = valueAt(certificate, at).end;
  return certificate.subarray(at, valueAt(certificate, at).end);
}

function valueAt(der: Uint8Array, at: number): Value {
  const tag = byteAt(der, at);
  const short = byteAt(der, at + 1);
  let contents = at + 2;
  let size = short;
  if (short >= 0x80) {
    size = 0;
    for (let left = short & 0x7f; left > 0; left--) {
      size = size * 256 + byteAt(der, contents++);
    }
  }
  const end = contents + size;
  if (end > der.length) throw new RangeError("certificate is cut short");
  return { tag, contents, end };
}

function byteAt(der: Uint8Array, at: number): number {
  const byte = der[at];
  if (byte === undefined) throw new RangeError("certificate is cut short");
  return byte;
}
