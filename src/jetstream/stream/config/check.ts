/**
 * Defaults and rules of a stream's configuration.
 *
 * The order of the checks is that of the Go server: it decides which error a
 * client sees when there are several.
 *
 * @module
 */

import { formatDuration } from "../../../config/mod.ts";
import { ApiError } from "../../errors.ts";
import type { StreamConfig } from "../../types/stream_config.ts";
import {
  type ConfigContext,
  invalidConfig,
  MILLISECOND,
  pedantry,
  SECOND,
} from "./context.ts";
import { checkCycles } from "./cycles.ts";
import { checkOrigins } from "./origins.ts";
import { isAssetName } from "./source_names.ts";
import {
  checkAccountLimits,
  checkRepublish,
  checkSubjects,
  checkTransform,
} from "./subjects.ts";

/** Bytes of a stream's or consumer's name. */
export const NAME_MAX = 255;
const DESCRIPTION_MAX = 4096;
const METADATA_MAX = 131_072;
const REPLICAS_MAX = 5;
/** Nanoseconds. */
const DEFAULT_DUPLICATE_WINDOW = 120 * SECOND;
/** Nanoseconds; shortest age and duplicate window. */
const WINDOW_MIN = 100 * MILLISECOND;

/**
 * Checks a configuration and fills in what it leaves open.
 * @param pedantic refuse what would otherwise be adjusted
 * @returns a new configuration
 * @throws ApiError
 */
export function checkConfig(
  given: StreamConfig,
  context: ConfigContext,
  pedantic: boolean,
): StreamConfig {
  checkNames(given);
  const config = { ...given };
  checkReplicas(config);
  normaliseLimits(config, pedantic);
  checkFirstSequence(config);
  checkWindows(config, context, pedantic);
  if (config.deny_purge && config.allow_rollup_hdrs) {
    throw invalidConfig("roll-ups require the purge permission");
  }
  checkCounter(config);
  checkDiscardNewPerSubject(config);
  checkMarkers(config, pedantic);
  checkSchedules(config, pedantic);
  checkPersistMode(config);
  checkOrigins(config, context, pedantic);
  checkCycles(config, context);
  checkSubjects(config);
  checkAccountLimits(config, context);
  checkTransform(config, context);
  checkRepublish(config, context, pedantic);
  checkPlacement(config);
  return config;
}

function checkNames({ name, description, metadata }: StreamConfig): void {
  if (!isAssetName(name)) {
    throw invalidConfig(
      "stream name is required and can not contain '.', '*', '>', '\\', '/'",
    );
  }
  if (byteLength(name) > NAME_MAX) {
    throw invalidConfig(
      `stream name is too long, maximum allowed is ${NAME_MAX}`,
    );
  }
  if (byteLength(description) > DESCRIPTION_MAX) {
    throw invalidConfig(
      `stream description is too long, maximum allowed is ${DESCRIPTION_MAX}`,
    );
  }
  let size = 0;
  for (const [key, value] of metadata) {
    size += byteLength(key) + byteLength(value);
  }
  if (size > METADATA_MAX) {
    throw invalidConfig(
      `stream metadata exceeds maximum size of ${METADATA_MAX} bytes`,
    );
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function checkReplicas(config: StreamConfig): void {
  if (config.num_replicas === 0) config.num_replicas = 1;
  if (config.num_replicas > REPLICAS_MAX) {
    throw invalidConfig(`maximum replicas is ${REPLICAS_MAX}`);
  }
  if (config.num_replicas < 0) {
    throw new ApiError("replicasCountCannotBeNegative");
  }
}

const LIMITS = [
  "max_msgs",
  "max_msgs_per_subject",
  "max_bytes",
  "max_msg_size",
  "max_consumers",
] as const;

function normaliseLimits(config: StreamConfig, pedantic: boolean): void {
  for (const limit of LIMITS) {
    if (config[limit] > 0 || config[limit] === -1) continue;
    if (pedantic && config[limit] < -1) {
      throw pedantry(`${limit} must be set to -1`);
    }
    config[limit] = -1;
  }
}

/** Larger numbers are not exact: messages would share their sequences. */
function checkFirstSequence({ first_seq }: StreamConfig): void {
  if (first_seq <= Number.MAX_SAFE_INTEGER) return;
  throw invalidConfig(
    `first sequence is too large, maximum allowed is ${Number.MAX_SAFE_INTEGER}`,
  );
}

function checkWindows(
  config: StreamConfig,
  { duplicateWindowMax }: ConfigContext,
  pedantic: boolean,
): void {
  const { max_age: age } = config;
  if (age < 0) throw invalidConfig("max age can not be negative");
  if (age !== 0 && age < WINDOW_MIN) {
    throw invalidConfig("max age needs to be >= 100ms");
  }
  const copies = config.mirror !== null || config.sources.length > 0;
  if (config.duplicate_window === 0 && !copies) {
    config.duplicate_window = defaultWindow(age, duplicateWindowMax, pedantic);
  }
  const { duplicate_window: window } = config;
  if (window < 0) throw invalidConfig("duplicates window can not be negative");
  if (age !== 0 && window > age) {
    throw invalidConfig("duplicates window can not be larger then max age");
  }
  if (duplicateWindowMax > 0 && window > duplicateWindowMax) {
    const limit = formatDuration(duplicateWindowMax / MILLISECOND);
    throw invalidConfig(
      `duplicates window can not be larger then server limit of ${limit}`,
    );
  }
  if (window > 0 && window < WINDOW_MIN) {
    throw invalidConfig("duplicates window needs to be >= 100ms");
  }
}

function defaultWindow(age: number, most: number, pedantic: boolean): number {
  let window = DEFAULT_DUPLICATE_WINDOW;
  if (most > 0 && window > most) {
    if (pedantic) {
      throw pedantry("duplicate window limits are higher than current limits");
    }
    window = most;
  }
  if (age === 0 || age >= window) return window;
  if (pedantic) {
    throw pedantry("duplicate window cannot be bigger than max age");
  }
  return age;
}

function checkCounter(config: StreamConfig): void {
  if (!config.allow_msg_counter) return;
  if (config.discard === "new") {
    throw invalidConfig("counter stream cannot use discard new");
  }
  if (config.allow_msg_ttl) {
    throw invalidConfig("counter stream cannot use message TTLs");
  }
  if (config.allow_msg_schedules) {
    throw invalidConfig("counter stream cannot use message schedules");
  }
  if (config.retention !== "limits") {
    throw invalidConfig("counter stream can only use limits retention");
  }
}

function checkDiscardNewPerSubject(config: StreamConfig): void {
  if (!config.discard_new_per_subject) return;
  if (config.discard !== "new") {
    throw invalidConfig(
      "discard new per subject requires discard new policy to be set",
    );
  }
  if (config.max_msgs_per_subject <= 0) {
    throw invalidConfig(
      "discard new per subject requires max msgs per subject > 0",
    );
  }
}

function checkMarkers(config: StreamConfig, pedantic: boolean): void {
  const { subject_delete_marker_ttl: ttl } = config;
  if (ttl < 0) {
    throw invalidConfig("subject delete marker TTL must not be negative");
  }
  if (ttl === 0) return;
  if (ttl < SECOND) {
    throw invalidConfig("subject delete marker TTL must be at least 1 second");
  }
  if (!config.allow_msg_ttl) {
    if (pedantic) {
      throw invalidConfig(
        "subject delete marker cannot be set if message TTLs are disabled",
      );
    }
    config.allow_msg_ttl = true;
  }
  if (config.allow_rollup_hdrs) return;
  if (pedantic) {
    throw invalidConfig(
      "subject delete marker cannot be set if roll-ups are disabled",
    );
  }
  allowRollups(config);
}

function allowRollups(config: StreamConfig): void {
  config.allow_rollup_hdrs = true;
  config.deny_purge = false;
}

function checkSchedules(config: StreamConfig, pedantic: boolean): void {
  if (!config.allow_msg_schedules) return;
  if (config.discard === "new") {
    throw invalidConfig("message scheduling cannot use discard new");
  }
  if (config.allow_rollup_hdrs) return;
  if (pedantic) {
    throw invalidConfig(
      "message scheduling cannot be set if roll-ups are disabled",
    );
  }
  allowRollups(config);
}

function checkPersistMode(config: StreamConfig): void {
  if (config.persist_mode !== "async") return;
  if (config.storage !== "file") {
    throw invalidConfig("async persist mode is only supported on file storage");
  }
  if (config.num_replicas > 1) {
    throw invalidConfig(
      "async persist mode is not supported on replicated streams",
    );
  }
  if (config.allow_atomic) {
    throw invalidConfig(
      "async persist mode is not supported with atomic batch publish",
    );
  }
}

function checkPlacement(config: StreamConfig): void {
  const { placement } = config;
  if (placement === null) return;
  const { cluster, tags, preferred } = placement;
  if (preferred !== "") {
    throw invalidConfig("preferred server not permitted in placement");
  }
  if (cluster === "" && tags.length === 0) config.placement = null;
}
