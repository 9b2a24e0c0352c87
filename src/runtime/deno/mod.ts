/**
 * The ports over Deno. A missing permission surfaces as the port's error with
 * the platform's words, which name the flag; nothing here asks at a prompt
 * when Deno runs with `--no-prompt`.
 *
 * @module
 */
import type { Runtime } from "../ports.ts";
import { DenoClock } from "./clock.ts";
import { DenoDisk } from "./disk.ts";
import { DenoHttp } from "./http_server.ts";
import { DenoNetwork } from "./network.ts";
import { DenoPager } from "./pager.ts";
import { DenoProcess } from "./process.ts";
import { DenoProfiler } from "./profiler.ts";
import { DenoRandom } from "./random.ts";
import { DenoTimers } from "./timers.ts";
import { DenoTls } from "./tls_engine.ts";
import { DenoWorkers } from "./workers.ts";

/** The runtime of this process. */
export function denoRuntime(): Runtime {
  return {
    clock: new DenoClock(),
    timers: new DenoTimers(),
    random: new DenoRandom(),
    network: new DenoNetwork(),
    disk: new DenoDisk(),
    process: new DenoProcess(),
    workers: new DenoWorkers(),
    pager: new DenoPager(),
    tls: new DenoTls(),
    http: new DenoHttp(),
    profiler: new DenoProfiler(),
  };
}
