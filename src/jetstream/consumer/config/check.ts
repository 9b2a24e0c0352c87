/**
 * Rules of a consumer's configuration.
 *
 * The order of the checks is that of the Go server: it decides which error a
 * client sees when there are several.
 *
 * @module
 */

import { formatDuration } from "../../../config/mod.ts";
import {
  isLiteral,
  isSubsetMatch,
  isValidSubject,
  subjectFromText,
} from "../../../subject/mod.ts";
import { ApiError, type ApiErrorName } from "../../errors.ts";
import type { ConsumerConfig } from "../../types/consumer_config.ts";
import { type ConfigContext, FLOW_CONTROL_HEARTBEAT } from "./defaults.ts";
import { checkFilters } from "./filters.ts";
import { parseSampling } from "./sampling.ts";
import { checkStart } from "./start_rules.ts";

const MILLISECOND = 1_000_000;
const DESCRIPTION_MAX = 4096;
const METADATA_MAX = 131_072;
const HEARTBEAT_MIN = 100 * MILLISECOND;
const GROUP_NAME = /^[a-zA-Z0-9/_=-]{1,16}$/;

type Values = Readonly<Record<string, string | number>>;
/** Whether a rule is broken, and what to say then. */
type Rule = readonly [broken: boolean, kind: ApiErrorName, values?: Values];

function enforce(rules: readonly Rule[]): void {
  for (const [broken, kind, values] of rules) {
    if (broken) throw new ApiError(kind, values);
  }
}

/** What is recovered has been judged already, by laxer rules maybe. */
export function checkConfig(
  config: ConsumerConfig,
  context: ConfigContext,
  recovering: boolean,
): void {
  checkNames(config);
  checkReplicas(config, context, recovering);
  checkAcknowledging(config);
  const { description, max_deliver: most, backoff } = config;
  enforce([
    [
      most !== -1 && backoff.length > most && backoff.length > 0,
      "consumerMaxDeliverBackoff",
    ],
    [
      byteLength(description) > DESCRIPTION_MAX,
      "consumerDescriptionTooLong",
      { max: DESCRIPTION_MAX },
    ],
  ]);
  if (config.deliver_subject === "") checkPull(config, context);
  else checkPush(config, context);
  checkLimits(config, context);
  enforce([
    [
      config.direct && config.deliver_subject === "",
      "consumerDirectRequiresPush",
    ],
    [
      config.direct && config.durable_name !== "",
      "consumerDirectRequiresEphemeral",
    ],
  ]);
  checkFilters(config);
  checkStart(config);
  checkRest(config);
  checkPriority(config);
}

/** What a name may be: no blanks, nothing that is special in subjects or paths. */
export function isConsumerName(name: string): boolean {
  return name !== "" && !/[ \t\r\n\f.*>\\/]/.test(name);
}

function checkNames({ name, durable_name: durable }: ConsumerConfig): void {
  const rest = "name can not contain '.', '*', '>', '\\', '/'";
  enforce([
    [
      name !== "" && !isConsumerName(name),
      "streamInvalidConfig",
      { err: `consumer ${rest}` },
    ],
    [
      durable !== "" && !isConsumerName(durable),
      "streamInvalidConfig",
      { err: `consumer durable ${rest}` },
    ],
  ]);
}

function checkReplicas(
  { num_replicas: replicas }: ConsumerConfig,
  { stream }: ConfigContext,
  recovering: boolean,
): void {
  enforce([
    [
      replicas > 0 && replicas > stream.num_replicas,
      "consumerReplicasExceedsStream",
    ],
    [replicas < 0, "replicasCountCannotBeNegative"],
    [
      stream.retention !== "limits" && !recovering && replicas !== 0 &&
      replicas !== stream.num_replicas,
      "consumerReplicasShouldMatchStream",
    ],
  ]);
}

function checkAcknowledging(config: ConsumerConfig): void {
  const { ack_wait: wait, backoff } = config;
  enforce([
    [backoff.some((each) => each < 0), "consumerBackOffNegative"],
    [wait < 0, "consumerAckWaitNegative"],
  ]);
  if (config.ack_policy !== "flow_control") return;
  enforce([
    [config.deliver_subject === "", "consumerAckFCRequiresPush"],
    [!config.flow_control, "consumerAckFCRequiresFC"],
    [
      config.idle_heartbeat !== FLOW_CONTROL_HEARTBEAT,
      "streamInvalidConfig",
      { err: "flow control ack policy heartbeat needs to be 1s" },
    ],
    [config.max_ack_pending <= 0, "consumerAckFCRequiresMaxAckPending"],
    [wait !== 0 || backoff.length > 0, "consumerAckFCRequiresNoAckWait"],
    [config.max_deliver > 0, "consumerAckFCRequiresNoMaxDeliver"],
  ]);
}

function checkPush(config: ConsumerConfig, { stream }: ConfigContext): void {
  const subject = subjectFromText(config.deliver_subject);
  const { idle_heartbeat: heartbeat } = config;
  enforce([
    [!isLiteral(subject), "consumerDeliverToWildcards"],
    [!isValidSubject(subject), "consumerInvalidDeliverSubject"],
    [
      stream.subjects.some((each) =>
        isSubsetMatch(subject, subjectFromText(each))
      ),
      "consumerDeliverCycle",
    ],
    [config.max_waiting !== 0, "consumerPushMaxWaiting"],
    [
      config.max_ack_pending > 0 && config.ack_policy === "none",
      "consumerMaxPendingAckPolicyRequired",
    ],
    [
      heartbeat > 0 && heartbeat < HEARTBEAT_MIN,
      "consumerSmallHeartbeat",
    ],
  ]);
}

function checkPull(
  config: ConsumerConfig,
  { stream, server }: ConfigContext,
): void {
  const { max_batch: batch, max_expires: expires } = config;
  enforce([
    [
      config.ack_policy === "none" && stream.retention === "workqueue",
      "consumerPullRequiresAck",
    ],
    [config.rate_limit_bps > 0, "consumerPullWithRateLimit"],
    [config.max_waiting < 0, "consumerMaxWaitingNegative"],
    [config.idle_heartbeat > 0, "consumerHeartbeatRequiresPush"],
    [config.flow_control, "consumerFCRequiresPush"],
    [batch < 0, "consumerMaxRequestBatchNegative"],
    [
      expires !== 0 && expires < MILLISECOND,
      "consumerMaxRequestExpiresTooSmall",
    ],
    [
      server.maxRequestBatch > 0 && batch > server.maxRequestBatch,
      "consumerMaxRequestBatchExceeded",
      { limit: server.maxRequestBatch },
    ],
  ]);
}

function checkLimits(
  config: ConsumerConfig,
  { stream, server, account }: ConfigContext,
): void {
  const limits = [
    server.maxAckPending,
    account.max_ack_pending,
    stream.consumer_limits.max_ack_pending,
  ];
  const { inactive_threshold: longest } = stream.consumer_limits;
  enforce([
    ...limits.map((limit): Rule => [
      limit > 0 && config.max_ack_pending > limit,
      "consumerMaxPendingAckExcess",
      { limit },
    ]),
    [
      longest > 0 && config.inactive_threshold > longest,
      "consumerInactiveThresholdExcess",
      { limit: formatDuration(longest / MILLISECOND) },
    ],
  ]);
}

function checkRest(config: ConsumerConfig): void {
  const sampling = parseSampling(config.sample_freq);
  if (typeof sampling !== "number") {
    throw new ApiError("consumerInvalidSampling", sampling);
  }
  const { durable_name: durable, name, metadata } = config;
  let size = 0;
  for (const [key, value] of metadata) {
    size += byteLength(key) + byteLength(value);
  }
  enforce([
    [
      config.flow_control && config.idle_heartbeat === 0,
      "consumerWithFlowControlNeedsHeartbeats",
    ],
    [
      durable !== "" && name !== "" && name !== durable,
      "consumerCreateDurableAndNameMismatch",
    ],
    [
      size > METADATA_MAX,
      "consumerMetadataLength",
      { limit: `${METADATA_MAX / 1024}KB` },
    ],
  ]);
}

function checkPriority(config: ConsumerConfig): void {
  const { priority_groups: groups } = config;
  if (config.priority_policy === "none") {
    enforce([
      [groups.length > 0, "consumerPriorityGroupWithPolicyNone"],
      [
        config.priority_timeout > 0,
        "consumerPinnedTTLWithoutPriorityPolicyNone",
      ],
    ]);
    return;
  }
  enforce([
    [config.deliver_subject !== "", "consumerPushWithPriorityGroup"],
    [groups.length === 0, "consumerPriorityPolicyWithoutGroup"],
    ...groups.flatMap((group): Rule[] => [
      [group === "", "consumerEmptyGroupName"],
      [!GROUP_NAME.test(group), "consumerInvalidGroupName"],
    ]),
  ]);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
