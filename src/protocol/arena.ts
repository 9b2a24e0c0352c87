/**
 * Memory within which bytes are copied without making views of them: for
 * `TypedArray.set` each message needs a subarray, which takes as long as
 * copying it does, and is garbage at once.
 *
 * @module
 */

import { WASM } from "./arena_wasm.ts";

/** Where what is kept in the arena begins: before lies what computes in it. */
export const ARENA_START = 65_536;

/** What `arena.wat` exports. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  copy(to: number, from: number, length: number): void;
  copyMasked(to: number, from: number, length: number, key: number): void;
}

/** Null until somebody wants some of it: an idle server does without. */
let arena: WebAssembly.Memory | null = null;
let memory: ArrayBufferLike | null = null;
let copy: Exports["copy"] = missing;
let copyMasked: Exports["copyMasked"] = missing;

/** All of it, 64 MiB. Pages that were never touched cost nothing. */
export function arenaMemory(): ArrayBuffer {
  return arenaModuleMemory().buffer as ArrayBuffer;
}

/** The same, for modules that compute in it. */
export function arenaModuleMemory(): WebAssembly.Memory {
  if (arena === null) {
    const exports = instantiate();
    ({ copy, copyMasked, memory: arena } = exports);
    memory = arena.buffer;
  }
  return arena;
}

/** Whether what is a view of `buffer` lies in the arena. */
export function isArena(buffer: ArrayBufferLike): boolean {
  return buffer === memory;
}

/** Copies `length` bytes from one position in the arena to another. */
export function copyInArena(to: number, from: number, length: number): void {
  copy(to, from, length);
}

/** The same, with each byte XOR one of the four of `key`, in turn, the lowest first. */
export function copyMaskedInArena(
  to: number,
  from: number,
  length: number,
  key: number,
): void {
  copyMasked(to, from, length, key);
}

function instantiate(): Exports {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(WASM));
  const exports: object = new WebAssembly.Instance(module).exports;
  if (!isExports(exports)) throw new TypeError("another module");
  return exports;
}

function isExports(exports: object): exports is Exports {
  return "memory" in exports && "copy" in exports;
}

function missing(): never {
  throw new TypeError("nothing lies in the arena yet");
}
