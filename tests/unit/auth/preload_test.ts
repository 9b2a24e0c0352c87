import { assertThrows } from "@std/assert";
import { checkPreloadable } from "../../../src/auth/mod.ts";

Deno.test("a resolver that can't be written to takes no preloaded accounts", () => {
  const url = { resolver: { kind: "url", url: "http://x/" } as const };
  const memory = { resolver: { kind: "memory" } as const };
  const none = { resolverPreload: new Map<string, string>() };
  const some = { resolverPreload: new Map([["A", "jwt"]]) };
  checkPreloadable({ ...url, ...none });
  checkPreloadable({ ...memory, ...some });
  assertThrows(
    () => checkPreloadable({ ...url, ...some }),
    Error,
    "resolver preloads only available for writeable resolver types MEM/DIR/CACHE_DIR",
  );
});
