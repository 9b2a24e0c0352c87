/**
 * Which deliver policies go with a sequence or a time to start from.
 *
 * @module
 */

import { ApiError } from "../../errors.ts";
import type {
  ConsumerConfig,
  DeliverPolicy,
} from "../../types/consumer_config.ts";

/** How errors call the policies. */
const NAMES: Readonly<Record<DeliverPolicy, string>> = {
  all: "all",
  last: "last",
  new: "new",
  by_start_sequence: "by start sequence",
  by_start_time: "by start time",
  last_per_subject: "last per subject",
};

/** @throws ApiError `consumerInvalidPolicy` */
export function checkStart(config: ConsumerConfig): void {
  const { deliver_policy: policy, opt_start_time: time } = config;
  const bySequence = policy === "by_start_sequence";
  const byTime = policy === "by_start_time";
  const prefix = `consumer delivery policy is deliver ${NAMES[policy]}`;
  const refuse = (rest: string) => {
    throw new ApiError("consumerInvalidPolicy", {
      err: `${prefix}, but optional ${rest}`,
    });
  };
  if (bySequence && config.opt_start_seq === 0) {
    refuse("start sequence is not set");
  }
  if (byTime && time === null) refuse("start time is not set");
  if (!bySequence && config.opt_start_seq !== 0) {
    refuse(`start ${byTime ? "start sequence" : "sequence"} is also set`);
  }
  if (!byTime && time !== null) refuse("start time is also set");
  const unfiltered = config.filter_subject === "" &&
    config.filter_subjects.length === 0;
  if (policy === "last_per_subject" && unfiltered) {
    refuse("filter subject is not set");
  }
}
