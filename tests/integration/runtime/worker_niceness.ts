/**
 * Prints the niceness of the main thread and of all workers, one of which
 * computes in the background. Other tests have workers too, so this is a
 * program of its own.
 *
 * @module
 */

import { denoRuntime } from "../../../src/runtime/mod.ts";
import { print } from "../../tools/print.ts";

/** Name and niceness of a thread, from the text of its `stat`. */
function nameAndNiceness(stat: string): [name: string, niceness: string] {
  const end = stat.lastIndexOf(")");
  const name = stat.slice(stat.indexOf("(") + 1, end);
  return [name, stat.slice(end + 2).split(" ")[16] ?? ""];
}

const url = new URL("../../../src/auth/bcrypt_worker.ts", import.meta.url);
const worker = denoRuntime().workers.start(url);
const matches = await worker.request({ password: "x", hash: "$2a$04$" });
const onLinux = Deno.build.os === "linux";
const threads = onLinux
  ? [...Deno.readDirSync("/proc/self/task")].map(({ name }) =>
    nameAndNiceness(Deno.readTextFileSync(`/proc/self/task/${name}/stat`))
  )
  : [];
const main = onLinux
  ? nameAndNiceness(Deno.readTextFileSync("/proc/self/stat"))[1]
  : "";
// What threads they start in turn is called the same.
const workers = new Set(
  threads
    .filter(([name]) => name.startsWith("worker-"))
    .map(([, niceness]) => niceness),
);
worker.close();
print(JSON.stringify({ matches, main, workers: [...workers] }));
