/**
 * Byte strings: the parser's working form of text, one char (0 to 255) per
 * byte, because the language counts positions in bytes and can spell bytes
 * that are no UTF-8 (`"\xff"`).
 *
 * Values leave the parser as ordinary strings. Bytes that are no UTF-8 become
 * the lone surrogates U+DC80 to U+DCFF, so that distinct byte strings stay
 * distinct and {@linkcode toByteText} restores them.
 *
 * @module
 */

/** What {@linkcode decodeRune} answers for a byte that begins no valid rune. */
export const INVALID_RUNE = 0xfffd;

/** A rune and the number of bytes that it takes. */
export interface Rune {
  readonly code: number;
  readonly width: number;
}

const ESCAPED_BYTE = 0xdc00;

/** Bytes as a byte string. */
export function bytesToByteText(bytes: Uint8Array): string {
  const chunks: string[] = [];
  for (let start = 0; start < bytes.length; start += 8192) {
    chunks.push(String.fromCharCode(...bytes.subarray(start, start + 8192)));
  }
  return chunks.join("");
}

/** The UTF-8 bytes of `text` as a byte string; undoes {@linkcode fromByteText}. */
export function toByteText(text: string): string {
  if (isAscii(text)) return text;
  const encoder = new TextEncoder();
  return text.split(/([\u{dc80}-\u{dcff}])/u).map((part) => {
    const code = part.charCodeAt(0);
    return isEscapedByte(code)
      ? String.fromCharCode(code - ESCAPED_BYTE)
      : bytesToByteText(encoder.encode(part));
  }).join("");
}

/** Text of a byte string; see the module's header for bytes that are no UTF-8. */
export function fromByteText(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  const parts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const { code, width } = decodeRune(bytes, at);
    parts.push(
      code === INVALID_RUNE && width === 1
        ? String.fromCharCode(ESCAPED_BYTE + bytes.charCodeAt(at))
        : String.fromCodePoint(code),
    );
    at += width;
  }
  return parts.join("");
}

/** Whether a char stands for a byte that is no UTF-8. */
export function isEscapedByte(code: number): boolean {
  return code >= ESCAPED_BYTE + 0x80 && code <= ESCAPED_BYTE + 0xff;
}

/**
 * Decodes the UTF-8 rune at `at` of a byte string. Anything malformed, among
 * it surrogates and overlong forms, is {@linkcode INVALID_RUNE} of width 1.
 */
export function decodeRune(bytes: string, at: number): Rune {
  const lead = bytes.charCodeAt(at);
  if (lead < 0x80) return { code: lead, width: 1 };
  const width = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  let code = lead & (0xff >> (width + 1));
  for (let next = at + 1; next < at + width; next++) {
    const byte = bytes.charCodeAt(next);
    if ((byte & 0xc0) !== 0x80) return { code: INVALID_RUNE, width: 1 };
    code = (code << 6) | (byte & 0x3f);
  }
  return lead >= 0xc2 && lead <= 0xf4 && inRange(code, width)
    ? { code, width }
    : { code: INVALID_RUNE, width: 1 };
}

/** Excludes overlong forms, surrogates and codes beyond Unicode. */
function inRange(code: number, width: number): boolean {
  if (width === 2) return code >= 0x80;
  if (width === 3) {
    return code >= 0x800 && (code < 0xd800 || code > 0xdfff);
  }
  return code >= 0x10000 && code <= 0x10ffff;
}

function isAscii(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(text);
}
