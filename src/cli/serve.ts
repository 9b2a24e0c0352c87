/**
 * Runs a server, or only checks its configuration.
 *
 * @module
 */

import {
  applyDefaults,
  checkConfigFile,
  ConfigurationError,
  type LoadContext,
  loadOptions,
} from "../config/mod.ts";
import { ServerLog } from "../log/mod.ts";
import type { Runtime } from "../runtime/mod.ts";
import { handleSignals, Server, StartError } from "../server/mod.ts";
import type { Check, Serve } from "./command_line.ts";
import { overridesOf } from "./overrides.ts";

/**
 * Says that a configuration is good. In a check, warnings are errors.
 * @throws Error that says what is wrong
 */
export function checkConfiguration(
  { configFile }: Check,
  runtime: Runtime,
): void {
  const { options, warnings } = checkConfigFile(
    configFile,
    loadContext(runtime),
  );
  if (warnings.length > 0) throw new ConfigurationError(warnings, []);
  runtime.process.writeError(
    `nats-server: configuration file ${configFile} is valid (${options.configDigest})\n`,
  );
}

/** Runs a server to its end. @returns the exit code @throws Error when it can't be set up */
export async function serve(
  { configFile, flags }: Serve,
  runtime: Runtime,
): Promise<number> {
  const { process } = runtime;
  const overrides = overridesOf(flags);
  const load = () => {
    const { options, warnings } = loadOptions({
      ...loadContext(runtime),
      configFile,
      overrides,
    });
    for (const warning of warnings) process.writeError(`${warning}\n`);
    return applyDefaults(options);
  };
  const options = load();
  const log = new ServerLog(runtime);
  const server = new Server(
    options,
    runtime,
    log,
    configFile === "" ? {} : { loadOptions: load },
  );
  await log.configure(options);
  const ignoreSignals = handleSignals(server, process, log);
  try {
    await server.start();
    await server.waitForShutdown();
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    log.fatal(error.message);
    return 1;
  } finally {
    ignoreSignals();
    await log.close();
  }
}

function loadContext({ disk, process }: Runtime): LoadContext {
  return { disk, env: (name) => process.env(name) };
}
