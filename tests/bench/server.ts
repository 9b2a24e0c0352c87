/**
 * The servers that are compared, as processes of this machine.
 *
 * @module
 */

import { GO_SERVER, locate, PROJECT_ROOT } from "../tools/oracle_binaries.ts";

/** Milliseconds until a started server must send INFO. */
const READY_WITHIN = 120_000;

/** How to start a server. */
export interface Contestant {
  /** As it stands in tables. */
  readonly name: string;
  readonly program: string;
  /** Arguments for a server that listens on ports of 127.0.0.1, but for those of a configuration. */
  arguments(port: number, monitor: number): string[];
}

/** The Go server: `NATS_SERVER_GO` names it, else the one in the cache. */
export async function goServer(): Promise<Contestant> {
  const program = Deno.env.get("NATS_SERVER_GO") ?? await locate(GO_SERVER);
  return { name: "Go", program, arguments: listenArguments };
}

/**
 * Ours, as `deno task start` runs it; or another version of it, by the path
 * of its `main.ts` or of its executable.
 */
export async function ourServer(path = "main.ts"): Promise<Contestant> {
  if (!path.endsWith(".ts")) {
    return { name: "ours", program: path, arguments: listenArguments };
  }
  const settings = JSON.parse(
    await Deno.readTextFile(`${PROJECT_ROOT}deno.json`),
  );
  const words = String(settings.tasks.start).split(/\s+/);
  const flags = words.slice(1, words.lastIndexOf("main.ts"));
  return {
    name: "ours",
    program: Deno.execPath(),
    arguments: (...ports) => [...flags, path, ...listenArguments(...ports)],
  };
}

/** The server that does no work per message: shows what the generator can do. */
export function nullServer(): Contestant {
  const script = `${PROJECT_ROOT}tests/bench/null_server.ts`;
  return {
    name: "null",
    program: Deno.execPath(),
    arguments: (port) => ["run", "--allow-net", script, String(port)],
  };
}

function listenArguments(port: number, monitor: number): string[] {
  return ["-a", "127.0.0.1", "-p", String(port), "-m", String(monitor)];
}

/** A running server. Disposing of it ends it. */
export class BenchServer implements AsyncDisposable {
  /** Milliseconds from the start of the process to the first INFO. */
  readonly startUp: number;
  readonly port: number;
  /** What its configuration calls `{{websocket}}`. */
  readonly websocketPort: number;
  readonly #command: Deno.Command;
  #child: Deno.ChildProcess;
  readonly #directory: string;
  readonly #monitor: number;

  private constructor(
    command: Deno.Command,
    child: Deno.ChildProcess,
    directory: string,
    ports: {
      readonly client: number;
      readonly websocket: number;
      readonly monitor: number;
    },
    startUp: number,
  ) {
    this.#command = command;
    this.#child = child;
    this.#directory = directory;
    this.port = ports.client;
    this.websocketPort = ports.websocket;
    this.#monitor = ports.monitor;
    this.startUp = startUp;
  }

  /**
   * Starts a server and waits for its INFO.
   * @param config in which `{{websocket}}` stands for a free port and
   *   `{{store}}` for a directory of its own
   * @throws Error
   */
  static async start(
    contestant: Contestant,
    config = "",
  ): Promise<BenchServer> {
    const port = freePort();
    const ports = {
      client: port,
      websocket: freePort(),
      monitor: freePort(),
    };
    const directory = await Deno.makeTempDir();
    const file = `${directory}/server.conf`;
    await Deno.writeTextFile(
      file,
      config.replace("{{websocket}}", String(ports.websocket))
        .replace("{{store}}", `${directory}/store`),
    );
    const more = config === "" ? [] : ["-c", file];
    const command = new Deno.Command(contestant.program, {
      args: [...contestant.arguments(port, ports.monitor), ...more],
      cwd: PROJECT_ROOT,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    const begin = performance.now();
    const child = command.spawn();
    await greeted(child, port);
    const startUp = performance.now() - begin;
    return new BenchServer(command, child, directory, ports, startUp);
  }

  /** Ends the process. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#child.kill(signal);
    await this.#child.status;
  }

  /** Starts it again, on the same ports and with the same files. */
  async startAgain(): Promise<void> {
    this.#child = this.#command.spawn();
    await greeted(this.#child, this.port);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Asks a monitoring endpoint and takes in its whole answer. @throws Error unless it is JSON */
  async monitor(path: string): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.#monitor}${path}`);
    const text = await response.text();
    if (!response.ok || !text.startsWith("{")) {
      throw new Error(`${path}: ${response.status} ${text.slice(0, 100)}`);
    }
  }

  /** CPU time that the server has used, seconds. */
  cpuSeconds(): number {
    return cpuSecondsOf(this.pid);
  }

  /** Resident memory, bytes. */
  residentBytes(): number {
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    return Number(status.match(/VmRSS:\s*(\d+) kB/)?.[1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** CPU time of a process, seconds, to a hundredth. */
export function cpuSecondsOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The process's name, in parentheses, may hold blanks: count from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits for the INFO of a server. @throws Error when it does not come up */
async function greeted(child: Deno.ChildProcess, port: number): Promise<void> {
  const life = { ended: false };
  void child.status.then(() => life.ended = true);
  const deadline = performance.now() + READY_WITHIN;
  while (!await greets(port)) {
    if (!life.ended && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      continue;
    }
    if (!life.ended) child.kill("SIGKILL");
    throw new Error("the server does not come up");
  }
}

/** Whether a server sends INFO on a port. */
async function greets(port: number): Promise<boolean> {
  try {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const buffer = new Uint8Array(4);
    await conn.read(buffer);
    return new TextDecoder().decode(buffer) === "INFO";
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
