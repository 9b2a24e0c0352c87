/**
 * Memory within which bytes are copied without making views of them: for
 * `TypedArray.set` each message needs a subarray, which takes as long as
 * copying it does, and is garbage at once.
 *
 * @module
 */

import { WASM } from "./arena_wasm.ts";

/** What `arena.wat` exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  copy(to: number, from: number, length: number): void;
  copyMasked(to: number, from: number, length: number, key: number): void;
}

const { memory, copy, copyMasked } = instantiate();

/** All of it, 64 MiB. Pages that were never touched cost nothing. */
export const ARENA: ArrayBuffer = memory.buffer;

/** Copies `length` bytes from one position in the arena to another. */
export const copyInArena: Exports["copy"] = copy;

/** The same, with each byte XOR one of the four of `key`, in turn, the lowest first. */
export const copyMaskedInArena: Exports["copyMasked"] = copyMasked;

function instantiate(): Exports {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(WASM));
  const exports: object = new WebAssembly.Instance(module).exports;
  if (!isExports(exports)) throw new TypeError("another module");
  return exports;
}

function isExports(exports: object): exports is Exports {
  return "memory" in exports && "copy" in exports;
}
