/** A server that is killed under load keeps what it has acknowledged. */

import { assert } from "@std/assert";
import { killLoop } from "../../kill/loop.ts";
import { capability } from "../../tools/capability.ts";

for (const sync of ["always", undefined] as const) {
  const how = sync === undefined ? "the default sync_interval" : "syncs always";
  capability(`kill -9 - nothing acknowledged is lost, ${how}`, {
    positive: ["stores/write-path"],
    edge: ["stores/write-path"],
  }, async () => {
    const report = await killLoop({
      kills: 3,
      ...(sync === undefined ? {} : { sync }),
    });
    assert(report.acknowledged > 0 && report.consumed > 0);
  });
}
