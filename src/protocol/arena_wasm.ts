/**
 * `arena.wat`, compiled: `deno task wasm` writes this file.
 *
 * @module
 */

/** The binary, in base64. */
export const WASM: string =
  "AGFzbQEAAAABDgJgA39/fwBgBH9/f38AAwMCAAEFBgEBgAiACAceAwZtZW1vcnkCAARjb3B5AAAK" +
  "Y29weU1hc2tlZAABCo0BAgwAIAAgASAC/AoAAAt+AgF7AX8gA/0RIQQgACACQXBxaiEFAkADQCAA" +
  "IAVPDQEgACAB/QAEACAE/VH9CwQAIABBEGohACABQRBqIQEMAAsLIAUgAkEPcWohBQJAA0AgACAF" +
  "Tw0BIAAgAS0AACADczoAACADQQh4IQMgAEEBaiEAIAFBAWohAQwACwsL";
