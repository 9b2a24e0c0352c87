/**
 * JetStream: streams, consumers and the API to them.
 *
 * Contract: knows accounts and stores, and never the server; speaks in an
 * account as a member of it. An acknowledgement leaves only when what it
 * acknowledges is as safe as the options demand.
 *
 * @module
 */

export * from "./errors.ts";
export * from "./types/consumer_config.ts";
export * from "./types/infos.ts";
export * from "./types/placement.ts";
export * from "./types/stream_config.ts";
