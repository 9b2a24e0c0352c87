/**
 * Starts the program.
 *
 * @module
 */

import { run } from "./src/cli/mod.ts";
import { denoRuntime } from "./src/runtime/mod.ts";

const runtime = denoRuntime();
runtime.process.exit(await run(runtime));
