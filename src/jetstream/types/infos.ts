/**
 * What streams and consumers tell of themselves.
 *
 * @module
 */

import type { ApiErrorBody } from "../errors.ts";
import {
  boolean,
  duration,
  int,
  int64,
  type Kind,
  list,
  nullable,
  string,
  uint64,
} from "../json/kind.ts";
import { omit, struct, type StructKind } from "../json/struct.ts";
import { time } from "../json/time.ts";
import { CONSUMER_CONFIG, type ConsumerConfig } from "./consumer_config.ts";
import {
  EXTERNAL_STREAM,
  type ExternalStream,
  STREAM_CONFIG,
  type StreamConfig,
  SUBJECT_TRANSFORM,
  type SubjectTransformConfig,
} from "./stream_config.ts";
import {
  SEQUENCE_LIST,
  type SequenceList,
  SUBJECT_COUNTS,
  type SubjectCounts,
} from "./long_lists.ts";

/** An error in an answer or in an information. */
export const API_ERROR: Kind<ApiErrorBody> = struct<ApiErrorBody>("ApiError", {
  code: int,
  err_code: omit(int),
  description: omit(string),
});

/** Messages that were found damaged. */
export interface LostStreamData {
  msgs: number[];
  bytes: number;
}

/** State of a stream. */
export interface StreamState {
  messages: number;
  bytes: number;
  first_seq: number;
  first_ts: string;
  last_seq: number;
  last_ts: string;
  num_subjects: number;
  /** Messages by subject, if they were asked for. */
  subjects: SubjectCounts;
  num_deleted: number;
  /** Sequences, if they were asked for. */
  deleted: SequenceList;
  lost: LostStreamData | null;
  consumer_count: number;
}

export const STREAM_STATE: StructKind<StreamState> = struct("StreamState", {
  messages: uint64,
  bytes: uint64,
  first_seq: uint64,
  first_ts: time,
  last_seq: uint64,
  last_ts: time,
  num_subjects: omit(int),
  subjects: omit(SUBJECT_COUNTS),
  num_deleted: omit(int),
  deleted: omit(SEQUENCE_LIST),
  lost: omit(nullable(
    struct<LostStreamData>("LostStreamData", {
      msgs: list(uint64),
      bytes: uint64,
    }),
  )),
  consumer_count: int,
});

/** How a mirror or source is doing. */
export interface StreamSourceInfo {
  name: string;
  external: ExternalStream | null;
  lag: number;
  seq: number;
  /** Nanoseconds since it was heard of last; -1: never. */
  active: number;
  error: ApiErrorBody | null;
  filter_subject: string;
  subject_transforms: SubjectTransformConfig[];
}

export const STREAM_SOURCE_INFO: StructKind<StreamSourceInfo> = struct(
  "StreamSourceInfo",
  {
    name: string,
    external: omit(nullable(EXTERNAL_STREAM)),
    lag: uint64,
    seq: omit(uint64),
    active: duration,
    error: omit(nullable(API_ERROR)),
    filter_subject: omit(string),
    subject_transforms: omit(list(SUBJECT_TRANSFORM)),
  },
);

/** A replica. */
export interface PeerInfo {
  name: string;
  current: boolean;
  offline: boolean;
  /** Nanoseconds since it was heard of last. */
  active: number;
  lag: number;
  peer: string;
  pending: boolean;
}

/** Which servers keep a stream or consumer. */
export interface ClusterInfo {
  name: string;
  raft_group: string;
  leader: string;
  leader_since: string | null;
  system_account: boolean;
  traffic_account: string;
  replicas: PeerInfo[];
}

export const CLUSTER_INFO: StructKind<ClusterInfo> = struct("ClusterInfo", {
  name: omit(string),
  raft_group: omit(string),
  leader: omit(string),
  leader_since: omit(nullable(time)),
  system_account: omit(boolean),
  traffic_account: omit(string),
  replicas: omit(list(
    struct<PeerInfo>("PeerInfo", {
      name: string,
      current: boolean,
      offline: omit(boolean),
      active: duration,
      lag: omit(uint64),
      peer: string,
      pending: omit(boolean),
    }),
  )),
});

/** A stream that holds the same subjects elsewhere. */
export interface StreamAlternate {
  name: string;
  domain: string;
  cluster: string;
}

/** Everything of a stream. */
export interface StreamInfo {
  config: StreamConfig;
  created: string;
  state: StreamState;
  domain: string;
  cluster: ClusterInfo | null;
  mirror: StreamSourceInfo | null;
  sources: StreamSourceInfo[];
  alternates: StreamAlternate[];
  /** When this was so. */
  ts: string;
}

export const STREAM_INFO: StructKind<StreamInfo> = struct("StreamInfo", {
  config: STREAM_CONFIG,
  created: time,
  state: STREAM_STATE,
  domain: omit(string),
  cluster: omit(nullable(CLUSTER_INFO)),
  mirror: omit(nullable(STREAM_SOURCE_INFO)),
  sources: omit(list(STREAM_SOURCE_INFO)),
  alternates: omit(list(
    struct<StreamAlternate>("StreamAlternate", {
      name: string,
      domain: omit(string),
      cluster: string,
    }),
  )),
  ts: time,
});

/** How far a consumer has come, by its own count and by the stream's. */
export interface SequenceInfo {
  consumer_seq: number;
  stream_seq: number;
  last_active: string | null;
}

const SEQUENCE_INFO: StructKind<SequenceInfo> = struct("SequenceInfo", {
  consumer_seq: uint64,
  stream_seq: uint64,
  last_active: omit(nullable(time)),
});

/** Whom a priority group is pinned to. */
export interface PriorityGroupState {
  group: string;
  pinned_client_id: string;
  pinned_ts: string;
}

/** Everything of a consumer. */
export interface ConsumerInfo {
  stream_name: string;
  name: string;
  created: string;
  config: ConsumerConfig | null;
  delivered: SequenceInfo;
  ack_floor: SequenceInfo;
  num_ack_pending: number;
  num_redelivered: number;
  num_waiting: number;
  num_pending: number;
  cluster: ClusterInfo | null;
  push_bound: boolean;
  paused: boolean;
  /** Nanoseconds. */
  pause_remaining: number;
  /** When this was so. */
  ts: string;
  priority_groups: PriorityGroupState[];
}

export const CONSUMER_INFO: StructKind<ConsumerInfo> = struct("ConsumerInfo", {
  stream_name: string,
  name: string,
  created: time,
  config: omit(nullable(CONSUMER_CONFIG)),
  delivered: SEQUENCE_INFO,
  ack_floor: SEQUENCE_INFO,
  num_ack_pending: int,
  num_redelivered: int,
  num_waiting: int,
  num_pending: uint64,
  cluster: omit(nullable(CLUSTER_INFO)),
  push_bound: omit(boolean),
  paused: omit(boolean),
  pause_remaining: omit(duration),
  ts: time,
  priority_groups: omit(list(
    struct<PriorityGroupState>("PriorityGroupState", {
      group: string,
      pinned_client_id: omit(string),
      pinned_ts: time,
    }),
  )),
});

/** What publishers are told of a stored message. */
export interface PubAck {
  stream: string;
  seq: number;
  domain: string;
  duplicate: boolean;
  /** Of a counter. */
  val: string;
  /** Of a batch. */
  batch: string;
  count: number;
}

export const PUB_ACK: StructKind<PubAck> = struct("PubAck", {
  stream: string,
  seq: uint64,
  domain: omit(string),
  duplicate: omit(boolean),
  val: omit(string),
  batch: omit(string),
  count: omit(uint64),
});

/** A message as `STREAM.MSG.GET` answers. */
export interface StoredMsg {
  subject: string;
  seq: number;
  /** Base64; empty: none. */
  hdrs: string;
  /** Base64; empty: none. */
  data: string;
  time: string;
}

export const STORED_MSG: StructKind<StoredMsg> = struct("StoredMsg", {
  subject: string,
  seq: uint64,
  hdrs: omit(string),
  data: omit(string),
  time,
});

/** Limits of an account, or of one tier of it; -1: none. */
export interface JetStreamAccountLimits {
  max_memory: number;
  max_storage: number;
  max_streams: number;
  max_consumers: number;
  max_ack_pending: number;
  memory_max_stream_bytes: number;
  storage_max_stream_bytes: number;
  max_bytes_required: boolean;
}

export const ACCOUNT_LIMITS: StructKind<JetStreamAccountLimits> = struct(
  "JetStreamAccountLimits",
  {
    max_memory: int64,
    max_storage: int64,
    max_streams: int,
    max_consumers: int,
    max_ack_pending: int,
    memory_max_stream_bytes: int64,
    storage_max_stream_bytes: int64,
    max_bytes_required: boolean,
  },
);
