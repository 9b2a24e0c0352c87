import { fromCurveSeed, fromSeed, Prefix } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/codec";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { ServerKeys } from "../../../src/server/identity.ts";

/** Draws 1, 2, 3 …. */
function counting(): ConstructorParameters<typeof ServerKeys>[0] {
  let last = 0;
  const next = () => ++last;
  return {
    fill: (bytes) => void bytes.forEach((_, i) => bytes[i] = next()),
    below: next,
  };
}

Deno.test("identity - public keys are those that nkeys makes of the same seeds", () => {
  const keys = new ServerKeys(counting());
  const curveSeed = Uint8Array.from({ length: 32 }, (_, i) => 33 + i);
  const server = fromSeed(Codec.encodeSeed(Prefix.Server, keys.seed));
  assertEquals(keys.id, server.getPublicKey());
  const curve = fromCurveSeed(Codec.encodeSeed(Prefix.Curve, curveSeed));
  assertEquals(keys.curve, curve.getPublicKey());
  assertEquals(keys.curvePair.getPublicKey(), keys.curve);
});

Deno.test("identity - one that knows the public curve key can seal for it", () => {
  const keys = new ServerKeys(counting());
  const other = fromCurveSeed(
    Codec.encodeSeed(Prefix.Curve, new Uint8Array(32).fill(7)),
  );
  const message = new TextEncoder().encode("secret");
  const sealed = other.seal(message, keys.curve);
  assertNotEquals(sealed, message);
  assertEquals(keys.curvePair.open(sealed, other.getPublicKey()), message);
});

Deno.test("identity - ids of servers begin with N, curve keys with X", () => {
  const { id, curve } = new ServerKeys(counting());
  assertMatch(id, /^N[A-Z2-7]{55}$/);
  assertMatch(curve, /^X[A-Z2-7]{55}$/);
});
