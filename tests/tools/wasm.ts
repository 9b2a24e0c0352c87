/**
 * Compiles the WebAssembly of the server: `deno task wasm`.
 *
 * Each `….wat` becomes `…_wasm.ts` beside it, which holds the binary as base64.
 * Both are committed: nothing has to be compiled to run, and a test compiles
 * again and compares.
 *
 * @module
 */

import wabt from "wabt";
import { PROJECT_ROOT } from "./oracle_binaries.ts";
import { print } from "./print.ts";

/** A WebAssembly text and the module that is made of it, by path. */
export interface WasmSource {
  readonly text: string;
  readonly module: string;
}

/** All WebAssembly texts of the server. */
export const WASM_SOURCES: readonly WasmSource[] = [
  wasmSource("src/protocol/arena"),
  wasmSource("src/store/format/highwayhash"),
  wasmSource("src/protocol/s2/s2"),
];

function wasmSource(stem: string): WasmSource {
  return {
    text: `${PROJECT_ROOT}${stem}.wat`,
    module: `${PROJECT_ROOT}${stem}_wasm.ts`,
  };
}

/**
 * The binary of a WebAssembly text.
 * @throws Error with what is wrong in it, and where
 */
export async function compileWat(
  name: string,
  text: string,
): Promise<Uint8Array> {
  const tools = await wabt();
  const module = tools.parseWat(name, text, {
    simd: true,
    bulk_memory: true,
  });
  try {
    module.validate();
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

/** The source of the module that holds `binary`. */
export function wasmModule(name: string, binary: Uint8Array): string {
  const lines = binary.toBase64().match(/.{1,76}/g) ?? [];
  return [
    "/**",
    ` * \`${name}\`, compiled: \`deno task wasm\` writes this file.`,
    " *",
    " * @module",
    " */",
    "",
    "/** The binary, in base64. */",
    "export const WASM: string =",
    lines.map((line) => `  "${line}"`).join(" +\n") + ";",
    "",
  ].join("\n");
}

/** The name at the end of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

if (import.meta.main) {
  for (const { text, module } of WASM_SOURCES) {
    const name = fileName(text);
    const binary = await compileWat(name, await Deno.readTextFile(text));
    await Deno.writeTextFile(module, wasmModule(name, binary));
    print(`${name}: ${binary.length} bytes`);
  }
}
