/**
 * HChaCha20, which makes XChaCha20 of ChaCha20: a key for the first 16 bytes of
 * a long nonce, so that the last 8 can be the nonce of the short kind.
 *
 * @module
 */

/** "expand 32-byte k" */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const DOUBLE_ROUNDS = 10;

/**
 * The key under which `nonce` continues.
 * @param key 32 bytes
 * @param nonce 16 bytes
 */
export function hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const x = new Uint32Array(16);
  x.set(SIGMA);
  x.set(words(key), 4);
  x.set(words(nonce), 12);
  for (let round = 0; round < DOUBLE_ROUNDS; round++) {
    quarterRound(x, 0, 4, 8, 12);
    quarterRound(x, 1, 5, 9, 13);
    quarterRound(x, 2, 6, 10, 14);
    quarterRound(x, 3, 7, 11, 15);
    quarterRound(x, 0, 5, 10, 15);
    quarterRound(x, 1, 6, 11, 12);
    quarterRound(x, 2, 7, 8, 13);
    quarterRound(x, 3, 4, 9, 14);
  }
  const derived = new DataView(new ArrayBuffer(32));
  [...x.subarray(0, 4), ...x.subarray(12)].forEach((word, i) =>
    derived.setUint32(4 * i, word, true)
  );
  return new Uint8Array(derived.buffer);
}

function words(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from(
    { length: bytes.length / 4 },
    (_, i) => view.getUint32(4 * i, true),
  );
}

function quarterRound(
  x: Uint32Array,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  mix(x, a, b, d, 16);
  mix(x, c, d, b, 12);
  mix(x, a, b, d, 8);
  mix(x, c, d, b, 7);
}

/** `a += b; c ^= a; c <<<= bits` */
function mix(
  x: Uint32Array,
  a: number,
  b: number,
  c: number,
  bits: number,
): void {
  const sum = ((x[a] as number) + (x[b] as number)) >>> 0;
  const mixed = (x[c] as number) ^ sum;
  x[a] = sum;
  x[c] = (mixed << bits) | (mixed >>> (32 - bits));
}
