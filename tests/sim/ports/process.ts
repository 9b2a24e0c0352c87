/**
 * A simulated process: arguments, environment, signals, output, exit.
 *
 * @module
 */

import type {
  CommandResult,
  Process,
  SignalName,
} from "../../../src/runtime/ports.ts";
import { type Execution, ProcessExit, type Scheduler } from "./scheduler.ts";

/** How a process is started. */
export interface ProcessOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

/** Captures what a process says and how it ends. */
export class SimProcess implements Process {
  readonly pid: number;
  readonly args: readonly string[];
  readonly name = "nats-server";
  readonly cores = 1;
  /** Standard output and standard error so far. */
  readonly output = { out: "", error: "" };
  readonly #scheduler: Scheduler;
  readonly #execution: Execution;
  readonly #hostname: string;
  readonly #options: ProcessOptions;
  readonly #onExit: (code: number) => void;
  readonly #handlers = new Map<SignalName, Set<() => void>>();

  constructor(
    scheduler: Scheduler,
    execution: Execution,
    identity: { readonly hostname: string; readonly pid: number },
    options: ProcessOptions,
    onExit: (code: number) => void,
  ) {
    this.#scheduler = scheduler;
    this.#execution = execution;
    this.#hostname = identity.hostname;
    this.pid = identity.pid;
    this.args = options.args ?? [];
    this.#options = options;
    this.#onExit = onExit;
  }

  hostname(): string {
    return this.#hostname;
  }

  workingDirectory(): string {
    return this.#options.workingDirectory ?? "/";
  }

  env(name: string): string | undefined {
    return this.#options.env?.[name];
  }

  writeOut(text: string): void {
    this.output.out += text;
  }

  writeError(text: string): void {
    this.output.error += text;
  }

  isTerminal(): boolean {
    return false;
  }

  exit(code: number): never {
    this.#onExit(code);
    throw new ProcessExit(code);
  }

  onSignal(signal: SignalName, handler: () => void): () => void {
    const handlers = this.#handlers.get(signal) ?? new Set();
    this.#handlers.set(signal, handlers);
    handlers.add(handler);
    return () => void handlers.delete(handler);
  }

  kill(pid: number, signal: SignalName | "SIGKILL"): void {
    if (pid !== this.pid) throw new Error("no such process");
    this.signal(signal);
  }

  /** Sends a signal from outside. Without a handler it ends the process. */
  signal(signal: SignalName | "SIGKILL"): void {
    this.#scheduler.after(0, this.#execution, () => {
      const handlers = signal === "SIGKILL"
        ? undefined
        : this.#handlers.get(signal);
      if (handlers === undefined || handlers.size === 0) this.#onExit(128);
      for (const handler of handlers ?? []) handler();
    });
  }

  run(program: string, _args: readonly string[]): Promise<CommandResult> {
    const text = `exec: "${program}": the simulation runs no programs`;
    return Promise.reject(new Error(text));
  }

  totalMemory(): number {
    return 2 ** 32;
  }

  residentMemory(): number {
    return 64 * 1024 * 1024;
  }

  cpuTime(): number {
    return Math.floor(this.#scheduler.now * 10);
  }
}
