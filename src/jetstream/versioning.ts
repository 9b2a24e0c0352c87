/**
 * Which server an asset needs, and which one shows it.
 *
 * What an asset needs is kept in its metadata; what this server is, is only
 * shown.
 *
 * @module
 */

import type { ConsumerConfig } from "./types/consumer_config.ts";
import type { ConsumerInfo } from "./types/infos.ts";
import type { StreamConfig } from "./types/stream_config.ts";
import { ZERO_TIME } from "./json/time.ts";

/** Level of the API that this server offers. */
export const API_LEVEL = 5;
/** Version of the server that the API is that of. */
const VERSION = "2.15.2";

const REQUIRED_LEVEL = "_nats.req.level";
const SERVER_VERSION = "_nats.ver";
const SERVER_LEVEL = "_nats.level";

type Metadata = ReadonlyMap<string, string>;

/** A stream's configuration with the level that it needs, as it is kept. */
export function withStreamLevel(config: StreamConfig): StreamConfig {
  return { ...config, metadata: kept(config.metadata, streamLevel(config)) };
}

/** The same of a consumer. */
export function withConsumerLevel(config: ConsumerConfig): ConsumerConfig {
  return { ...config, metadata: kept(config.metadata, consumerLevel(config)) };
}

/** A configuration as answers show it. */
export function shown<C extends { metadata: Map<string, string> }>(
  config: C,
): C {
  const metadata = new Map(config.metadata)
    .set(SERVER_VERSION, VERSION)
    .set(SERVER_LEVEL, String(API_LEVEL));
  return { ...config, metadata };
}

/** The information about a consumer as answers show it. */
export function shownInfo(info: ConsumerInfo): ConsumerInfo {
  return info.config === null ? info : { ...info, config: shown(info.config) };
}

/**
 * `config` with the level that `other` has, so that the two can be compared
 * for everything else.
 */
export function withLevelOf<C extends { metadata: Map<string, string> }>(
  config: C,
  other: { readonly metadata: Metadata },
): C {
  const metadata = withoutShown(config.metadata);
  const level = other.metadata.get(REQUIRED_LEVEL);
  if (level === undefined) metadata.delete(REQUIRED_LEVEL);
  else metadata.set(REQUIRED_LEVEL, level);
  return { ...config, metadata };
}

/** The level that an asset asks for and this server has not; null: all is well. */
export function unsupportedLevel(metadata: Metadata): string | null {
  const level = metadata.get(REQUIRED_LEVEL) ?? "";
  if (level === "" || isSupportedLevel(level)) return null;
  return level;
}

/** Whether `text` is a level that this server has. */
export function isSupportedLevel(text: string): boolean {
  return /^[-+]?\d+$/.test(text) && Number(text) <= API_LEVEL;
}

function kept(metadata: Metadata, level: number): Map<string, string> {
  return withoutShown(metadata).set(REQUIRED_LEVEL, String(level));
}

function withoutShown(metadata: Metadata): Map<string, string> {
  const rest = new Map(metadata);
  rest.delete(SERVER_VERSION);
  rest.delete(SERVER_LEVEL);
  return rest;
}

function streamLevel(config: StreamConfig): number {
  if (config.allow_batched) return 4;
  const second = config.allow_msg_counter || config.allow_atomic ||
    config.allow_msg_schedules || config.persist_mode === "async";
  if (second) return 2;
  const ttl = config.allow_msg_ttl || config.subject_delete_marker_ttl > 0;
  return ttl ? 1 : 0;
}

function consumerLevel(config: ConsumerConfig): number {
  if (config.ack_policy === "flow_control") return 4;
  const pauses = config.pause_until !== null &&
    config.pause_until !== ZERO_TIME;
  const prioritises = config.priority_policy !== "none" ||
    config.priority_timeout !== 0 || config.priority_groups.length > 0;
  return pauses || prioritises ? 1 : 0;
}
