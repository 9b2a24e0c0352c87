/**
 * Accepts connections, and waits a little when the system can't give any.
 *
 * @module
 */

import type { Turns } from "../connection/mod.ts";
import type { Logger } from "../log/mod.ts";
import {
  type Listener,
  type Timers,
  type Transport,
  TransportError,
} from "../runtime/mod.ts";

const RETRY_MIN = 10;
const RETRY_MAX = 1000;

/** Connections that are accepted before others have their turn. */
const AT_ONCE = 8;

/**
 * Hands every connection to `serve` until the listener is closed.
 * @param turns lets others have their turn when many come; undefined: few do
 */
export async function acceptAll(
  listener: Listener,
  kind: string,
  timers: Timers,
  logger: Logger,
  serve: (transport: Transport) => void,
  turns?: Turns,
): Promise<void> {
  let delay = RETRY_MIN;
  for (let count = 1;; count++) {
    try {
      serve(await listener.accept());
      delay = RETRY_MIN;
      if (count % AT_ONCE === 0) await turns?.next();
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
