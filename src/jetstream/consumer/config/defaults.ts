/**
 * What a consumer's configuration leaves open.
 *
 * @module
 */

import type { JetStreamLimits } from "../../../config/mod.ts";
import { ApiError } from "../../errors.ts";
import type { ConsumerConfig } from "../../types/consumer_config.ts";
import type { JetStreamAccountLimits } from "../../types/infos.ts";
import type { StreamConfig } from "../../types/stream_config.ts";

const SECOND = 1_000_000_000;
/** Nanoseconds. */
const ACK_WAIT = 30 * SECOND;
const PINNED_FOR = 120 * SECOND;
/** What consumers that acknowledge by flow control beat at, nanoseconds. */
export const FLOW_CONTROL_HEARTBEAT = SECOND;
const MAX_WAITING = 512;
const MAX_ACK_PENDING = 1000;

/** What a configuration is judged by. */
export interface ConfigContext {
  readonly stream: StreamConfig;
  readonly server: JetStreamLimits;
  readonly account: JetStreamAccountLimits;
}

/** Fields of which a value below the smallest one counts as that. */
const LEAST: readonly (readonly [NumericField, number, string])[] = [
  ["max_waiting", 0, "must not be negative"],
  ["max_ack_pending", -1, "must be set to -1"],
  ["max_batch", 0, "must not be negative"],
  ["max_expires", 0, "must not be negative"],
  ["max_bytes", 0, "must not be negative"],
  ["idle_heartbeat", 0, "must not be negative"],
  ["inactive_threshold", 0, "must not be negative"],
  ["priority_timeout", 0, "must not be negative"],
];

type NumericField = {
  [Name in keyof ConsumerConfig]: ConsumerConfig[Name] extends number ? Name
    : never;
}[keyof ConsumerConfig];

/**
 * Fills in what `config` leaves open.
 * @param pedantic refuse what would otherwise be adjusted
 * @throws ApiError `pedantic`
 */
export function applyDefaults(
  config: ConsumerConfig,
  context: ConfigContext,
  pedantic: boolean,
): void {
  const adjust = (complaint: string) => {
    if (pedantic) throw new ApiError("pedantic", { err: complaint });
  };
  if (config.max_deliver === 0 || config.max_deliver < -1) {
    if (config.max_deliver < -1) adjust("max_deliver must be set to -1");
    config.max_deliver = -1;
  }
  for (const [field, least, complaint] of LEAST) {
    if (config[field] >= least) continue;
    adjust(`${field} ${complaint}`);
    config[field] = least;
  }
  const pull = config.deliver_subject === "";
  if (pull && config.max_waiting === 0) config.max_waiting = MAX_WAITING;
  const { ack_policy: ack } = config;
  if (config.ack_wait === 0 && (ack === "explicit" || ack === "all")) {
    config.ack_wait = ACK_WAIT;
  }
  const [firstWait] = config.backoff;
  if (firstWait !== undefined) {
    if (firstWait !== config.ack_wait) {
      adjust("first backoff value has to equal batch AckWait");
    }
    config.ack_wait = firstWait;
  }
  inherit(config, context, adjust);
  if (config.priority_policy === "pinned_client") {
    config.priority_timeout ||= PINNED_FOR;
  }
  if (ack === "flow_control" && !pedantic) {
    config.flow_control = true;
    config.idle_heartbeat = FLOW_CONTROL_HEARTBEAT;
  }
}

/** What the stream, the account and the server prescribe. */
function inherit(
  config: ConsumerConfig,
  { stream, server, account }: ConfigContext,
  adjust: (complaint: string) => void,
): void {
  const limits = stream.consumer_limits;
  if (config.max_ack_pending === 0) {
    if (limits.max_ack_pending > 0) {
      adjust(
        "max_ack_pending must be set if it's configured in stream limits",
      );
    }
    config.max_ack_pending = limits.max_ack_pending;
  }
  if (config.inactive_threshold === 0) {
    if (limits.inactive_threshold > 0) {
      adjust(
        "inactive_threshold must be set if it's configured in stream limits",
      );
    }
    config.inactive_threshold = limits.inactive_threshold;
  }
  if (config.max_ack_pending === 0 && config.ack_policy !== "none") {
    config.max_ack_pending = Math.min(
      MAX_ACK_PENDING,
      limited(server.maxAckPending),
      limited(account.max_ack_pending),
    );
  }
  const pull = config.deliver_subject === "";
  if (pull && config.max_batch === 0 && server.maxRequestBatch > 0) {
    adjust("max_request_batch must be set if it's JetStream limits are set");
    config.max_batch = server.maxRequestBatch;
  }
}

/** 0 and below are no limit. */
function limited(limit: number): number {
  return limit > 0 ? limit : Infinity;
}
