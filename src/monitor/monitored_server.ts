/**
 * What monitoring looks at.
 *
 * @module
 */

import type { ClaimedAccounts, OcspCache } from "../auth/mod.ts";
import type { Accounts } from "../account/mod.ts";
import type { ClientSession, ServerCounters } from "../client/mod.ts";
import type { Options } from "../config/mod.ts";
import type { JetStream } from "../jetstream/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Info } from "../protocol/mod.ts";
import type { Clock, Disk, Process, Timers } from "../runtime/mod.ts";
import type { ClosedClients } from "./closed_clients.ts";
import type { LoopDelay } from "./loop_delay.ts";
import type { ProcessUsage } from "./process_usage.ts";
import type { Profiles } from "./profiling/profiles.ts";

/** A server as monitoring sees it; reading changes nothing. */
export interface MonitoredServer {
  readonly id: string;
  readonly name: string;
  readonly options: Options;
  /** Wall time of the start, milliseconds. */
  readonly started: number;
  /** Wall time at which the options came into force, milliseconds. */
  readonly configured: number;
  /** Whether clients can connect. */
  readonly ready: boolean;
  /** Flags in force, defaults included. */
  readonly featureFlags: ReadonlyMap<string, boolean>;
  readonly counters: ServerCounters;
  readonly accounts: Accounts;
  readonly clients: {
    readonly count: number;
    get(id: number): ClientSession | undefined;
    open(): Iterable<ClientSession>;
  };
  readonly closedClients: ClosedClients;
  readonly usage: ProcessUsage;
  readonly loopDelay: LoopDelay;
  readonly profiles: Profiles;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly process: Process;
  readonly logger: Logger;
  /** Its service is null unless it runs. */
  readonly jetstream: { readonly service: JetStream | null };
  readonly disk: Disk;
  /** Accounts of trusted operators; null when none is trusted. */
  readonly claimedAccounts: ClaimedAccounts | null;
  /** Answers about certificates that are kept; null when none are asked for. */
  readonly ocspCache: OcspCache | null;
  /** HTTP requests by path. */
  readonly httpRequests: Map<string, number>;
  info(): Info;
}

/** A request that asks for what there is not; the message is for the asker. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";
}
