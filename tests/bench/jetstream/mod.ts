/**
 * Benchmarks of JetStream.
 *
 * @module
 */

import type { Scenario } from "../scenario.ts";
import { CONSUMING } from "./consuming.ts";
import { LARGE_OPERATIONS } from "./large_operations.ts";
import { LARGE_STREAMS } from "./large_streams.ts";
import { MUCH_PENDING } from "./much_pending.ts";
import { PUBLISHING } from "./publishing.ts";

/** In the order in which they run. */
export const JETSTREAM: readonly Scenario[] = [
  ...PUBLISHING,
  ...CONSUMING,
  ...LARGE_STREAMS,
  ...LARGE_OPERATIONS,
  ...MUCH_PENDING,
];
