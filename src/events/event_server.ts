/**
 * What events need of the server.
 *
 * @module
 */

import type { AccountContext } from "../account/mod.ts";
import type { ClientSession } from "../client/mod.ts";
import type { MonitoredServer } from "../monitor/mod.ts";

/** A server that speaks in its accounts. */
export type EventServer = MonitoredServer & AccountContext;

/** What the server can be told to do through the system account. */
export interface ServerControl {
  /** Takes over the configuration anew. @throws Error; nothing changes then */
  reload(): Promise<void>;
  /** Tells one client that the server is about to go. */
  announceLameDuck(session: ClientSession): void;
}
