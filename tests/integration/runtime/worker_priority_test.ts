/** Threads that compute in the background let the event loop go first. */

import { assertEquals } from "@std/assert";
import { runDeno } from "../../tools/program.ts";

Deno.test("a worker steps back behind the main thread", async () => {
  const program = new URL("worker_niceness.ts", import.meta.url).pathname;
  const { stdout, stderr, code } = await runDeno(["run", "-A", program]);
  assertEquals(code, 0, stderr);
  const { matches, main, workers } = JSON.parse(stdout);
  assertEquals(matches, false);
  // Elsewhere threads have no priority of their own.
  if (Deno.build.os !== "linux") return;
  assertEquals({ main, workers }, { main: "0", workers: ["10"] });
});
