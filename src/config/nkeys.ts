/**
 * The text form of nkeys: base32 of a prefix byte, the key and a checksum.
 *
 * @module
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What a public key identifies, by the letter that its text begins with. */
const PREFIXES = {
  server: "N",
  cluster: "C",
  operator: "O",
  account: "A",
  user: "U",
  curve: "X",
};

/** What a public key identifies. */
export type KeyKind = keyof typeof PREFIXES;

/** Whether `text` is a public key, of the given kind if there is one. */
export function isPublicKey(text: string, kind?: KeyKind): boolean {
  const decoded = decode(text);
  if (decoded === undefined || decoded.length !== 33) return false;
  const letter = ALPHABET[(decoded[0] ?? 0) >> 3] ?? "";
  const allowed = kind === undefined
    ? Object.values(PREFIXES)
    : [PREFIXES[kind]];
  return ((decoded[0] ?? 0) & 7) === 0 && allowed.includes(letter);
}

/** The 32 key bytes of a public key, or undefined if the text is none. */
export function publicKeyBytes(text: string): Uint8Array | undefined {
  return isPublicKey(text) ? decode(text)?.subarray(1) : undefined;
}

/** Whether `text` is the seed of a user key. */
export function isUserSeed(text: string): boolean {
  const decoded = decode(text);
  if (decoded === undefined || decoded.length !== 34) return false;
  const [first = 0, second = 0] = decoded;
  const kind = (first & 7) << 5 | second >> 3;
  return ALPHABET[first >> 3] === "S" &&
    kind === ALPHABET.indexOf(PREFIXES.user) << 3;
}

/** Bytes before the checksum; undefined when the text is malformed. */
function decode(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let pending = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    pending = (pending << 5 | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push(pending >> bits & 0xff);
    }
  }
  if (bytes.length < 4) return undefined;
  const body = Uint8Array.from(bytes.slice(0, -2));
  const [low = 0, high = 0] = bytes.slice(-2);
  return checksum(body) === (high << 8 | low) ? body : undefined;
}

/** CRC-16 with polynomial 0x1021 (XMODEM). */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) !== 0
        ? (crc << 1 ^ 0x1021) & 0xffff
        : crc << 1 & 0xffff;
    }
  }
  return crc;
}
