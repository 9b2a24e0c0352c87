/**
 * The server: assembly, life cycle, reload and lame duck mode.
 *
 * Contract: the only folder that knows all subsystems; keeps no global state,
 * so that any number of servers run in one process.
 *
 * @module
 */

export { logBanner } from "./banner.ts";
export { gitCommit, VERSION } from "./build.ts";
export * from "./process_files.ts";
export { Server, type ServerHooks } from "./server.ts";
export { StartError } from "./start_error.ts";
export { handleSignals, type SignalTarget } from "./signals.ts";
