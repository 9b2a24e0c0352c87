/**
 * The server's own key pair, whose public key is the server id.
 *
 * @module
 */

import { fromSeed, type KeyPair, Prefix } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/codec";
import type { Random } from "../runtime/mod.ts";

const SEED_BYTES = 32;

/** A new server key pair, `N…`. */
export function createServerKey(random: Random): KeyPair {
  const raw = new Uint8Array(SEED_BYTES);
  random.fill(raw);
  return fromSeed(Codec.encodeSeed(Prefix.Server, raw));
}
