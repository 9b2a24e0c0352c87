/**
 * What scenarios do with transports.
 *
 * @module
 */

import type { Transport } from "../../src/runtime/ports.ts";

/** Writes all of `bytes`. @throws TransportError */
export async function writeAll(
  transport: Transport,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await transport.write(bytes.subarray(at));
  }
}

/** Calls `take` with everything that arrives until the end. @throws TransportError */
export async function readAll(
  transport: Transport,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  for (;;) {
    const count = await transport.read(buffer);
    if (count === null) return;
    take(buffer.subarray(0, count));
  }
}
