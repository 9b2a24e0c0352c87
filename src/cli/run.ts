/**
 * Runs the program: from arguments to exit code.
 *
 * @module
 */

import { formatTimestamp, LogOpenError } from "../log/mod.ts";
import type { Runtime } from "../runtime/mod.ts";
import { type CommandLine, parseCommandLine } from "./command_line.ts";
import { checkConfiguration, serve } from "./serve.ts";
import { sendSignal } from "./signal_command.ts";
import { TLS_USAGE } from "./tls_usage.ts";
import { USAGE } from "./usage.ts";
import { versionText } from "./version.ts";

/** Does what the command line asks for. @returns the exit code */
export async function run(runtime: Runtime): Promise<number> {
  const { process } = runtime;
  try {
    return await execute(parseCommandLine(process.args), runtime);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    process.writeError(
      error instanceof LogOpenError
        ? `${now(runtime)} ${text}\n`
        : `nats-server: ${text}\n`,
    );
    return 1;
  }
}

async function execute(
  command: CommandLine,
  runtime: Runtime,
): Promise<number> {
  const { process } = runtime;
  switch (command.kind) {
    case "mistake":
      process.writeError(`${command.message}\n`);
      process.writeOut(USAGE);
      return 0;
    case "help":
      process.writeOut(USAGE);
      return 0;
    case "tls help":
      process.writeOut(TLS_USAGE);
      return 0;
    case "version":
      process.writeOut(versionText());
      return 0;
    case "signal":
      await sendSignal(command.signal, runtime);
      return 0;
    case "check":
      checkConfiguration(command, runtime);
      return 0;
    case "serve":
      return await serve(command, runtime);
  }
}

/** The present time, as Go writes it in front of a failure to log. */
function now({ clock }: Runtime): string {
  const at = clock.now();
  return formatTimestamp(at, clock.utcOffset(at));
}
