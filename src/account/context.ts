/**
 * What accounts need of their server.
 *
 * @module
 */

import type { Clock, Random, Timers } from "../runtime/mod.ts";

/** Implemented by the server. */
export interface AccountContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Name of the server; may change on reload. */
  readonly name: string;
  /** What the server has delivered since its start. */
  readonly counters: { messagesOut: number; bytesOut: number };
}
