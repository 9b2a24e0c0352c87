/**
 * The configuration of a stream, as clients and disks know it.
 *
 * @module
 */

import {
  boolean,
  duration,
  int,
  int32,
  int64,
  type Kind,
  list,
  mapOf,
  nullable,
  oneOf,
  string,
  uint64,
} from "../json/kind.ts";
import { JsonError } from "../json/reading.ts";
import { extend, omit, struct, type StructKind } from "../json/struct.ts";
import { time } from "../json/time.ts";
import { PLACEMENT, type Placement } from "./placement.ts";

export type RetentionPolicy = "limits" | "interest" | "workqueue";
export type DiscardPolicy = "old" | "new";
export type StorageType = "memory" | "file";
export type StoreCompression = "none" | "s2";
export type PersistMode = "default" | "async";

export const RETENTION: Kind<RetentionPolicy> = oneOf(
  "server.RetentionPolicy",
  ["limits", "interest", "workqueue"],
);
const DISCARD: Kind<DiscardPolicy> = oneOf(
  "server.DiscardPolicy",
  ["old", "new"],
  { ignoreCase: true },
);
/** The zero value is none of the words, but a client that says nothing gets files. */
const STORAGE: Kind<StorageType> = oneOf(
  "server.StorageType",
  ["file", "memory"],
);
const COMPRESSION: Kind<StoreCompression> = {
  ...oneOf<StoreCompression>("server.StoreCompression", ["none", "s2"]),
  read(node, _previous, reading) {
    if (node.type !== "string" && node.type !== "null") {
      throw reading.misfit(node.type, "string");
    }
    if (node.type === "string") {
      const { value } = node;
      if (value === "none" || value === "s2") return value;
    }
    throw new JsonError("unknown compression algorithm");
  },
};
const PERSIST_MODE: Kind<PersistMode> = oneOf(
  "server.PersistModeType",
  ["default", "async"],
  { others: { "": "default" } },
);

/** Renames subjects. */
export interface SubjectTransformConfig {
  src: string;
  dest: string;
}

export const SUBJECT_TRANSFORM: StructKind<SubjectTransformConfig> = struct(
  "SubjectTransformConfig",
  { src: string, dest: string },
);

/** Where messages are published again once they are stored. */
export interface RePublish {
  src: string;
  dest: string;
  headers_only: boolean;
}

const REPUBLISH: StructKind<RePublish> = struct("RePublish", {
  src: omit(string),
  dest: string,
  headers_only: omit(boolean),
});

/** A stream of another account or domain. */
export interface ExternalStream {
  /** Subject prefix of its API. */
  api: string;
  /** Subject prefix of what it delivers. */
  deliver: string;
}

export const EXTERNAL_STREAM: StructKind<ExternalStream> = struct(
  "ExternalStream",
  { api: string, deliver: string },
);

/** The durable consumer that reads a source. */
export interface StreamConsumerSource {
  name: string;
  deliver_subject: string;
}

/** What a stream copies. */
export interface StreamSource {
  name: string;
  opt_start_seq: number;
  /** RFC 3339. */
  opt_start_time: string | null;
  filter_subject: string;
  subject_transforms: SubjectTransformConfig[];
  external: ExternalStream | null;
  consumer: StreamConsumerSource | null;
}

export const STREAM_SOURCE: StructKind<StreamSource> = struct("StreamSource", {
  name: string,
  opt_start_seq: omit(uint64),
  opt_start_time: omit(nullable(time)),
  filter_subject: omit(string),
  subject_transforms: omit(list(SUBJECT_TRANSFORM)),
  external: omit(nullable(EXTERNAL_STREAM)),
  consumer: omit(nullable(
    struct<StreamConsumerSource>("StreamConsumerSource", {
      name: omit(string),
      deliver_subject: omit(string),
    }),
  )),
});

/** Defaults and limits of a stream's consumers; 0: none. */
export interface StreamConsumerLimits {
  /** Nanoseconds. */
  inactive_threshold: number;
  max_ack_pending: number;
}

/** Every field is there; zero, empty or null when it was not given. */
export interface StreamConfig {
  name: string;
  description: string;
  subjects: string[];
  retention: RetentionPolicy;
  /** -1: no limit, as for the next ones. */
  max_consumers: number;
  max_msgs: number;
  max_bytes: number;
  /** Nanoseconds; 0: for ever. */
  max_age: number;
  max_msgs_per_subject: number;
  max_msg_size: number;
  discard: DiscardPolicy;
  storage: StorageType;
  num_replicas: number;
  no_ack: boolean;
  /** Nanoseconds. */
  duplicate_window: number;
  placement: Placement | null;
  mirror: StreamSource | null;
  sources: StreamSource[];
  compression: StoreCompression;
  first_seq: number;
  subject_transform: SubjectTransformConfig | null;
  republish: RePublish | null;
  allow_direct: boolean;
  mirror_direct: boolean;
  discard_new_per_subject: boolean;
  sealed: boolean;
  deny_delete: boolean;
  deny_purge: boolean;
  allow_rollup_hdrs: boolean;
  consumer_limits: StreamConsumerLimits;
  allow_msg_ttl: boolean;
  /** Nanoseconds. */
  subject_delete_marker_ttl: number;
  allow_msg_counter: boolean;
  allow_atomic: boolean;
  allow_msg_schedules: boolean;
  persist_mode: PersistMode;
  allow_batched: boolean;
  metadata: Map<string, string>;
}

export const STREAM_CONFIG: StructKind<StreamConfig> = struct("StreamConfig", {
  name: string,
  description: omit(string),
  subjects: omit(list(string)),
  retention: RETENTION,
  max_consumers: int,
  max_msgs: int64,
  max_bytes: int64,
  max_age: duration,
  max_msgs_per_subject: int64,
  max_msg_size: omit(int32),
  discard: DISCARD,
  storage: STORAGE,
  num_replicas: int,
  no_ack: omit(boolean),
  duplicate_window: omit(duration),
  placement: omit(nullable(PLACEMENT)),
  mirror: omit(nullable(STREAM_SOURCE)),
  sources: omit(list(STREAM_SOURCE, "[]*server.StreamSource")),
  compression: COMPRESSION,
  first_seq: omit(uint64),
  subject_transform: omit(nullable(SUBJECT_TRANSFORM)),
  republish: omit(nullable(REPUBLISH)),
  allow_direct: boolean,
  mirror_direct: boolean,
  discard_new_per_subject: omit(boolean),
  sealed: boolean,
  deny_delete: boolean,
  deny_purge: boolean,
  allow_rollup_hdrs: boolean,
  consumer_limits: struct<StreamConsumerLimits>("StreamConsumerLimits", {
    inactive_threshold: omit(duration),
    max_ack_pending: omit(int),
  }),
  allow_msg_ttl: boolean,
  subject_delete_marker_ttl: omit(duration),
  allow_msg_counter: omit(boolean),
  allow_atomic: omit(boolean),
  allow_msg_schedules: omit(boolean),
  persist_mode: omit(PERSIST_MODE),
  allow_batched: omit(boolean),
  metadata: omit(mapOf(string)),
});

/** A request to create or update a stream. */
export interface StreamConfigRequest extends StreamConfig {
  /** Refuse what would otherwise be adjusted. */
  pedantic: boolean;
}

export const STREAM_CONFIG_REQUEST: StructKind<StreamConfigRequest> = extend(
  "StreamConfigRequest",
  STREAM_CONFIG,
  { pedantic: omit(boolean) },
);
