/**
 * `--signal <command>[=<pid>|=<pid file>]`: tells a running server what to do.
 *
 * @module
 */

import { quoteText } from "../log/mod.ts";
import type { Disk, Process, SignalName } from "../runtime/mod.ts";

/** Name under which `pgrep` looks for servers. */
const PROCESS_NAME = "nats-server";

const SIGNALS: ReadonlyMap<string, SignalName | "SIGKILL"> = new Map([
  ["stop", "SIGKILL"],
  ["quit", "SIGINT"],
  ["term", "SIGTERM"],
  ["reopen", "SIGUSR1"],
  ["reload", "SIGHUP"],
  ["ldm", "SIGUSR2"],
]);

/** A signal that can't be sent; the message is for the operator. */
export class SignalCommandError extends Error {
  override readonly name = "SignalCommandError";
}

/** The ports that sending a signal works with. */
export interface SignalCommandPorts {
  readonly disk: Pick<Disk, "readFile">;
  readonly process: Pick<Process, "pid" | "run" | "kill">;
}

/**
 * Carries out `--signal` with the value `text`. Without a pid it means the one
 * server that runs; a pid that ends in `*` means all servers whose pid begins
 * so. @throws SignalCommandError
 */
export async function sendSignal(
  text: string,
  ports: SignalCommandPorts,
): Promise<void> {
  const [command = "", target = "", ...excess] = text.split("=");
  if (excess.length > 0) {
    throw new SignalCommandError(
      `invalid signal parameters: [${excess.join(" ")}]`,
    );
  }
  const expression = target === "" ? "" : readPidFile(target, ports.disk);
  const pids = await targets(expression, ports.process);
  const signal = SIGNALS.get(command);
  if (signal === undefined) {
    throw new SignalCommandError(`unknown signal ${quoteText(command)}`);
  }
  const failures = pids.flatMap((pid) => {
    try {
      ports.process.kill(pid, signal);
      return [];
    } catch (error) {
      return [`\nsignal ${quoteText(command)} ${pid}: ${systemWords(error)}`];
    }
  });
  if (failures.length > 0) throw new SignalCommandError(failures.join(""));
}

/** The content of the file `target`, as it stands; `target` itself when there is none. */
function readPidFile(target: string, disk: Pick<Disk, "readFile">): string {
  try {
    return new TextDecoder().decode(disk.readFile(target));
  } catch {
    return target;
  }
}

/** The processes that `expression` means. */
async function targets(
  expression: string,
  process: SignalCommandPorts["process"],
): Promise<number[]> {
  const isGlob = expression.endsWith("*");
  const prefix = isGlob ? expression.slice(0, -1) : expression;
  if (prefix !== "" && !isInteger(prefix)) {
    throw new SignalCommandError(`invalid pid: ${prefix}`);
  }
  // As in Go, a pid that is not in its shortest form (`+1`, `01`) matches nothing.
  if (prefix !== "" && !isGlob) {
    return [Number(prefix)].filter((pid) => String(pid) === prefix);
  }
  const running = await runningServers(process);
  if (running.length > 1 && !isGlob) {
    throw new SignalCommandError(
      [`multiple ${PROCESS_NAME} processes running:`, ...running].join("\n"),
    );
  }
  if (running.length === 0) {
    throw new SignalCommandError(`no ${PROCESS_NAME} processes running`);
  }
  return running.filter((pid) => String(pid).startsWith(prefix));
}

/** Pids of all servers on this machine but this process. */
async function runningServers(
  process: SignalCommandPorts["process"],
): Promise<number[]> {
  const lines = (await listProcesses(process)).split("\n").filter((line) =>
    line !== ""
  );
  if (!lines.every(isInteger)) throw unresolvable();
  return lines.map(Number).filter((pid) => pid !== process.pid);
}

async function listProcesses(
  process: SignalCommandPorts["process"],
): Promise<string> {
  try {
    // A failure status only says that there are none.
    return (await process.run("pgrep", [PROCESS_NAME])).stdout;
  } catch (error) {
    // Without the permission to run programs, the platform's text says what to grant.
    if (error instanceof Error && error.message.includes("--allow-run")) {
      throw new SignalCommandError(error.message, { cause: error });
    }
    throw unresolvable(error);
  }
}

function unresolvable(cause?: unknown): SignalCommandError {
  return new SignalCommandError("unable to resolve pid, try providing one", {
    cause,
  });
}

/** Whether `text` is a decimal integer of at most 64 bits. */
function isInteger(text: string): boolean {
  return /^[+-]?\d+$/.test(text) &&
    BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

/** The operating system's words for a failure, without its error name in front. */
function systemWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const words = text.replace(/^E[A-Z]+: /, "");
  return words === text ? text : words.charAt(0).toLowerCase() + words.slice(1);
}
