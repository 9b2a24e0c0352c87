/** Threads that compute in the background let the event loop go first. */

import { assertEquals } from "@std/assert";
import { denoRuntime } from "../../../src/runtime/mod.ts";

/** Name and niceness of a thread, from the text of its `stat`. */
function nameAndNiceness(stat: string): string {
  const end = stat.lastIndexOf(")");
  const name = stat.slice(stat.indexOf("(") + 1, end);
  return `${name} ${stat.slice(end + 2).split(" ")[16]}`;
}

/** Of the main thread, and of all that are called workers. */
function threads(): [main: string, workers: string[]] {
  const main = nameAndNiceness(Deno.readTextFileSync("/proc/self/stat"));
  const all = [...Deno.readDirSync("/proc/self/task")].map(({ name }) =>
    nameAndNiceness(Deno.readTextFileSync(`/proc/self/task/${name}/stat`))
  );
  return [main, all.filter((thread) => thread.startsWith("worker-"))];
}

Deno.test("a worker steps back behind the main thread", async () => {
  const url = new URL("../../../src/auth/bcrypt_worker.ts", import.meta.url);
  const worker = denoRuntime().workers.start(url);
  try {
    const hash = "$2a$04$";
    assertEquals(await worker.request({ password: "x", hash }), false);
    // Elsewhere threads have no priority of their own.
    if (Deno.build.os !== "linux") return;
    const [main, workers] = threads();
    assertEquals(main.split(" ").at(-1), "0");
    assertEquals(workers.map((each) => each.split(" ").at(-1)), ["10"]);
  } finally {
    worker.close();
  }
});
