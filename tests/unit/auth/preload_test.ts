import { assertThrows } from "@std/assert";
import { checkPreloadable } from "../../../src/auth/mod.ts";

Deno.test("a resolver that can't be written to takes no preloaded accounts", () => {
  const none = { resolverPreload: new Map<string, string>() };
  const some = { resolverPreload: new Map([["A", "jwt"]]) };
  checkPreloadable({ readOnly: true }, none);
  checkPreloadable({ readOnly: false }, some);
  assertThrows(
    () => checkPreloadable({ readOnly: true }, some),
    Error,
    "resolver preloads only available for writeable resolver types MEM/DIR/CACHE_DIR",
  );
});
