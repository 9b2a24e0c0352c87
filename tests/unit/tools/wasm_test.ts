import { assertEquals } from "@std/assert";
import {
  compileWat,
  fileName,
  WASM_SOURCES,
  wasmModule,
} from "../../tools/wasm.ts";

Deno.test("WebAssembly is what its text compiles to", async () => {
  for (const { text, module } of WASM_SOURCES) {
    const name = fileName(text);
    const binary = await compileWat(name, await Deno.readTextFile(text));
    assertEquals(await Deno.readTextFile(module), wasmModule(name, binary));
  }
});
