/**
 * Output of the command line tools under `tests/tools/`.
 *
 * @module
 */

/** Writes a line to standard output. */
export function print(line: string): void {
  writeAll(Deno.stdout, line);
}

/** Writes a line to standard error. */
export function complain(line: string): void {
  writeAll(Deno.stderr, line);
}

function writeAll(sink: typeof Deno.stdout, line: string): void {
  let rest = new TextEncoder().encode(`${line}\n`);
  while (rest.length > 0) rest = rest.subarray(sink.writeSync(rest));
}
