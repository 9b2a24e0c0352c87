/**
 * `arena.wat`, compiled: `deno task wasm` writes this file.
 *
 * @module
 */

/** The binary, in base64. */
export const WASM: string =
  "AGFzbQEAAAABBwFgA39/fwADAgEABQYBAYAIgAgHEQIGbWVtb3J5AgAEY29weQAACg4BDAAgACAB" +
  "IAL8CgAACw==";
