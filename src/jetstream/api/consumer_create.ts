/**
 * `$JS.API.CONSUMER.CREATE…`: making and changing consumers.
 *
 * @module
 */

import { shortHash } from "../../account/mod.ts";
import type { ManagedConsumer, ManagedStream } from "../assets.ts";
import { ApiError } from "../errors.ts";
import { formatTime } from "../json/time.ts";
import {
  type ConsumerConfig,
  CREATE_CONSUMER_REQUEST,
  type CreateConsumerRequest,
} from "../types/consumer_config.ts";
import { CONSUMER_INFO } from "../types/infos.ts";
import { shownInfo, withConsumerLevel } from "../versioning.ts";
import type { Call } from "./call.ts";
import type { ApiContext } from "./context.ts";
import { type Answer, DelayedError, type Endpoint } from "./endpoint.ts";
import { then } from "./later.ts";
import { refuseOffline } from "./streams.ts";

/** Tokens of a request that names the consumer in its body only. */
const EPHEMERAL_SIZE = 5;
const IDENTITY_HEADER = "Nats-Stream-Identity";

/** What the subject of a request says. */
interface Addressed {
  readonly style: "named" | "ephemeral" | "durable";
  readonly stream: string;
  /** Empty: none. */
  readonly consumer: string;
  /** Empty: none. */
  readonly filter: string;
}

export function consumerCreateEndpoints(context: ApiContext): Endpoint[] {
  return [
    "$JS.API.CONSUMER.CREATE.*",
    "$JS.API.CONSUMER.CREATE.*.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.*.*",
  ].map((subject) => ({
    subject,
    type: "consumer_create_response",
    handle(call) {
      const request = call.read(CREATE_CONSUMER_REQUEST);
      const account = call.enter();
      const addressed = addressOf(call, request.config);
      const config = checked(request, addressed);
      if (config.num_replicas > 1) {
        throw new ApiError("streamReplicasNotSupported");
      }
      const stream = account.stream(request.stream_name);
      refuseOffline(stream);
      return create(call, context, { ...request, config }, addressed, stream);
    },
  }));
}

function addressOf(call: Call, config: ConsumerConfig): Addressed {
  if (call.size === EPHEMERAL_SIZE) {
    const stream = call.token(5);
    return { style: "ephemeral", stream, consumer: config.name, filter: "" };
  }
  if (call.token(4) === "DURABLE") {
    const [stream, consumer] = [call.token(6), call.token(7)];
    return { style: "durable", stream, consumer, filter: "" };
  }
  return {
    style: "named",
    stream: call.token(5),
    consumer: call.token(6),
    filter: call.tail(7),
  };
}

/** Checks that subject and body agree. @throws ApiError */
function checked(
  { stream_name, config }: CreateConsumerRequest,
  { style, stream, consumer, filter }: Addressed,
): ConsumerConfig {
  if (stream !== stream_name) throw new ApiError("streamMismatch");
  if (/[\\/]/.test(consumer)) {
    throw new ApiError("consumerNameContainsPathSeparators");
  }
  const { durable_name, filter_subject, filter_subjects } = config;
  if (style === "durable" && durable_name === "") {
    throw new ApiError("consumerDurableNameNotSet");
  }
  if (style === "ephemeral") {
    if (durable_name !== "") {
      throw new ApiError("consumerEphemeralWithDurableName");
    }
  } else if (durable_name !== "" && durable_name !== consumer) {
    throw new ApiError("consumerDurableNameNotMatchSubject");
  }
  if (filter !== "" && filter_subjects.length > 0) {
    throw new ApiError("consumerMultipleFiltersNotAllowed");
  }
  if (filter !== "" && filter_subject !== filter) {
    throw new ApiError("consumerCreateFilterSubjectMismatch");
  }
  return style === "ephemeral" ? config : { ...config, name: consumer };
}

function create(
  call: Call,
  context: ApiContext,
  request: CreateConsumerRequest,
  addressed: Addressed,
  stream: ManagedStream,
): Answer | Promise<Answer> {
  const { direct, sourcing } = request.config;
  const identity = direct || sourcing
    ? shortHash(formatTime(stream.created))
    : "";
  const wanted = sourcingConfig(request.config, stream, context);
  const name = wanted.name === request.config.name
    ? addressed.consumer
    : wanted.name;
  checkIdentity(call, identity);
  const present = stream.consumers.get(name);
  if (present !== undefined) refuseOfflineConsumer(present);
  const config = withConsumerLevel(kept(wanted, present));
  const consumer = context.createConsumer(call.jetstream, stream, {
    ...request,
    config,
  });
  return then(consumer.complete(), () => ({
    fields: CONSUMER_INFO.writeFields(shownInfo(consumer.info())),
    ...(identity === "" ? {} : {
      headers: `NATS/1.0\r\n${IDENTITY_HEADER}: ${identity}\r\n\r\n`,
    }),
    after: () => consumer.created(),
  }));
}

/** @throws ApiError when the client means a stream that is gone */
function checkIdentity(call: Call, identity: string): void {
  if (identity === "") return;
  const expected = call.header(IDENTITY_HEADER) ?? "";
  if (expected !== "" && expected !== identity) {
    throw new ApiError("consumerStreamIdentityMismatch", { msg: identity });
  }
}

/**
 * What becomes of a consumer that serves a mirror or source: where messages
 * wait to be acknowledged it must last, elsewhere each has a name of its own.
 */
function sourcingConfig(
  config: ConsumerConfig,
  stream: ManagedStream,
  context: ApiContext,
): ConsumerConfig {
  if (!config.direct || !config.sourcing || config.name === "") return config;
  if (stream.config.retention === "limits") {
    return { ...config, name: `${config.name}-${context.drawName()}` };
  }
  return {
    ...config,
    direct: false,
    durable_name: config.name,
    ack_policy: "flow_control",
    ack_wait: 0,
    max_deliver: 0,
    inactive_threshold: 0,
  };
}

/** Some of a consumer's configuration can't be changed this way. */
function kept(
  config: ConsumerConfig,
  present: ManagedConsumer | undefined,
): ConsumerConfig {
  if (present === undefined) return config;
  const { pause_until, deliver_policy, opt_start_seq, opt_start_time } =
    present.config;
  return config.sourcing && config.durable_name !== ""
    ? { ...config, pause_until, deliver_policy, opt_start_seq, opt_start_time }
    : { ...config, pause_until };
}

/** @throws DelayedError */
export function refuseOfflineConsumer(
  { offlineReason }: ManagedConsumer,
): void {
  if (offlineReason === "") return;
  throw new DelayedError(
    new ApiError("consumerOfflineReason", { err: offlineReason }),
  );
}
