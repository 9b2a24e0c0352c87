/**
 * The server's own keys: the public one is the server id, the curve key is for
 * those who encrypt what they send to this server.
 *
 * @module
 */

import { fromCurveSeed, fromSeed, type KeyPair, Prefix } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/codec";
import type { Random } from "../runtime/mod.ts";

const SEED_BYTES = 32;

/** A new server key pair, `N…`. */
export function createServerKey(random: Random): KeyPair {
  return fromSeed(Codec.encodeSeed(Prefix.Server, randomSeed(random)));
}

/** A new X25519 key pair, `X…`. */
export function createCurveKey(random: Random): KeyPair {
  return fromCurveSeed(Codec.encodeSeed(Prefix.Curve, randomSeed(random)));
}

function randomSeed(random: Random): Uint8Array {
  const seed = new Uint8Array(SEED_BYTES);
  random.fill(seed);
  return seed;
}
