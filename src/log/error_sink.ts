/**
 * Standard error as a sink of log lines.
 *
 * @module
 */

import type { Process } from "../runtime/mod.ts";
import type { LineSink } from "./line_logger.ts";

/** Characters held back at most. */
const HELD_MAX = 64 * 1024;

/** Gathers lines and writes them to standard error in one call. */
export class ErrorSink implements LineSink {
  readonly #process: Pick<Process, "writeError">;
  #held = "";

  constructor(process: Pick<Process, "writeError">) {
    this.#process = process;
  }

  write(line: string): void {
    this.#held += line;
    if (this.#held.length > HELD_MAX) this.flush();
  }

  flush(): void {
    if (this.#held === "") return;
    const text = this.#held;
    this.#held = "";
    this.#process.writeError(text);
  }

  close(): void {
    this.flush();
  }
}
