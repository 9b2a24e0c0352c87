/**
 * Every scenario that `deno task sim` runs.
 *
 * @module
 */

import type { Scenario } from "../scenario.ts";
import { appendLog } from "./append_log.ts";
import { echo } from "./echo.ts";

export const SCENARIOS: readonly Scenario[] = [echo, appendLog];
