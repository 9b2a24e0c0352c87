/**
 * Kills a server under load and looks whether it keeps its promises.
 *
 *     deno task kills [--count <n>] [--sync always]
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { complain, print } from "../tools/print.ts";
import { killLoop } from "./loop.ts";

if (import.meta.main) {
  const { count, sync } = parseArgs(Deno.args, { string: ["count", "sync"] });
  const kills = Number(count ?? "100");
  if (!(kills > 0) || (sync !== undefined && sync !== "always")) {
    complain("deno task kills [--count <n>] [--sync always]");
    Deno.exit(2);
  }
  const report = await killLoop({
    kills,
    ...(sync === undefined ? {} : { sync: "always" }),
    progress: complain,
  });
  const { published, acknowledged, consumed } = report;
  print(
    `${kills} kills: ${published} published, ${acknowledged} acknowledged, ` +
      `${consumed} consumed; nothing lost`,
  );
}
