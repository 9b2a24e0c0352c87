/**
 * Cuts what a server sends to a client into operations, raw as they came:
 * a line, for `MSG` and `HMSG` together with the payload.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** One operation, line end included; bytes are shown as Latin-1 text. */
export type Operation = string;

/** Splits a growing stream; what does not make a whole operation yet waits. */
export class OperationSplitter {
  #pending = "";

  /** Bytes received that do not form a whole operation. */
  get remainder(): string {
    return this.#pending;
  }

  push(bytes: Uint8Array): Operation[] {
    this.#pending += latin1(bytes);
    const whole: Operation[] = [];
    while (true) {
      const length = operationLength(this.#pending);
      if (length === undefined) return whole;
      whole.push(this.#pending.slice(0, length));
      this.#pending = this.#pending.slice(length);
    }
  }
}

/** One char per byte, which `TextDecoder` does not promise for 128 to 159. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}

/** Length of the first operation in `text`, or undefined while it is incomplete. */
function operationLength(text: string): number | undefined {
  const lineEnd = text.indexOf("\n");
  if (lineEnd < 0) return undefined;
  const payload = text.slice(0, lineEnd).match(/^H?MSG .*?(\d+)\r?$/)?.[1];
  const length = lineEnd + 1 +
    (payload === undefined ? 0 : Number(payload) + 2);
  return length <= text.length ? length : undefined;
}
