/**
 * Monitoring: what the server tells of itself, by HTTP and to whoever asks
 * through the system account.
 *
 * Contract: reads and never changes what it looks at; opens no socket, but is
 * handed connections; long answers are made in slices of a few milliseconds.
 *
 * @module
 */

export {
  accountFigures,
  accountStatz,
  type AccountStatzOptions,
} from "./account_statistics.ts";
export { accountInfo, accountz } from "./accountz.ts";
export { ClosedClients } from "./closed_clients.ts";
export {
  type ConnectionFacts,
  OpenConnection,
  recordOf,
  userOf,
} from "./connection_facts.ts";
export { type ConnectionState, connz, type ConnzOptions } from "./connz.ts";
export { documentText, orOmit, writeDocument } from "./document.ts";
export { type Health, healthz, type HealthzOptions } from "./healthz.ts";
export { jetStreamVarz } from "./jetstream_facts.ts";
export { accountJsz, jsz, type JszDetails, type JszOptions } from "./jsz.ts";
export { gatewayz, leafz, routez } from "./links.ts";
export { LoopDelay } from "./loop_delay.ts";
export { Monitor } from "./monitor.ts";
export { type MonitoredServer, MonitorError } from "./monitored_server.ts";
export { Pacer } from "./pacer.ts";
export { debugVariables } from "./process_dump.ts";
export { answerProfiling } from "./profiling/profile_pages.ts";
export { profilez, type ProfilezOptions } from "./profiling/profilez.ts";
export { Profiles } from "./profiling/profiles.ts";
export { ProcessUsage } from "./process_usage.ts";
export type { Count } from "./query.ts";
export { subsz, type SubszOptions } from "./subsz.ts";
export { formatUptime, nanoseconds } from "./time_text.ts";
export { varz } from "./varz.ts";
