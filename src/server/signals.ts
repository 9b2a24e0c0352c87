/**
 * What the server does when it is sent a signal.
 *
 * @module
 */

import type { Logger } from "../log/mod.ts";
import type { Process, SignalName } from "../runtime/mod.ts";

/** The part of a server that signals act on. */
export interface SignalTarget {
  /** Whether lame duck mode has begun; the process then ends by itself. */
  readonly lameDucking: boolean;
  shutdown(): Promise<void>;
  /** Resolves when the last client is gone and the server has shut down. */
  lameDuck(): Promise<void>;
  /** @throws Error when the new configuration can't be taken over */
  reload(): Promise<void>;
  reopenLog(): void;
}

/** Signals by the names that Go gives them. */
const NAMES: Readonly<Record<SignalName, string>> = {
  SIGINT: "interrupt",
  SIGTERM: "terminated",
  SIGHUP: "hangup",
  SIGUSR1: "user defined signal 1",
  SIGUSR2: "user defined signal 2",
};

const SIGNALS: readonly SignalName[] = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
];

/**
 * Handles INT, TERM (shut down), HUP (reload), USR1 (reopen the log) and USR2
 * (lame duck mode) until the returned function is called. A signal that is
 * still being acted upon does not hold up the next one.
 */
export function handleSignals(
  target: SignalTarget,
  process: Pick<Process, "onSignal">,
  log: Logger,
): () => void {
  const stops = SIGNALS.map((signal) =>
    process.onSignal(signal, () => void handle(signal, target, log))
  );
  return () => stops.forEach((stop) => stop());
}

async function handle(
  signal: SignalName,
  target: SignalTarget,
  log: Logger,
): Promise<void> {
  log.notice(`Trapped "${NAMES[signal]}" signal`);
  try {
    await act(signal, target, log);
  } catch (error) {
    log.error(
      `Error handling signal: ${
        error instanceof Error ? error.message : error
      }`,
    );
  }
}

async function act(
  signal: SignalName,
  target: SignalTarget,
  log: Logger,
): Promise<void> {
  switch (signal) {
    case "SIGINT":
      return await target.shutdown();
    case "SIGTERM":
      // Lame duck mode ends the process by itself, when its clients have left.
      return target.lameDucking ? undefined : await target.shutdown();
    case "SIGHUP":
      return await reload(target, log);
    case "SIGUSR1":
      return target.reopenLog();
    case "SIGUSR2":
      return await target.lameDuck();
  }
}

async function reload(target: SignalTarget, log: Logger): Promise<void> {
  try {
    await target.reload();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error(`Failed to reload server configuration: ${reason}`);
  }
}
