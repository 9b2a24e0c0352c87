/**
 * Figures and settings of JetStream that several answers show.
 *
 * @module
 */

import { API_LEVEL, type JetStream } from "../jetstream/mod.ts";
import { orOmit } from "./document.ts";
import type { MonitoredServer } from "./monitored_server.ts";
import { nanoseconds } from "./time_text.ts";

/** What JetStream does. */
export function jetStreamStats({ usage, accounts, api }: JetStream): object {
  const { used, reserved } = usage;
  return {
    memory: Math.max(0, used.memory),
    storage: Math.max(0, used.file),
    reserved_memory: reserved.memory,
    reserved_storage: reserved.file,
    accounts: accounts.size,
    ha_assets: 0,
    api: {
      level: API_LEVEL,
      total: api.total,
      errors: api.errors,
      inflight: orOmit(api.inflight),
    },
  };
}

/** How JetStream was set up. @param place whether to tell where it stores */
export function jetStreamConfig(
  { options: { jetstream } }: MonitoredServer,
  { usage, settings }: JetStream,
  place: boolean,
): object {
  const { most } = usage;
  return {
    max_memory: most.memory,
    max_storage: most.file,
    store_dir: place ? settings.storeDirectory : undefined,
    sync_interval: orOmit(nanoseconds(jetstream.syncInterval)),
    sync_always: orOmit(jetstream.syncAlways),
    domain: orOmit(jetstream.domain),
    compress_ok: orOmit(settings.isExplicit),
    unique_tag: orOmit(jetstream.uniqueTag),
    strict: orOmit(jetstream.strict),
  };
}

/** Limits of the server for streams and consumers. */
export function jetStreamLimits(
  { options: { jetstream: { limits } } }: MonitoredServer,
): object {
  return {
    max_request_batch: orOmit(limits.maxRequestBatch),
    max_ack_pending: orOmit(limits.maxAckPending),
    max_ha_assets: orOmit(limits.maxHaAssets),
    max_duplicate_window: orOmit(nanoseconds(limits.duplicateWindow)),
    max_batch_inflight_per_stream: orOmit(limits.maxBatchInflightPerStream),
    max_batch_inflight_total: orOmit(limits.maxBatchInflightTotal),
    max_batch_size: orOmit(limits.maxBatchSize),
    max_batch_timeout: orOmit(nanoseconds(limits.maxBatchTimeout)),
    default_max_consumers: orOmit(limits.defaultMaxConsumers),
  };
}

/** All of it; nothing when JetStream does not run. */
export function jetStreamVarz(
  server: MonitoredServer,
  place: boolean,
): object | undefined {
  const { service } = server.jetstream;
  if (service === null) return undefined;
  return {
    config: jetStreamConfig(server, service, place),
    stats: jetStreamStats(service),
    limits: jetStreamLimits(server),
  };
}
