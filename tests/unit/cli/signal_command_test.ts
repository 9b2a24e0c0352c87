import { assertEquals, assertRejects } from "@std/assert";
import {
  sendSignal,
  SignalCommandError,
} from "../../../src/cli/signal_command.ts";
import { DiskError, type Process } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";

const MINE = 100;

/** A machine on which `pgrep` prints `listing`; remembers the signals sent. */
function machine(
  listing: string,
  files: Record<string, string> = {},
  gone: readonly number[] = [],
) {
  const sent: [number, string][] = [];
  const process: Pick<Process, "pid" | "run" | "kill"> = {
    pid: MINE,
    run: (program, args) => {
      assertEquals([program, ...args], ["pgrep", "nats-server"]);
      return Promise.resolve({
        code: listing === "" ? 1 : 0,
        stdout: listing,
        stderr: "",
      });
    },
    kill: (pid, signal) => {
      if (gone.includes(pid)) throw new Error("ESRCH: No such process");
      sent.push([pid, signal]);
    },
  };
  const disk = {
    readFile(path: string): Uint8Array {
      const text = files[path];
      if (text === undefined) {
        throw new DiskError(`open ${path}`, "ENOENT", path);
      }
      return new TextEncoder().encode(text);
    },
  };
  return { sent, ports: { disk, process } };
}

async function failure(
  command: string,
  ...on: Parameters<typeof machine>
): Promise<string> {
  const { ports, sent } = machine(...on);
  const error = await assertRejects(
    () => sendSignal(command, ports),
    SignalCommandError,
  );
  assertEquals(sent, []);
  return error.message;
}

capability(
  "sendSignal - every command has its signal",
  { positive: ["cli-signals-logging/signal-commands"] },
  async () => {
    const { ports, sent } = machine("");
    for (const command of ["stop", "quit", "term", "reopen", "reload", "ldm"]) {
      await sendSignal(`${command}=7`, ports);
    }
    assertEquals(
      sent.map(([, signal]) => signal),
      ["SIGKILL", "SIGINT", "SIGTERM", "SIGUSR1", "SIGHUP", "SIGUSR2"],
    );
  },
);

capability(
  "sendSignal - unknown commands and too many parameters",
  {
    edge: ["cli-signals-logging/signal-commands", "cli-signals-logging/target"],
  },
  async () => {
    assertEquals(await failure("wink=7", ""), 'unknown signal "wink"');
    assertEquals(await failure("STOP=7", ""), 'unknown signal "STOP"');
    assertEquals(
      await failure("quit=1=2=3", ""),
      "invalid signal parameters: [2 3]",
    );
  },
);

capability(
  "sendSignal - a pid, a pid file, or the only server there is",
  { positive: ["cli-signals-logging/target"] },
  async () => {
    const { ports, sent } = machine(`${MINE}\n8\n`, { "/run/n.pid": "7" });
    await sendSignal("quit=6", ports);
    await sendSignal("quit=/run/n.pid", ports);
    await sendSignal("quit", ports);
    assertEquals(sent.map(([pid]) => pid), [6, 7, 8]);
  },
);

capability(
  "sendSignal - what is no pid, and pids in an unusual form",
  { edge: ["cli-signals-logging/target"] },
  async () => {
    assertEquals(await failure("quit=abc", ""), "invalid pid: abc");
    assertEquals(await failure("quit=a*", "1\n"), "invalid pid: a");
    assertEquals(await failure("quit=f", "", { f: "7\n" }), "invalid pid: 7\n");
    assertEquals(
      await failure("quit=99999999999999999999", ""),
      "invalid pid: 99999999999999999999",
    );
    const { ports, sent } = machine("");
    await sendSignal("quit=+7", ports);
    await sendSignal("quit=07", ports);
    assertEquals(sent, []);
  },
);

capability(
  "sendSignal - a process that is gone is named with the system's words",
  { positive: ["cli-signals-logging/resolution-errors"] },
  async () => {
    assertEquals(
      await failure("quit=7", "", {}, [7]),
      '\nsignal "quit" 7: no such process',
    );
    assertEquals(await failure("quit", ""), "no nats-server processes running");
    assertEquals(
      await failure("quit", `${MINE}\n`),
      "no nats-server processes running",
    );
  },
);

capability(
  "sendSignal - several servers, output that is no list, no pgrep",
  { edge: ["cli-signals-logging/resolution-errors"] },
  async () => {
    assertEquals(
      await failure("quit", `7\n${MINE}\n8\n`),
      "multiple nats-server processes running:\n7\n8",
    );
    const unresolved = "unable to resolve pid, try providing one";
    assertEquals(await failure("quit", "7\nnot a pid\n"), unresolved);

    const { ports } = machine("");
    const run = () => Promise.reject(new Error("Failed to spawn 'pgrep'"));
    const noPgrep = { ...ports, process: { ...ports.process, run } };
    const error = await assertRejects(
      () => sendSignal("quit", noPgrep),
      SignalCommandError,
    );
    assertEquals(error.message, unresolved);
  },
);

capability(
  "sendSignal - a glob means all servers whose pid begins so",
  { positive: ["cli-signals-logging/globs"] },
  async () => {
    const all = machine(`12\n123\n${MINE}\n45\n`);
    await sendSignal("ldm=*", all.ports);
    assertEquals(all.sent.map(([pid]) => pid), [12, 123, 45]);
    const some = machine("12\n123\n45\n");
    await sendSignal("ldm=12*", some.ports);
    assertEquals(some.sent.map(([pid]) => pid), [12, 123]);
  },
);

capability(
  "sendSignal - a glob that meets nothing is silent, and every failure is told",
  { edge: ["cli-signals-logging/globs"] },
  async () => {
    const { ports, sent } = machine("12\n");
    await sendSignal("quit=9*", ports);
    assertEquals(sent, []);
    assertEquals(
      await failure("quit=9*", ""),
      "no nats-server processes running",
    );
    assertEquals(
      await failure("quit=*", "7\n8\n", {}, [7, 8]),
      '\nsignal "quit" 7: no such process\nsignal "quit" 8: no such process',
    );
  },
);

Deno.test("sendSignal - without --allow-run the platform's advice is passed on", async () => {
  const { ports } = machine("");
  const advice =
    'Requires run access to "pgrep", run again with the --allow-run flag';
  const run = () => Promise.reject(new Error(advice));
  const denied = { ...ports, process: { ...ports.process, run } };
  const error = await assertRejects(
    () => sendSignal("quit", denied),
    SignalCommandError,
  );
  assertEquals(error.message, advice);
});
