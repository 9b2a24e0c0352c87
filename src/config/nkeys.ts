/**
 * Which texts are nkeys.
 *
 * @module
 */

import { Prefix } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/codec";

const PREFIXES = {
  server: Prefix.Server,
  cluster: Prefix.Cluster,
  operator: Prefix.Operator,
  account: Prefix.Account,
  user: Prefix.User,
  curve: Prefix.Curve,
} as const;

/** What a public key identifies. */
export type KeyKind = keyof typeof PREFIXES;

const KEY_SIZE = 32;
/** Characters of a public key and of a seed; the codec does not look at what is left over. */
const KEY_LENGTH = 56;
const SEED_LENGTH = 58;

/** Whether `text` is a public key, of the given kind if there is one. */
export function isPublicKey(text: string, kind?: KeyKind): boolean {
  return publicKeyBytes(text, kind) !== undefined;
}

/** The bytes of a public key, or undefined if the text is none of that kind. */
export function publicKeyBytes(
  text: string,
  kind?: KeyKind,
): Uint8Array | undefined {
  if (text.length !== KEY_LENGTH) return undefined;
  const prefixes = kind === undefined
    ? Object.values(PREFIXES)
    : [PREFIXES[kind]];
  for (const prefix of prefixes) {
    const key = attempt(() => Codec.decode(prefix, bytes(text)));
    if (key?.length === KEY_SIZE) return key;
  }
  return undefined;
}

/** Whether `text` is the seed of a user key. */
export function isUserSeed(text: string): boolean {
  if (text.length !== SEED_LENGTH) return false;
  const seed = attempt(() => Codec.decodeSeed(bytes(text)));
  return seed?.prefix === Prefix.User && seed.buf.length === KEY_SIZE;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The codec throws at whatever is no key. */
function attempt<R>(decode: () => R): R | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
