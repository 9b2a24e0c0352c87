/**
 * Every scenario that `deno task sim` runs.
 *
 * @module
 */

import type { Scenario } from "../scenario.ts";
import { appendLog } from "./append_log.ts";
import { authTimeout, lameDuck, stalePeers } from "./client_timers.ts";
import { echo } from "./echo.ts";
import { pubsub } from "./pubsub.ts";
import { overflowingReader, stalledReader } from "./stalled_reader.ts";
import { storeCrash, storeKill } from "./store_crash.ts";
import { storeDamage } from "./store_damage.ts";

export const SCENARIOS: readonly Scenario[] = [
  echo,
  appendLog,
  pubsub,
  stalledReader,
  overflowingReader,
  stalePeers,
  authTimeout,
  lameDuck,
  storeCrash,
  storeKill,
  storeDamage,
];
