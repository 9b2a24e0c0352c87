import nodeProcess from "node:process";
import type { CommandResult, Process, SignalName } from "../ports.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** This process. A missing permission throws an `Error` that names the flag. */
export class DenoProcess implements Process {
  readonly pid = Deno.pid;
  readonly args: readonly string[] = Deno.args;
  readonly name = programName();
  readonly cores = navigator.hardwareConcurrency;

  /** The machine's name; `localhost` without `--allow-sys=hostname`. */
  hostname(): string {
    try {
      return Deno.hostname();
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return "localhost";
      throw error;
    }
  }

  workingDirectory(): string {
    return Deno.cwd();
  }

  env(name: string): string | undefined {
    return Deno.env.get(name);
  }

  writeOut(text: string): void {
    writeAll(Deno.stdout, text);
  }

  writeError(text: string): void {
    writeAll(Deno.stderr, text);
  }

  isTerminal(): boolean {
    return Deno.stderr.isTerminal();
  }

  exit(code: number): never {
    Deno.exit(code);
  }

  onSignal(signal: SignalName, handler: () => void): () => void {
    Deno.addSignalListener(signal, handler);
    return () => Deno.removeSignalListener(signal, handler);
  }

  kill(pid: number, signal: SignalName | "SIGKILL"): void {
    Deno.kill(pid, signal);
  }

  async run(
    program: string,
    args: readonly string[],
  ): Promise<CommandResult> {
    const output = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
    }).output();
    return {
      code: output.code,
      stdout: DECODER.decode(output.stdout),
      stderr: DECODER.decode(output.stderr),
    };
  }

  totalMemory(): number {
    return Deno.systemMemoryInfo().total;
  }

  residentMemory(): number {
    return Deno.memoryUsage().rss;
  }

  cpuTime(): number {
    const { user, system } = nodeProcess.cpuUsage();
    return user + system;
  }
}

/** The executable's name when compiled; run from source, the project's. */
function programName(): string {
  if (!Deno.build.standalone) return "nats-server";
  return Deno.execPath().split(/[\\/]/).at(-1)?.replace(/\.exe$/, "") ??
    "nats-server";
}

/** Writes everything; output that nobody reads any more is dropped. */
function writeAll(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  let rest = ENCODER.encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(stream.writeSync(rest));
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) continue;
      if (error instanceof Deno.errors.BrokenPipe) return;
      throw error;
    }
  }
}
