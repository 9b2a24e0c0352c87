/** One DER value: its tag, where its contents start and where it ends. */
interface Value {
  readonly tag: number;
  readonly contents: number;
  readonly end: number;
}

/** Parts of a certificate, each the DER of one field, cut out byte for byte. */
export interface CertificateFields {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo: its hash is the pin, whatever the algorithm. */
  readonly publicKeyInfo: Uint8Array;
}

/** Tag of the optional version field that opens a certificate's body. */
const VERSION_TAG = 0xa0;

/**
 * Finds the fields of a DER certificate.
 * @throws RangeError when it is cut short
 */
export function certificateFields(certificate: Uint8Array): CertificateFields {
  const body = valueAt(certificate, valueAt(certificate, 0).contents);
  let at = body.contents;
  const next = (): Uint8Array => {
    const start = at;
    at = valueAt(certificate, start).end;
    return certificate.subarray(start, at);
  };
  if (valueAt(certificate, at).tag === VERSION_TAG) next();
  next(); // serial number
  next(); // signature algorithm
  const issuer = next();
  next(); // validity
  const subject = next();
  return { issuer, subject, publicKeyInfo: next() };
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
