/**
 * The server as a program that was shipped in some form, for tests.
 *
 * @module
 */

const decoder = new TextDecoder();

/** What a program that has ended left behind. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Deno with these arguments to its end. */
export async function runDeno(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    ...options,
  }).output();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** A server that was started with random port and has said that it is ready. */
export interface Program extends AsyncDisposable {
  readonly port: number;
  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number>;
}

/** Starts a server by these arguments to Deno. @throws Error with its log */
export async function startProgram(
  args: readonly string[],
  options: { cwd?: string } = {},
): Promise<Program> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...options,
  }).spawn();
  const lines = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let log = "";
  while (!log.includes("Server is ready\n")) {
    const { value, done } = await lines.read();
    if (done) {
      await child.status;
      throw new Error(`the server did not start:\n${log}`);
    }
    log += value;
  }
  const found = /Listening for client connections on \S+:(\d+)/.exec(log);
  // What it logs from here on must not fill the pipe.
  const drained = (async () => {
    while (!(await lines.read()).done);
  })();
  const stop = async () => {
    child.kill("SIGTERM");
    const { code } = await child.status;
    await drained;
    return code;
  };
  let stopped: Promise<number> | undefined;
  return {
    port: Number(found?.[1]),
    stop: () => stopped ??= stop(),
    async [Symbol.asyncDispose]() {
      await (stopped ??= stop());
    },
  };
}
