import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  publicEd25519,
  publicX25519,
  signEd25519,
  verifyEd25519,
} from "../../../src/runtime/mod.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);

// RFC 8032, 7.1, test 1.
const SEED = bytes(
  "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
);
const PUBLIC = bytes(
  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
);

Deno.test("ed25519 - a seed has one public key", () => {
  assertEquals(publicEd25519(SEED), PUBLIC);
});

Deno.test("ed25519 - the public key proves who signed", () => {
  const message = new TextEncoder().encode("nonce");
  const signature = signEd25519(SEED, message);
  assert(verifyEd25519(PUBLIC, message, signature));
  signature[0] = (signature[0] ?? 0) ^ 1;
  assert(!verifyEd25519(PUBLIC, message, signature));
});

Deno.test("ed25519 - a public key of X25519", () => {
  // RFC 7748, 6.1: Bob's keys.
  assertEquals(
    publicX25519(
      bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
    ),
    bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
  );
});

Deno.test("ed25519 - seeds have 32 bytes", () => {
  for (const make of [publicEd25519, publicX25519]) {
    assertThrows(() => make(new Uint8Array(31)), RangeError, "31 bytes");
  }
});
