/**
 * Reading the `jetstream` block.
 *
 * @module
 */

import { enablement } from "./account_fields.ts";
import {
  boolean,
  duration,
  type Field,
  integer,
  isMap,
  readBlock,
  schema,
  setter,
  string,
} from "./field.ts";
import { DurationError, parseDuration } from "./duration.ts";
import { formatValue, quote } from "./go_text.ts";
import type {
  JetStreamLimits,
  JetStreamOptions,
  TpmOptions,
} from "./options_jetstream.ts";

/** Milliseconds between syncs, unless configured. */
export const DEFAULT_SYNC_INTERVAL = 120_000;

const MIN_CONCURRENT_IO = 4;
const MAX_CONCURRENT_IO = 8192;

/** Go reports mismatches at the option itself and stops at the first error. */
const RULES = { stopAtError: true, mismatchAtHolder: true };

const set = setter<JetStreamOptions>();

/** Reads a directory for streams, which may be given only once. */
export function readStoreDir(field: Field, jetstream: JetStreamOptions): void {
  if (jetstream.storeDir !== "") {
    field.fail("Duplicate 'store_dir' configuration");
  }
  jetstream.storeDir = field.string();
}

/** Reads a size; `label` names it in errors. */
function storageSize(field: Field, label: string): number {
  const { value } = field;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "string") {
    return field.fail(`${label} must be int64 or string`);
  }
  if (value === "") return 0;
  const digits = value.slice(0, -1);
  if (!/^[-+]?\d+$/.test(digits)) {
    return field.fail(
      `${label} strconv.ParseInt: parsing ${quote(digits)}: invalid syntax`,
    );
  }
  const power = ["K", "M", "G", "T"].indexOf(value.slice(-1)) + 1;
  if (power === 0) {
    return field.fail(
      `${label} sizes defined as strings must end in K, M, G, T`,
    );
  }
  return Number(digits) * 1024 ** power;
}

/** A size named in errors as it was written. */
function size(field: Field): number {
  return storageSize(field, field.key.toLowerCase());
}

/** A plain integer, with an error of its own. */
function count(field: Field): number {
  if (typeof field.value === "bigint") return field.integer();
  return field.fail(
    `Expected a parseable size for ${quote(field.key)}, got ${
      formatValue(field.value)
    }`,
  );
}

function refuseNegative(field: Field, value: number): number {
  if (value >= 0) return value;
  return field.fail(
    `Expected an absolute size for ${quote(field.key)}, got ${
      formatValue(field.value)
    }`,
  );
}

const JETSTREAM = schema<JetStreamOptions>({
  strict: set("strict", (field) => {
    if (typeof field.value === "boolean") return field.value;
    return field.fail(
      `Expected 'true' or 'false' for bool value, got '${wrongVerb(field)}'`,
    );
  }),
  "store store_dir storedir": readStoreDir,
  "sync sync_interval": (field, jetstream) => {
    jetstream.syncAlways = typeof field.value === "string" &&
      /^always$/i.test(field.value);
    jetstream.syncInterval = jetstream.syncAlways
      ? DEFAULT_SYNC_INTERVAL
      : duration()(field);
  },
  "max_memory_store max_mem_store max_mem": set(
    "maxMemory",
    (field) => storageSize(field, "max_mem_store"),
  ),
  "max_file_store max_file": set(
    "maxStore",
    (field) => storageSize(field, "max_file_store"),
  ),
  domain: set("domain", string),
  "enable enabled": set("enabled", boolean),
  "key ek encryption_key": set("key", string),
  "prev_key prev_ek prev_encryption_key": set("previousKey", string),
  cipher: set("cipher", cipher),
  extension_hint: set("extensionHint", string),
  limits: set("limits", limits),
  tpm: (field, jetstream) => {
    jetstream.tpm = tpm(field, jetstream);
  },
  unique_tag: set("uniqueTag", (field) => field.string().trim().toLowerCase()),
  max_outstanding_catchup: set("maxOutstandingCatchup", size),
  max_buffered_size: set("maxBufferedSize", size),
  max_buffered_msgs: set("maxBufferedMessages", count),
  request_queue_limit: set("requestQueueLimit", count),
  info_queue_limit: set("infoQueueLimit", count),
  meta_compact: set("metaCompact", (field) => {
    return refuseNegative(
      field,
      typeof field.value === "bigint" ? field.integer() : -1,
    );
  }),
  meta_compact_size: set(
    "metaCompactSize",
    (field) => refuseNegative(field, size(field)),
  ),
  meta_compact_sync: set("metaCompactSync", boolean),
  max_concurrent_io: set("maxConcurrentIo", (field) => {
    const value = typeof field.value === "bigint" ? field.integer() : 0;
    if (value >= MIN_CONCURRENT_IO && value <= MAX_CONCURRENT_IO) return value;
    return field.fail(
      `Expected an absolute size for ${
        quote(field.key)
      } between ${MIN_CONCURRENT_IO} ` +
        `and ${MAX_CONCURRENT_IO}, got ${formatValue(field.value)}`,
    );
  }),
});

/** Go's `%s` of something that is no text. */
function wrongVerb(field: Field): string {
  const { value } = field;
  if (typeof value === "string" || value instanceof Date) {
    return formatValue(value);
  }
  return `%!s(${field.typeName}=${formatValue(value)})`;
}

function cipher(field: Field): "chacha" | "aes" {
  const name = field.string();
  if (/^chacha(poly)?$/i.test(name)) return "chacha";
  if (/^aes$/i.test(name)) return "aes";
  return field.fail(`Unknown cipher type: ${quote(name)}`);
}

/** A duration; a bad one is reported without its place, as in Go. */
function looseDuration(field: Field): number {
  try {
    return parseDuration(field.string());
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    field.scope.report.error(undefined, error.message);
    return 0;
  }
}

/** Limits that say nothing. */
export function emptyLimits(): JetStreamLimits {
  return {
    maxAckPending: 0,
    maxHaAssets: 0,
    maxRequestBatch: 0,
    defaultMaxConsumers: 0,
    duplicateWindow: 0,
    maxBatchInflightPerStream: 0,
    maxBatchInflightTotal: 0,
    maxBatchSize: 0,
    maxBatchTimeout: 0,
  };
}

const setLimit = setter<JetStreamLimits>();

const LIMITS = schema<JetStreamLimits>({
  max_ack_pending: setLimit("maxAckPending", integer),
  max_ha_assets: setLimit("maxHaAssets", integer),
  max_request_batch: setLimit("maxRequestBatch", integer),
  default_max_consumers: setLimit("defaultMaxConsumers", integer),
  duplicate_window: setLimit("duplicateWindow", looseDuration),
  batch: (field, limits) => {
    if (!isMap(field.value)) {
      field.fail(
        `Expected a map to define batch limits, got ${field.typeName}`,
      );
    }
    readBlock(field, BATCH, limits, RULES);
  },
});

const BATCH = schema<JetStreamLimits>({
  max_inflight_per_stream: setLimit("maxBatchInflightPerStream", integer),
  max_inflight_total: setLimit("maxBatchInflightTotal", integer),
  max_msgs: setLimit("maxBatchSize", integer),
  timeout: setLimit("maxBatchTimeout", looseDuration),
});

function limits(field: Field): JetStreamLimits {
  if (!isMap(field.value)) {
    field.fail(
      `Expected a map to define JetStreamLimits, got ${field.typeName}`,
    );
  }
  const found = emptyLimits();
  readBlock(field, LIMITS, found, RULES);
  return found;
}

function tpm(field: Field, jetstream: JetStreamOptions): TpmOptions {
  if (!isMap(field.value)) {
    // The name is Go's.
    field.fail(
      `Expected a map to define JetStreamLimits, got ${field.typeName}`,
    );
  }
  const found: TpmOptions = {
    keysFile: "",
    keyPassword: "",
    srkPassword: "",
    pcr: 0,
  };
  const setTpm = setter<TpmOptions>();
  const rows = schema<TpmOptions>({
    keys_file: setTpm("keysFile", string),
    encryption_password: setTpm("keyPassword", string),
    srk_password: setTpm("srkPassword", string),
    pcr: setTpm("pcr", integer),
    cipher: (entry) => {
      jetstream.cipher = cipher(entry);
    },
  });
  readBlock(field, rows, found, RULES);
  return found;
}

/** Reads the `jetstream` option: a switch, a word or a block, which enables. */
export function readJetStream(field: Field, jetstream: JetStreamOptions): void {
  const { value } = field;
  if (typeof value === "boolean") jetstream.enabled = value;
  else if (typeof value === "string") {
    jetstream.enabled = enablement(field, value);
  } else if (isMap(value)) {
    jetstream.enabled = true;
    readBlock(field, JETSTREAM, jetstream, RULES);
  } else {
    field.fail(
      `Expected map, bool or string to define JetStream, got ${field.typeName}`,
    );
  }
}
