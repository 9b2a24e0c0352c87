/**
 * Reading DER, as far as certificates need it. Small enough to be worth more
 * than a dependency that decodes every extension there is.
 *
 * @module
 */

/** A certificate that is no DER. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** Tags of universal and context-specific values. */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  Oid: 0x06,
  Utf8String: 0x0c,
  NumericString: 0x12,
  PrintableString: 0x13,
  T61String: 0x14,
  Ia5String: 0x16,
  BmpString: 0x1e,
  GeneralizedTime: 0x18,
  Enumerated: 0x0a,
  OctetString: 0x04,
  Sequence: 0x30,
  Set: 0x31,
} as const;

/** One value. */
export interface DerValue {
  readonly tag: number;
  readonly contents: Uint8Array;
}

/** The values in a row that fill `bytes`. @throws DerError */
export function derValues(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const { value, end } = valueAt(bytes, at);
    values.push(value);
    at = end;
  }
  return values;
}

/** The only value in `bytes`, which must have the tag. @throws DerError */
export function derValue(bytes: Uint8Array, tag: number): DerValue {
  const [value, ...rest] = derValues(bytes);
  if (value === undefined || rest.length > 0 || value.tag !== tag) {
    throw new DerError(`expected one value with tag ${tag}`);
  }
  return value;
}

/** A value with its tag and length, as it stands among others. */
export function encodeDer({ tag, contents }: DerValue): Uint8Array {
  const size = contents.length;
  const length: number[] = [];
  if (size < 0x80) length.push(size);
  else {
    for (let left = size; left > 0; left = Math.floor(left / 256)) {
      length.unshift(left % 256);
    }
    length.unshift(0x80 | length.length);
  }
  const encoded = new Uint8Array(1 + length.length + size);
  encoded.set([tag, ...length]);
  encoded.set(contents, 1 + length.length);
  return encoded;
}

/** A SEQUENCE of values that are encoded already. */
export function derSequence(...parts: readonly Uint8Array[]): Uint8Array {
  const contents = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    contents.set(part, at);
    at += part.length;
  }
  return encodeDer({ tag: Tag.Sequence, contents });
}

/** An object identifier in dotted form. @throws DerError */
export function oidText(contents: Uint8Array): string {
  const parts: number[] = [];
  let part = 0;
  for (const byte of contents) {
    part = part * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    parts.push(part);
    part = 0;
  }
  const [first, ...rest] = parts;
  if (first === undefined) throw new DerError("empty object identifier");
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join(".");
}

/** A text, or undefined when the value is none. */
export function derText({ tag, contents }: DerValue): string | undefined {
  switch (tag) {
    case Tag.Utf8String:
    case Tag.NumericString:
    case Tag.PrintableString:
    case Tag.T61String:
    case Tag.Ia5String:
      return new TextDecoder().decode(contents);
    case Tag.BmpString:
      return new TextDecoder("utf-16be").decode(contents);
    default:
      return undefined;
  }
}

function valueAt(
  bytes: Uint8Array,
  at: number,
): { value: DerValue; end: number } {
  const tag = byteAt(bytes, at);
  const short = byteAt(bytes, at + 1);
  let start = at + 2;
  let size = short;
  if (short >= 0x80) {
    size = 0;
    for (let left = short & 0x7f; left > 0; left--) {
      size = size * 256 + byteAt(bytes, start++);
    }
  }
  const end = start + size;
  if (end > bytes.length) throw new DerError("a value is cut short");
  return { value: { tag, contents: bytes.subarray(start, end) }, end };
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new DerError("a value is cut short");
  return byte;
}
