/**
 * Server processes for tests: the real Go server and ours, started the same
 * way and seen through one interface, so that a test can judge ours by Go's.
 *
 * @module
 */

import { GO_SERVER, locate, PROJECT_ROOT } from "./oracle_binaries.ts";

/** Whose server a process runs. */
export type Implementation = "go" | "ours";

/** Ports on which a server said that it listens; absent when it does not. */
export interface PeerPorts {
  readonly client?: number;
  readonly monitor?: number;
  readonly route?: number;
  readonly gateway?: number;
  readonly leafnode?: number;
  readonly websocket?: number;
  readonly mqtt?: number;
}

/** What to run. */
export interface PeerOptions {
  /**
   * Text of the configuration file. `{{dir}}` stands for a directory of the
   * process's own, which is removed with it. Ask for random ports (`port: -1`).
   */
  readonly config: string;
  /** Text of further files, by their path in `{{dir}}`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Further command line arguments, after `-c <file>`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until the server must be ready (default 15 000). */
  readonly readyWithin?: number;
}

/** A running server process. Disposing of it kills it and removes its files. */
export interface Peer extends AsyncDisposable {
  readonly implementation: Implementation;
  readonly host: string;
  readonly ports: PeerPorts;
  /** The port for clients; throws when the server has none. */
  readonly port: number;
  readonly pid: number;
  /** The directory that `{{dir}}` stood for. */
  readonly directory: string;
  /** Everything the process has written to standard error and output so far. */
  log(): string;
  /** Resolves with the first match in the log. @throws Error after `within` ms */
  waitForLog(pattern: RegExp, within?: number): Promise<RegExpMatchArray>;
  signal(name: Deno.Signal): void;
  /** Settles when the process has ended. */
  readonly exited: Promise<Deno.CommandStatus>;
}

/** How each listener announces itself in the log. */
const ANNOUNCEMENTS: Readonly<Record<keyof PeerPorts, RegExp>> = {
  client: /Listening for client connections on \S+:(\d+)/,
  monitor: /Starting https? monitor on \S+:(\d+)/,
  route: /Listening for route connections on \S+:(\d+)/,
  gateway: /Listening for gateways connections on \S+:(\d+)/,
  leafnode: /Listening for leafnode connections on \S+:(\d+)/,
  websocket: /Listening for websocket clients on \S+:(\d+)/,
  mqtt: /Listening for MQTT clients on \S+:(\d+)/,
};

const READY = /Server is ready/;

/** Children that a dying test run must not leave behind. */
const running = new Set<Deno.ChildProcess>();
globalThis.addEventListener("unload", () => {
  for (const child of running) kill(child, "SIGKILL");
});

/** Starts a server and waits until it accepts connections. @throws Error with its log */
export async function startPeer(
  implementation: Implementation,
  options: PeerOptions,
): Promise<Peer> {
  const directory = await Deno.makeTempDir({
    prefix: `nats-${implementation}-`,
  });
  const file = `${directory}/server.conf`;
  await Deno.writeTextFile(
    file,
    options.config.replaceAll("{{dir}}", directory),
  );
  for (const [name, text] of Object.entries(options.files ?? {})) {
    const path = `${directory}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  const [program, ...leading] = await commandLine(implementation);
  const child = new Deno.Command(program, {
    args: [...leading, "-c", file, ...options.args ?? []],
    cwd: PROJECT_ROOT,
    env: { ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const peer = new ChildPeer(implementation, child, directory);
  try {
    await peer.waitForLog(READY, options.readyWithin ?? 15_000);
    return peer;
  } catch (error) {
    await peer[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts the real Go server. */
export function startGoServer(options: PeerOptions): Promise<Peer> {
  return startPeer("go", options);
}

/** Starts our server. */
export function startOurServer(options: PeerOptions): Promise<Peer> {
  return startPeer("ours", options);
}

/** Ours runs exactly as `deno task start` runs it, permissions included. */
async function commandLine(
  implementation: Implementation,
): Promise<[string, ...string[]]> {
  if (implementation === "go") return [await locate(GO_SERVER)];
  const settings = JSON.parse(
    await Deno.readTextFile(`${PROJECT_ROOT}deno.json`),
  );
  const words = String(settings.tasks.start).split(/\s+/);
  return [Deno.execPath(), ...words.slice(1)];
}

class ChildPeer implements Peer {
  readonly host = "127.0.0.1";
  readonly exited: Promise<Deno.CommandStatus>;
  #text = "";
  #ended = false;
  #wake: (() => void)[] = [];
  readonly #drained: Promise<unknown>;

  constructor(
    readonly implementation: Implementation,
    readonly child: Deno.ChildProcess,
    readonly directory: string,
  ) {
    running.add(child);
    this.#drained = Promise.all([
      this.#collect(child.stderr),
      this.#collect(child.stdout),
    ]);
    this.exited = child.status.finally(() => {
      running.delete(child);
      this.#ended = true;
      this.#notify();
    });
  }

  get pid(): number {
    return this.child.pid;
  }

  get ports(): PeerPorts {
    const found = Object.entries(ANNOUNCEMENTS).flatMap(
      ([listener, pattern]) => {
        const port = this.#text.match(pattern)?.[1];
        return port === undefined ? [] : [[listener, Number(port)]];
      },
    );
    return Object.fromEntries(found);
  }

  get port(): number {
    const { client } = this.ports;
    if (client === undefined) {
      throw new Error("the server listens for no clients");
    }
    return client;
  }

  log(): string {
    return this.#text;
  }

  async waitForLog(pattern: RegExp, within = 5_000): Promise<RegExpMatchArray> {
    const deadline = performance.now() + within;
    while (true) {
      const match = this.#text.match(pattern);
      if (match !== null) return match;
      const left = deadline - performance.now();
      if (this.#ended || left <= 0) {
        const why = this.#ended ? "the server ended" : `${within} ms passed`;
        throw new Error(
          `no ${pattern} in the ${this.implementation} log, ${why}:\n${this.#text}`,
        );
      }
      await this.#change(left);
    }
  }

  signal(name: Deno.Signal): void {
    this.child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) kill(this.child, "SIGKILL");
    await this.exited;
    await this.#drained;
    await Deno.remove(this.directory, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(decoder())) {
      this.#text += text;
      this.#notify();
    }
  }

  /** Resolves at the next output or end, at the latest after `left` ms. */
  #change(left: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function decoder(): ReadableWritablePair<string, Uint8Array> {
  const stream = new TextDecoderStream();
  return {
    readable: stream.readable,
    writable: stream.writable as WritableStream<Uint8Array>,
  };
}

/** A child that has just ended by itself can't be killed any more; that is fine. */
function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (
      !(error instanceof TypeError || error instanceof Deno.errors.NotFound)
    ) throw error;
  }
}
