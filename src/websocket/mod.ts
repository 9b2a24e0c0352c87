/**
 * WebSocket: upgrades connections and carries the protocol's bytes in frames.
 *
 * Contract: presents a transport over a transport, so that sessions need not
 * know of frames; knows options and close reasons, and no verb. What computes
 * (request, negotiation, frames) does no I/O.
 *
 * @module
 */

export { closeStatus } from "./close_status.ts";
export type { WebCredentials } from "./cookies.ts";
export { serverTerms, type UpgradeTerms } from "./negotiate.ts";
export { WebsocketTransport } from "./transport.ts";
export { acceptUpgrade, type Upgraded } from "./upgrade.ts";
