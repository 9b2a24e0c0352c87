/**
 * What of a consumer's configuration may change.
 *
 * @module
 */

import { ApiError } from "../../errors.ts";
import { parseTime } from "../../json/time.ts";
import type { ConsumerConfig } from "../../types/consumer_config.ts";

/** Fields that stay, each with the name that errors give it, in order. */
const FIXED: readonly (readonly [keyof ConsumerConfig, string])[] = [
  ["deliver_policy", "deliver policy"],
  ["mem_storage", "storage type"],
  ["direct", "direct"],
  ["sourcing", "sourcing"],
  ["opt_start_seq", "start sequence"],
  ["opt_start_time", "start time"],
  ["ack_policy", "ack policy"],
  ["replay_policy", "replay policy"],
  ["idle_heartbeat", "heart beats"],
  ["flow_control", "flow control"],
];

/**
 * Both are complete and valid.
 * @param isBound whether anybody listens to the present deliver subject
 * @throws ApiError
 */
export function checkUpdate(
  present: ConsumerConfig,
  next: ConsumerConfig,
  isBound: () => boolean,
): void {
  for (const [field, name] of FIXED) {
    const same = field === "opt_start_time"
      ? isSameTime(present.opt_start_time, next.opt_start_time)
      : present[field] === next[field];
    if (!same) throw refusal(`${name} can not be updated`);
  }
  const { deliver_subject: from } = present;
  const { deliver_subject: to } = next;
  if (from !== to) {
    if (from === "") {
      throw refusal("can not update pull consumer to push based");
    }
    if (to === "") throw refusal("can not update push consumer to pull based");
    if (isBound()) throw new ApiError("consumerNameExist");
  }
  if (present.max_waiting !== next.max_waiting) {
    throw refusal("max waiting can not be updated");
  }
}

function refusal(err: string): ApiError {
  return new ApiError("consumerCreate", { err });
}

/** Null is no time. */
export function isSameTime(one: string | null, other: string | null): boolean {
  return one === null || other === null
    ? one === other
    : parseTime(one) === parseTime(other);
}
