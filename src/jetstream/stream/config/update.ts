/**
 * What may change about a stream.
 *
 * @module
 */

import { ApiError } from "../../errors.ts";
import { STREAM_SOURCE, type StreamConfig } from "../../types/stream_config.ts";
import { checkConfig } from "./check.ts";
import { type ConfigContext, invalidConfig } from "./context.ts";

/**
 * Checks a new configuration of an existing stream, and fills in what it
 * leaves open. Limits of the account are not looked at.
 * @param pedantic refuse what would otherwise be adjusted
 * @throws ApiError
 */
export function checkUpdate(
  old: StreamConfig,
  given: StreamConfig,
  context: ConfigContext,
  pedantic: boolean,
): StreamConfig {
  const config = checkConfig(given, context, pedantic);
  if (config.name !== old.name) {
    throw invalidConfig("stream configuration name must match original");
  }
  if (config.num_replicas > 1) {
    throw new ApiError("streamReplicasNotSupported");
  }
  checkFixed(old, config);
  checkOneWay(old, config);
  checkMirrorKept(old, config);
  checkFeatures(old, config);
  if (config.sealed) seal(config);
  return config;
}

function checkFixed(old: StreamConfig, config: StreamConfig): void {
  if (config.storage !== old.storage) {
    throw invalidConfig(
      "stream configuration update can not change storage type",
    );
  }
  const queue = config.retention === "workqueue" ||
    old.retention === "workqueue";
  if (config.retention !== old.retention && queue) {
    throw invalidConfig(
      "stream configuration update can not change retention policy to/from workqueue",
    );
  }
}

function checkOneWay(old: StreamConfig, config: StreamConfig): void {
  if (!config.sealed && old.sealed) {
    throw invalidConfig(
      "stream configuration update can not unseal a sealed stream",
    );
  }
  if (!config.deny_delete && old.deny_delete) {
    throw invalidConfig(
      "stream configuration update can not cancel deny message deletes",
    );
  }
  if (!config.deny_purge && old.deny_purge) {
    throw invalidConfig(
      "stream configuration update can not cancel deny purge",
    );
  }
}

/** A mirror may become a stream of its own, and nothing else. */
function checkMirrorKept(old: StreamConfig, config: StreamConfig): void {
  if (config.mirror === null) return;
  const same = old.mirror !== null &&
    STREAM_SOURCE.write(old.mirror) === STREAM_SOURCE.write(config.mirror);
  if (!same) throw new ApiError("streamMirrorNotUpdatable");
}

function checkFeatures(old: StreamConfig, config: StreamConfig): void {
  if (old.allow_msg_ttl && !config.allow_msg_ttl) {
    throw invalidConfig("message TTL status can not be disabled");
  }
  if (config.allow_msg_counter !== old.allow_msg_counter) {
    throw invalidConfig(
      "stream configuration update can not change message counter setting",
    );
  }
  if (old.allow_msg_schedules && !config.allow_msg_schedules) {
    throw invalidConfig("message schedules can not be disabled");
  }
  if (old.persist_mode !== config.persist_mode) {
    throw invalidConfig(
      "stream configuration update can not change persist mode",
    );
  }
}

/** Nothing comes into a sealed stream, and nothing goes. */
function seal(config: StreamConfig): void {
  config.max_age = 0;
  config.discard = "new";
  config.deny_delete = true;
  config.deny_purge = true;
  config.allow_rollup_hdrs = false;
}
