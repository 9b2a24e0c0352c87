/**
 * All benchmarks.
 *
 * @module
 */

import { FOOTPRINT } from "./footprint.ts";
import { JETSTREAM } from "./jetstream/mod.ts";
import { LATENCY } from "./latency.ts";
import { RESPONSIVENESS } from "./responsiveness.ts";
import type { Scenario } from "./scenario.ts";
import { SECURITY } from "./security.ts";
import { THROUGHPUT } from "./throughput.ts";
import { WEBSOCKET } from "./websocket.ts";

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  ...THROUGHPUT,
  ...WEBSOCKET,
  ...LATENCY,
  ...RESPONSIVENESS,
  ...FOOTPRINT,
  ...SECURITY,
  ...JETSTREAM,
];
