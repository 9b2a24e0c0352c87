/**
 * What JetStream needs of the server.
 *
 * @module
 */

import type { AccountContext, Accounts } from "../account/mod.ts";
import type { Options } from "../config/mod.ts";
import type { FlushQueue } from "../connection/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Disk, Process } from "../runtime/mod.ts";

/** Implemented by the server. */
export interface JetStreamContext extends AccountContext {
  readonly id: string;
  /** Replaced as a whole on reload. */
  readonly options: Options;
  readonly accounts: Accounts;
  /** Flags in force. */
  readonly featureFlags: ReadonlyMap<string, boolean>;
  readonly logger: Logger;
  readonly flushQueue: FlushQueue;
  readonly disk: Disk;
  readonly process: Process;
}
