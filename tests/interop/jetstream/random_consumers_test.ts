/**
 * Random histories of consumers, played to the Go server and to ours.
 *
 * `RANDOM_CONSUMERS=100-199` plays those seeds instead of the usual few.
 *
 * @module
 */

import { compareAll, scenario } from "./compare.ts";
import { playHistory } from "./random_play.ts";
import { randomHistory } from "./random_steps.ts";

const [FIRST, LAST] = (Deno.env.get("RANDOM_CONSUMERS") ?? "1-8").split("-");
const STEPS = 40;

const seeds: number[] = [];
for (let seed = Number(FIRST); seed <= Number(LAST ?? FIRST); seed++) {
  seeds.push(seed);
}

const CONFIG = `
server_name: js
host: 127.0.0.1
port: -1
jetstream { store_dir: "{{dir}}", max_mem: 256M, max_file: 256M }
`;

compareAll(
  seeds.map((seed) =>
    scenario(
      `a random history of consumers, seed ${seed}`,
      { edge: ["consumers/direct-to-one-order"] },
      (session) => playHistory(session, randomHistory(seed, STEPS)),
    )
  ),
  CONFIG,
  // How often the Go server complains of a subject depends on what it reads at once.
  { pedantic: false },
);
