import { assertEquals } from "@std/assert";
import type { Logger } from "../../../src/log/mod.ts";
import type { SignalName } from "../../../src/runtime/mod.ts";
import {
  handleSignals,
  type SignalTarget,
} from "../../../src/server/signals.ts";
import { capability } from "../../tools/capability.ts";

/** A server that writes down what is asked of it, and the signals to ask with. */
function scene(replaced: Partial<SignalTarget> = {}) {
  const told: string[] = [];
  const handlers = new Map<SignalName, () => void>();
  const target: SignalTarget = {
    lameDucking: false,
    shutdown: () => Promise.resolve(void told.push("shutdown")),
    lameDuck: () => Promise.resolve(void told.push("lame duck")),
    reload: () => Promise.resolve(void told.push("reload")),
    reopenLog: () => void told.push("reopen"),
    ...replaced,
  };
  const write = (text: string) => void told.push(text);
  const log: Logger = {
    debugging: false,
    tracing: false,
    notice: write,
    warn: write,
    error: write,
    fatal: write,
    debug: write,
    trace: write,
  };
  const process = {
    onSignal(signal: SignalName, handler: () => void) {
      handlers.set(signal, handler);
      return () => void handlers.delete(signal);
    },
  };
  const stop = handleSignals(target, process, log);
  const send = async (signal: SignalName) => {
    handlers.get(signal)?.();
    await Promise.resolve();
    await Promise.resolve();
    return told.splice(0);
  };
  return { send, stop, handlers };
}

capability(
  "handleSignals - each signal is logged by Go's name and acted upon",
  {
    positive: [
      "cli-signals-logging/log",
      "cli-signals-logging/sigint",
      "cli-signals-logging/sigterm",
      "cli-signals-logging/sighup",
      "cli-signals-logging/sigusr1",
      "cli-signals-logging/sigusr2",
    ],
  },
  async () => {
    const { send } = scene();
    assertEquals(await send("SIGINT"), [
      'Trapped "interrupt" signal',
      "shutdown",
    ]);
    assertEquals(await send("SIGTERM"), [
      'Trapped "terminated" signal',
      "shutdown",
    ]);
    assertEquals(await send("SIGHUP"), ['Trapped "hangup" signal', "reload"]);
    assertEquals(await send("SIGUSR1"), [
      'Trapped "user defined signal 1" signal',
      "reopen",
    ]);
    assertEquals(await send("SIGUSR2"), [
      'Trapped "user defined signal 2" signal',
      "lame duck",
    ]);
  },
);

capability(
  "handleSignals - in lame duck mode TERM is ignored, INT is not",
  { edge: ["cli-signals-logging/sigterm", "cli-signals-logging/sigint"] },
  async () => {
    const { send } = scene({ lameDucking: true });
    assertEquals(await send("SIGTERM"), ['Trapped "terminated" signal']);
    assertEquals(await send("SIGINT"), [
      'Trapped "interrupt" signal',
      "shutdown",
    ]);
  },
);

capability(
  "handleSignals - a reload that fails is logged and the server goes on",
  { edge: ["cli-signals-logging/sighup", "cli-signals-logging/log"] },
  async () => {
    const { send } = scene({
      reload: () => Promise.reject(new Error("no file")),
    });
    assertEquals(await send("SIGHUP"), [
      'Trapped "hangup" signal',
      "Failed to reload server configuration: no file",
    ]);
    assertEquals(await send("SIGINT"), [
      'Trapped "interrupt" signal',
      "shutdown",
    ]);
  },
);

capability(
  "handleSignals - a reload under way does not hold up lame duck mode, nor that a shutdown",
  { edge: ["cli-signals-logging/sigusr2", "cli-signals-logging/sigusr1"] },
  async () => {
    const never = () => new Promise<void>(() => {});
    const { send } = scene({ reload: never, lameDuck: never });
    await send("SIGHUP");
    await send("SIGUSR2");
    assertEquals(await send("SIGUSR1"), [
      'Trapped "user defined signal 1" signal',
      "reopen",
    ]);
    assertEquals(await send("SIGINT"), [
      'Trapped "interrupt" signal',
      "shutdown",
    ]);
  },
);

capability(
  "handleSignals - traps nothing else, and nothing after it is stopped",
  {
    edge: ["cli-signals-logging/sigkill-sigquit"],
    positive: ["cli-signals-logging/sigkill-sigquit"],
  },
  () => {
    const { handlers, stop } = scene();
    assertEquals([...handlers.keys()].sort(), [
      "SIGHUP",
      "SIGINT",
      "SIGTERM",
      "SIGUSR1",
      "SIGUSR2",
    ]);
    stop();
    assertEquals(handlers.size, 0);
  },
);
