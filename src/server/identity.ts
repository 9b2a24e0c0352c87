/**
 * The server's own keys: the public one is the server id, the curve key is for
 * those who encrypt what they send to this server.
 *
 * @module
 */

import { fromCurveSeed, type KeyPair, Prefix } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/codec";
import { publicEd25519, publicX25519, type Random } from "../runtime/mod.ts";

const SEED_BYTES = 32;

/**
 * The keys of one run of a server. The platform makes the public ones: nkeys
 * would take most of the time that a server takes to start.
 */
export class ServerKeys {
  /** What the server signs with: 32 bytes. */
  readonly seed: Uint8Array;
  /** Server id, `N…`. */
  readonly id: string;
  /** X25519, `X…`. */
  readonly curve: string;
  /** Seals and opens what is encrypted with the curve key. */
  readonly curvePair: KeyPair;

  constructor(random: Random) {
    this.seed = randomSeed(random);
    this.id = encode(Prefix.Server, publicEd25519(this.seed));
    const key = randomSeed(random);
    this.curve = encode(Prefix.Curve, publicX25519(key));
    this.curvePair = fromCurveSeed(Codec.encodeSeed(Prefix.Curve, key));
  }
}

function encode(prefix: Prefix, key: Uint8Array): string {
  return new TextDecoder().decode(Codec.encode(prefix, key));
}

function randomSeed(random: Random): Uint8Array {
  const seed = new Uint8Array(SEED_BYTES);
  random.fill(seed);
  return seed;
}
