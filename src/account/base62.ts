/**
 * Unpredictable text, and hashes, of digits and letters.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import type { Random } from "../runtime/mod.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
/** Bytes below this fall on all digits equally often. */
const FAIR = 256 - 256 % BASE;
/** Asking for many random bytes at once is cheaper. */
const POOL_BYTES = 768;
const NODE_LENGTH = 8;

/** Draws base-62 text that nobody can guess. */
export class Base62 {
  readonly #random: Random;
  readonly #pool = new Uint8Array(POOL_BYTES);
  #next = POOL_BYTES;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Text of `length` chars. */
  draw(length: number): string {
    let text = "";
    while (text.length < length) {
      if (this.#next === POOL_BYTES) this.#refill();
      const byte = this.#pool[this.#next++] ?? FAIR;
      if (byte < FAIR) text += DIGITS.charAt(byte % BASE);
    }
    return text;
  }

  #refill(): void {
    this.#random.fill(this.#pool);
    this.#next = 0;
  }
}

/** The short name by which servers know each other: a hash of the server's name. */
export function nodeName(serverName: string): string {
  const hash = sha256(new TextEncoder().encode(serverName));
  return Array.from(
    hash.subarray(0, NODE_LENGTH),
    (byte) => DIGITS.charAt(byte % BASE),
  ).join("");
}
