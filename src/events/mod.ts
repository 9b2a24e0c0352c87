/**
 * System events: what the server announces in the system account, and what
 * can be asked of it there.
 *
 * Contract: speaks through accounts only and never touches a connection,
 * other than closing one when told to; announcements cost nothing while
 * nobody listens.
 *
 * @module
 */

export type { EventServer, ServerControl } from "./event_server.ts";
export { SystemEvents } from "./system_events.ts";
