/**
 * Names for users that requests are about.
 *
 * @module
 */

import { Prefix } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/codec";
import type { Random } from "../../runtime/mod.ts";

const KEY_BYTES = 32;

/**
 * A public user key that nobody can guess. Nobody has the private one: the key
 * only ties an answer to its request.
 */
export function publicUserKey(random: Random): string {
  const raw = new Uint8Array(KEY_BYTES);
  random.fill(raw);
  return new TextDecoder().decode(Codec.encode(Prefix.User, raw));
}
