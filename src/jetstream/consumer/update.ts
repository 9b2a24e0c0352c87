/**
 * Gives a consumer another configuration.
 *
 * @module
 */

import { SubjectFilter, subjectFromText } from "../../subject/mod.ts";
import type { ConsumerConfig } from "../types/consumer_config.ts";
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
  const next = changed("inactive_threshold") && config.durable_name === "" &&
      config.inactive_threshold <= 0
    ? { ...config, inactive_threshold: EPHEMERAL_THRESHOLD }
    : config;
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
      state.expireAll(host.clock.now());
      consumer.mode.redirect();
    }
    if (changed("rate_limit_bps")) consumer.mode.limitRate(now);
  }
  if (!isSameTime(present.pause_until, next.pause_until)) {
    consumer.tellPaused();
  }
  refilter(consumer);
  if (next.sourcing) consumer.restartAt(state.ackFloorStream + 1);
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
