/**
 * Starts the program.
 *
 * @module
 */

import { run } from "./src/cli/mod.ts";
import { denoRuntime } from "./src/runtime/mod.ts";

const LONGEST_INTERVAL = 2 ** 31 - 1;

const runtime = denoRuntime();
// Neither timers nor signals keep a process alive by themselves, and a server
// in lame duck mode may have nothing else left.
const alive = setInterval(() => {}, LONGEST_INTERVAL);
const code = await run(runtime);
clearInterval(alive);
runtime.process.exit(code);
