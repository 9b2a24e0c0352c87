/**
 * Gives a consumer another configuration.
 *
 * @module
 */

import { SubjectFilter, subjectFromText } from "../../subject/mod.ts";
import { formatTime, parseTime } from "../json/time.ts";
import type { ConsumerConfig } from "../types/consumer_config.ts";
import { withConsumerLevel } from "../versioning.ts";
import {
  areSameFilters,
  checkUpdate,
  filtersOf,
  isSameTime,
} from "./config/mod.ts";
import type { Consumer } from "./consumer.ts";
import { EPHEMERAL_THRESHOLD } from "./inactivity.ts";
import { PushMode } from "./push_mode.ts";

/** Milliseconds until a new wait for acknowledgements is looked at. */
const CHECK_DELAY = 100;

/**
 * `config` is complete and judged.
 * @throws ApiError when something may not change
 */
export function updateConsumer(
  consumer: Consumer,
  config: ConsumerConfig,
): void {
  const { host, state, config: present } = consumer;
  checkUpdate(present, config, () => {
    const subject = subjectFromText(present.deliver_subject);
    return host.account.subscriptions.hasInterest(subject);
  });
  const now = host.clock.monotonic();
  const changed = (field: keyof ConsumerConfig) =>
    present[field] !== config[field];
  const next = { ...config, pause_until: inUtc(config.pause_until) };
  // How it was made decides, whatever it becomes.
  const lasts = present.durable_name !== "";
  if (changed("inactive_threshold")) {
    consumer.inactivity.configure(config, lasts, host.random);
    if (!lasts && config.inactive_threshold <= 0) {
      next.inactive_threshold = EPHEMERAL_THRESHOLD;
    }
  }
  consumer.config = next;
  consumer.adopt();
  consumer.keepConfig();
  if (changed("ack_wait") && state.checkAt !== Infinity) {
    state.checkAt = host.clock.now() + CHECK_DELAY;
  }
  if (changed("inactive_threshold")) consumer.inactivity.start(now);
  if (consumer.mode instanceof PushMode) {
    // A new group alone changes nothing about whose interest counts.
    if (changed("deliver_subject")) {
      consumer.expireAll();
      consumer.mode.redirect();
    }
    if (changed("rate_limit_bps")) consumer.mode.limitRate(now);
  } else {
    consumer.mode.queue.byPriority = config.priority_policy === "prioritized";
  }
  if (!isSameTime(present.pause_until, next.pause_until)) {
    consumer.tellPaused();
  }
  refilter(consumer);
  if (next.sourcing) consumer.restartAt(state.ackFloorStream + 1);
  consumer.ready();
  consumer.rearm();
}

/** A time that was given in some zone is shown in that until the first update. */
function inUtc(time: string | null): string | null {
  const nanos = parseTime(time ?? "");
  return nanos === null ? time : formatTime(nanos);
}

/** Pauses a consumer until a time in UTC; null: has it go on. */
export function pauseConsumer(consumer: Consumer, until: string | null): void {
  const { config: present } = consumer;
  consumer.config = withConsumerLevel({ ...present, pause_until: until });
  consumer.adopt();
  consumer.keepConfig();
  if (isSameTime(until, present.pause_until)) return;
  consumer.tellPaused();
  consumer.ready();
  consumer.rearm();
}

function refilter(consumer: Consumer): void {
  const filters = filtersOf(consumer.config);
  if (areSameFilters(filters, consumer.filters)) return;
  consumer.filters = filters;
  consumer.cursor.filter = SubjectFilter.of(...filters);
  consumer.stream.refilter(consumer);
  consumer.preparation.begin();
}
