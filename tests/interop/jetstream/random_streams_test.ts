/**
 * Streams under random requests, the same to the Go server and to ours.
 *
 * `RANDOM_STREAMS=1000-2000` plays other seeds. A difference is cut down to
 * the steps that it needs.
 */

import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { planOf } from "./random/generator.ts";
import { Pair } from "./random/pair.ts";
import { showPlan } from "./random/plan.ts";

const CONFIG = `
server_name: js
listen: 127.0.0.1:-1
jetstream { store_dir: "{{dir}}/js", max_mem: 256M, max_file: 256M }
`;

const [first = 1, last = 60] = (Deno.env.get("RANDOM_STREAMS") ?? "1-60")
  .split("-").map(Number);

const ROWS = ["streams/create-validate", "streams/update", "streams/puback"];

capability(
  `streams answer random requests as Go's do, seeds ${first} to ${last}`,
  { positive: ROWS, edge: ROWS },
  async () => {
    await using pair = await Pair.start(CONFIG);
    for (let seed = first; seed <= last; seed++) {
      const plan = planOf(seed);
      if (await pair.difference(plan) === null) continue;
      const smaller = await pair.cutDown(plan);
      const found = await pair.difference(smaller);
      if (found === null) continue;
      const message = `step ${found.at} of ${showPlan(smaller)}`;
      assertEquals(found.ours, found.go, message);
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);
