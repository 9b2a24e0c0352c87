/**
 * Accepts connections, and waits a little when the system can't give any.
 *
 * @module
 */

import type { Logger } from "../log/mod.ts";
import {
  type Listener,
  type Timers,
  type Transport,
  TransportError,
} from "../runtime/mod.ts";

const RETRY_MIN = 10;
const RETRY_MAX = 1000;

/** Hands every connection to `serve` until the listener is closed. */
export async function acceptAll(
  listener: Listener,
  kind: string,
  timers: Timers,
  logger: Logger,
  serve: (transport: Transport) => void,
): Promise<void> {
  let delay = RETRY_MIN;
  for (;;) {
    try {
      serve(await listener.accept());
      delay = RETRY_MIN;
    } catch (error) {
      if (error instanceof TransportError && error.code === "CLOSED") return;
      const text = error instanceof Error ? error.message : String(error);
      logger.error(
        `Temporary ${kind} Accept Error(${text}), sleeping ${delay}ms`,
      );
      await timers.sleep(delay);
      delay = Math.min(delay * 2, RETRY_MAX);
    }
  }
}
