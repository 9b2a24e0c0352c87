/**
 * Makes consumers, changes them and brings them back.
 *
 * @module
 */

import { Base62, shortHash } from "../../account/mod.ts";
import type { Work } from "../../connection/mod.ts";
import { ApiError } from "../errors.ts";
import { parseTime } from "../json/time.ts";
import type { FoundConsumer } from "../assets.ts";
import type { ConsumedStream, ConsumerFactory } from "../stream/contract.ts";
import {
  CONSUMER_CONFIG,
  type ConsumerAction,
  type ConsumerConfig,
  isCounted,
} from "../types/consumer_config.ts";
import type { JetStreamAccountLimits } from "../types/infos.ts";
import { withLevelOf } from "../versioning.ts";
import {
  applyDefaults,
  checkConfig,
  type ConfigContext,
  filtersOf,
  isConsumerName,
} from "./config/mod.ts";
import { forgettingRedeliveries } from "./clearance.ts";
import { Consumer, type ConsumerOrigin, isKept, policyOf } from "./consumer.ts";
import {
  beginsWithLasts,
  DeliveryState,
  restoringState,
  rewinding,
  savedState,
  selectLasts,
  selectStart,
  type Start,
  type StartOptions,
} from "./state/mod.ts";
import { EPHEMERAL_THRESHOLD } from "./inactivity.ts";
import { updateConsumer } from "./update.ts";

const NAME_MAX = 255;
const NUID_LENGTH = 22;
/** Milliseconds until what was pending is looked at after a restart, and what is added by chance. */
const FIRST_CHECK = 500;
const FIRST_CHECK_JITTER = 1000;

/** The consumers of this server. */
export const consumerFactory: ConsumerFactory = {
  create(stream, given, action, pedantic) {
    const { config, limits } = complete(stream, given, pedantic, false);
    const name = config.durable_name || config.name;
    const present = name === "" ? undefined : stream.consumers.get(name);
    if (present instanceof Consumer) {
      return change(stream, present, config, action);
    }
    if (action === "update") throw new ApiError("consumerDoesNotExist");
    checkCount(stream, config, limits);
    checkWorkQueue(stream, name, config, false);
    checkName(name);
    return begin(stream, name || drawName(stream), config);
  },
  check(stream, name, given) {
    const { config } = complete(
      stream,
      { ...given, durable_name: name },
      false,
      false,
    );
    checkName(name);
    checkWorkQueue(stream, name, config, false);
  },
  recovering,
};

function* recovering(stream: ConsumedStream, found: FoundConsumer): Work<void> {
  const { config, name, state: brought } = found;
  const state = new DeliveryState(policyOf(config));
  // What comes from elsewhere has nothing here yet.
  const opened = brought === undefined && isKept(config)
    ? stream.store.consumer(name, () => savedState(state))
    : null;
  const saved = brought ?? (yield* opened?.loading() ?? []) ?? null;
  let changed = brought !== undefined;
  if (saved !== null) {
    yield* restoringState(state, saved);
    changed = (yield* reconciling(stream, name, state)) || changed;
  }
  const consumer = recover(stream, found, { state, kept: opened });
  if (saved === null) start(consumer);
  else expectOverdue(consumer);
  consumer.open();
  const { kept } = consumer;
  if (changed) kept?.changed();
  if (brought !== undefined) yield* kept?.flushing() ?? [];
}

/** Makes it, but does not open it. @throws ApiError */
function recover(
  stream: ConsumedStream,
  { name, config: given, created, state: brought }: FoundConsumer,
  origin: ConsumerOrigin,
): Consumer {
  // A client may have made it while a stream is restored.
  if (stream.consumers.has(name)) throw new ApiError("consumerAlreadyExists");
  const { config } = complete(stream, given, false, true);
  if (config.durable_name === "") config.name = name;
  checkWorkQueue(stream, name, config, true);
  const consumer = new Consumer(stream, name, config, created, origin);
  if (brought !== undefined) consumer.keepConfig();
  settleEphemeral(consumer);
  return consumer;
}

/** The configuration with what it leaves open, judged. @throws ApiError */
function complete(
  stream: ConsumedStream,
  given: ConsumerConfig,
  pedantic: boolean,
  recovering: boolean,
): {
  readonly config: ConsumerConfig;
  readonly limits: JetStreamAccountLimits;
} {
  const config = { ...given };
  const { host } = stream;
  const limits = host.consumers.accountLimits(replicasOf(config, stream));
  if (limits === null) throw new ApiError("noLimits");
  const context: ConfigContext = {
    stream: stream.config,
    server: host.limits,
    account: limits,
  };
  applyDefaults(config, context, pedantic);
  checkConfig(config, context, recovering);
  return { config, limits };
}

/** Copies of a consumer: as many as its stream has unless it says otherwise. */
function replicasOf(config: ConsumerConfig, stream: ConsumedStream): number {
  const { num_replicas: wanted, durable_name: durable } = config;
  const { num_replicas: copies, retention } = stream.config;
  if (wanted !== 0 && wanted <= copies) return wanted;
  const old = durable === "" && retention === "limits" && wanted === 0;
  return old ? 1 : copies;
}

/** @throws ApiError */
function change(
  stream: ConsumedStream,
  present: Consumer,
  config: ConsumerConfig,
  action: ConsumerAction,
): Consumer {
  if (action === "create") {
    const wanted = CONSUMER_CONFIG.write(withLevelOf(config, present.config));
    if (wanted !== CONSUMER_CONFIG.write(present.config)) {
      throw new ApiError("consumerAlreadyExists");
    }
  }
  if (
    stream.config.retention === "workqueue" &&
    stream.index.isClaimed(filtersOf(config), present.name)
  ) throw new ApiError("consumerWQConsumerNotUnique");
  updateConsumer(present, config);
  return present;
}

function countOf({ consumers }: ConsumedStream): number {
  let count = 0;
  for (const { config } of consumers.values()) {
    if (isCounted(config)) count++;
  }
  return count;
}

function hasCounted({ consumers }: ConsumedStream): boolean {
  return consumers.values().some(({ config }) => isCounted(config));
}

function checkCount(
  stream: ConsumedStream,
  config: ConsumerConfig,
  { max_consumers: ofAccount }: JetStreamAccountLimits,
): void {
  if (!isCounted(config)) return;
  let most = stream.config.max_consumers;
  if (most <= 0 || (ofAccount > 0 && ofAccount < most)) most = ofAccount;
  const { defaultMaxConsumers: byDefault } = stream.host.limits;
  if (most <= 0 && byDefault > 0) most = byDefault;
  // Counting takes long where there are very many.
  const mayExceed = most > 0 && stream.consumers.size >= most;
  if (mayExceed && countOf(stream) >= most) {
    throw new ApiError("maximumConsumersLimit");
  }
}

/** Each message of a work queue is for one consumer. @throws ApiError */
function checkWorkQueue(
  stream: ConsumedStream,
  name: string,
  config: ConsumerConfig,
  recovering: boolean,
): void {
  if (stream.config.retention !== "workqueue" || !isCounted(config)) return;
  const { ack_policy: ack } = config;
  if (ack !== "explicit" && ack !== "flow_control") {
    throw new ApiError("consumerWQRequiresExplicitAck");
  }
  if (config.deliver_policy !== "all") {
    throw new ApiError("consumerWQConsumerNotDeliverAll");
  }
  if (!hasCounted(stream)) return;
  const filters = filtersOf(config);
  if (filters.length === 0) throw new ApiError("consumerWQMultipleUnfiltered");
  if (!stream.index.isClaimed(filters, name)) return;
  if (!recovering) throw new ApiError("consumerWQConsumerNotUnique");
  stream.host.logger.warn(
    `Consumer ${JSON.stringify(stream.name)} > ${
      JSON.stringify(name)
    } has a filter subject that overlaps with other consumers, which is not allowed for a stream with WorkQueue policy, it should be administratively deleted`,
  );
}

function checkName(name: string): void {
  if (new TextEncoder().encode(name).length > NAME_MAX) {
    throw new ApiError("consumerNameTooLong", { max: NAME_MAX });
  }
  if (name !== "" && !isConsumerName(name)) {
    throw new ApiError("consumerBadDurableName");
  }
}

/** A name that no other consumer of the stream has. */
function drawName({ consumers, host }: ConsumedStream): string {
  const letters = new Base62(host.random);
  for (;;) {
    const name = shortHash(letters.draw(NUID_LENGTH));
    if (!consumers.has(name)) return name;
  }
}

function begin(
  stream: ConsumedStream,
  name: string,
  config: ConsumerConfig,
): Consumer {
  const now = stream.host.clock.nowNanos();
  let consumer: Consumer | null = null;
  let begin: Work<void> | null;
  try {
    consumer = new Consumer(stream, name, config, now);
    consumer.keepConfig();
    begin = start(consumer);
  } catch (error) {
    consumer?.kept?.delete();
    throw ApiError.from(error, "consumerStoreFailed");
  }
  settleEphemeral(consumer);
  consumer.open(begin);
  consumer.telling.changed("create");
  return consumer;
}

/** Consumers without a name to come back to are told how long they may be away. */
function settleEphemeral(consumer: Consumer): void {
  const { config } = consumer;
  if (config.durable_name !== "" || config.inactive_threshold > 0) return;
  consumer.config = { ...config, inactive_threshold: EPHEMERAL_THRESHOLD };
}

/** Has a consumer begin. @returns what it takes to find out where; null: it is known */
function start(consumer: Consumer): Work<void> | null {
  const { config, stream, filters } = consumer;
  const options: StartOptions = {
    policy: config.deliver_policy,
    sequence: config.opt_start_seq,
    time: config.opt_start_time === null
      ? null
      : parseTime(config.opt_start_time),
    filters,
    maxMessagesPerSubject: stream.config.max_msgs_per_subject,
  };
  if (beginsWithLasts(options)) return startWithLasts(consumer, options);
  startAt(consumer, selectStart(stream.store, options));
  return null;
}

function* startWithLasts(
  consumer: Consumer,
  options: StartOptions,
): Work<void> {
  startAt(consumer, yield* selectLasts(consumer.store, options));
}

function startAt(
  { config, state, cursor, kept }: Consumer,
  start: Start,
): void {
  state.startAt(start.next);
  cursor.beginWith(start.lasts);
  kept?.changed();
  if (config.sourcing) state.startAt(state.ackFloorStream + 1);
}

/**
 * Makes a restored state agree with the stream, which may have lost its end.
 * @returns whether it had to be changed
 */
function* reconciling(
  { name: stream, store, host }: ConsumedStream,
  name: string,
  state: DeliveryState,
): Work<boolean> {
  const { lastSequence: last, firstSequence: first } = store;
  const reached = state.next - 1;
  if (reached > last) {
    host.logger.warn(
      `JetStream consumer '${host.account.label} > ${stream} > ${name}' delivered sequence ${reached} past last stream sequence of ${last}`,
    );
    yield* rewinding(state, last);
  }
  return (yield* forgettingRedeliveries(state, first)) || reached > last;
}

/** What was pending before a restart is looked at soon. */
function expectOverdue({ state, host }: Consumer): void {
  const { ackWait } = state.policy;
  if (state.pending.count === 0 || ackWait === 0) return;
  const delay = FIRST_CHECK + host.random.below(FIRST_CHECK_JITTER);
  state.checkAt = host.clock.now() + Math.min(delay, ackWait + 1);
}
