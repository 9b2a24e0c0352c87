/**
 * The configuration of a consumer, as clients and disks know it.
 *
 * @module
 */

import {
  boolean,
  duration,
  int,
  type Kind,
  list,
  mapOf,
  nullable,
  oneOf,
  string,
  uint64,
} from "../json/kind.ts";
import { omit, struct, type StructKind } from "../json/struct.ts";
import { time } from "../json/time.ts";

export type DeliverPolicy =
  | "all"
  | "last"
  | "new"
  | "by_start_sequence"
  | "by_start_time"
  | "last_per_subject";
export type AckPolicy = "none" | "all" | "explicit" | "flow_control";
export type ReplayPolicy = "instant" | "original";
export type PriorityPolicy =
  | "none"
  | "overflow"
  | "pinned_client"
  | "prioritized";

const DELIVER: Kind<DeliverPolicy> = oneOf("server.DeliverPolicy", [
  "all",
  "last",
  "new",
  "by_start_sequence",
  "by_start_time",
  "last_per_subject",
], { others: { undefined: "all" } });
const ACK: Kind<AckPolicy> = oneOf("server.AckPolicy", [
  "none",
  "all",
  "explicit",
  "flow_control",
]);
const REPLAY: Kind<ReplayPolicy> = oneOf("server.ReplayPolicy", [
  "instant",
  "original",
]);
const PRIORITY: Kind<PriorityPolicy> = oneOf("server.PriorityPolicy", [
  "none",
  "overflow",
  "pinned_client",
  "prioritized",
], { complaint: "unknown priority policy:" });

/** Every field is there; zero, empty or null when it was not given. */
export interface ConsumerConfig {
  durable_name: string;
  name: string;
  description: string;
  deliver_policy: DeliverPolicy;
  opt_start_seq: number;
  /** RFC 3339. */
  opt_start_time: string | null;
  ack_policy: AckPolicy;
  /** Nanoseconds. */
  ack_wait: number;
  max_deliver: number;
  /** Nanoseconds. */
  backoff: number[];
  filter_subject: string;
  filter_subjects: string[];
  replay_policy: ReplayPolicy;
  /** Bits a second. */
  rate_limit_bps: number;
  sample_freq: string;
  max_waiting: number;
  max_ack_pending: number;
  flow_control: boolean;
  headers_only: boolean;
  max_batch: number;
  /** Nanoseconds. */
  max_expires: number;
  max_bytes: number;
  deliver_subject: string;
  deliver_group: string;
  /** Nanoseconds. */
  idle_heartbeat: number;
  /** Nanoseconds. */
  inactive_threshold: number;
  num_replicas: number;
  mem_storage: boolean;
  direct: boolean;
  sourcing: boolean;
  metadata: Map<string, string>;
  /** RFC 3339. */
  pause_until: string | null;
  priority_groups: string[];
  priority_policy: PriorityPolicy;
  /** Nanoseconds. */
  priority_timeout: number;
}

export const CONSUMER_CONFIG: StructKind<ConsumerConfig> = struct(
  "ConsumerConfig",
  {
    durable_name: omit(string),
    name: omit(string),
    description: omit(string),
    deliver_policy: DELIVER,
    opt_start_seq: omit(uint64),
    opt_start_time: omit(nullable(time)),
    ack_policy: ACK,
    ack_wait: omit(duration),
    max_deliver: omit(int),
    backoff: omit(list(duration)),
    filter_subject: omit(string),
    filter_subjects: omit(list(string)),
    replay_policy: REPLAY,
    rate_limit_bps: omit(uint64),
    sample_freq: omit(string),
    max_waiting: omit(int),
    max_ack_pending: omit(int),
    flow_control: omit(boolean),
    headers_only: omit(boolean),
    max_batch: omit(int),
    max_expires: omit(duration),
    max_bytes: omit(int),
    deliver_subject: omit(string),
    deliver_group: omit(string),
    idle_heartbeat: omit(duration),
    inactive_threshold: omit(duration),
    num_replicas: int,
    mem_storage: omit(boolean),
    direct: omit(boolean),
    sourcing: omit(boolean),
    metadata: omit(mapOf(string)),
    pause_until: omit(nullable(time)),
    priority_groups: omit(list(string)),
    priority_policy: omit(PRIORITY),
    priority_timeout: omit(duration),
  },
);

/** What a request to create a consumer may be about. */
export type ConsumerAction = "" | "create" | "update";

/** A request to create or update a consumer. */
export interface CreateConsumerRequest {
  stream_name: string;
  config: ConsumerConfig;
  action: ConsumerAction;
  /** Refuse what would otherwise be adjusted. */
  pedantic: boolean;
}

export const CREATE_CONSUMER_REQUEST: StructKind<CreateConsumerRequest> =
  struct("CreateConsumerRequest", {
    stream_name: string,
    config: CONSUMER_CONFIG,
    action: oneOf<ConsumerAction>("server.ConsumerAction", [
      "",
      "update",
      "create",
    ], { complaint: "unknown consumer action:" }),
    pedantic: omit(boolean),
  });

/** Whether it counts among those of a stream; those of mirrors and sources don't. */
export function isCounted({ direct, sourcing }: ConsumerConfig): boolean {
  return !direct && !sourcing;
}
