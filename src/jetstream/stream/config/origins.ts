/**
 * Rules of mirrors and sources.
 *
 * @module
 */

import { quoteText } from "../../../log/mod.ts";
import {
  hasWildcard,
  isSubsetMatch,
  isValidPublishSubject,
  subjectFromText,
  subjectsCollide,
} from "../../../subject/mod.ts";
import { ApiError } from "../../errors.ts";
import type {
  ExternalStream,
  StreamConfig,
  StreamSource,
} from "../../types/stream_config.ts";
import { type ConfigContext, invalidConfig, pedantry } from "./context.ts";
import { consumerKey, isAssetName, sourceKey } from "./source_names.ts";
import { BAD_SUBJECT, isSubjectText, mappingFault } from "./subjects.ts";

/** Where the API is. */
const API_PREFIX = "$JS.API";

/** What the prefixes of origins elsewhere must not collide with. */
interface Prefixes {
  readonly subjects: string[];
  readonly deliver: string[];
  readonly api: string[];
}

/** Checks what a stream is copied from. */
export function checkOrigins(
  config: StreamConfig,
  context: ConfigContext,
  pedantic: boolean,
): void {
  const prefixes: Prefixes = { subjects: [], deliver: [], api: [] };
  if (config.mirror !== null) {
    checkMirrorAlone(config);
    checkMirror(config.mirror, config, context);
    checkMirrored(config.mirror, config, context, prefixes, pedantic);
  }
  checkSources(config, context, prefixes);
  checkPrefixes(prefixes);
}

/**
 * Checks what is asked of a new stream only.
 * @throws ApiError
 */
export function checkNewOrigins({ mirror, sources }: StreamConfig): void {
  if (mirror !== null) checkOriginFilter(mirror, "the mirror ");
  for (const source of sources) checkOriginFilter(source, "the source: ");
}

function checkOriginFilter(
  { filter_subject, subject_transforms }: StreamSource,
  what: string,
): void {
  if (subject_transforms.length > 0 || filter_subject === "") return;
  if (isSubjectText(filter_subject)) return;
  const err = `subject filter '${filter_subject}' for ${what}${BAD_SUBJECT}`;
  throw new ApiError("streamCreate", { err });
}

/** A mirror is nothing but a mirror. */
function checkMirrorAlone(config: StreamConfig): void {
  if (config.first_seq > 0) throw new ApiError("mirrorWithFirstSeq");
  if (config.subjects.length > 0) throw new ApiError("mirrorWithSubjects");
  if (config.sources.length > 0) throw new ApiError("mirrorWithSources");
  if (config.allow_msg_counter) throw new ApiError("mirrorWithCounters");
  if (config.allow_atomic) throw new ApiError("mirrorWithAtomicPublish");
  if (config.allow_batched) throw new ApiError("mirrorWithBatchPublish");
  if (config.allow_msg_schedules) throw new ApiError("mirrorWithMsgSchedules");
}

function checkMirror(
  mirror: StreamSource,
  config: StreamConfig,
  context: ConfigContext,
): void {
  if (!isConsumerSound(mirror)) {
    throw new ApiError("mirrorDurableConsumerCfgInvalid");
  }
  if (mirror.filter_subject !== "" && mirror.subject_transforms.length > 0) {
    throw new ApiError("mirrorMultipleFiltersNotAllowed");
  }
  if (config.subject_delete_marker_ttl > 0) {
    throw invalidConfig("subject delete markers forbidden on mirrors");
  }
  const transforms = mirror.subject_transforms;
  for (const [i, { src, dest }] of transforms.entries()) {
    if (src !== "" && !isSubjectText(src)) {
      const err = `${BAD_SUBJECT} ${src}`;
      throw new ApiError("mirrorInvalidSubjectFilter", { err });
    }
    const err = mappingFault(src, dest, context);
    if (err !== null) {
      throw new ApiError("mirrorInvalidTransformDestination", { err });
    }
    if (transforms.some((each, j) => i !== j && collide(src, each.src))) {
      throw new ApiError("mirrorOverlappingSubjectFilters");
    }
  }
}

function collide(a: string, b: string): boolean {
  return subjectsCollide(a, b);
}

/** The stream that is mirrored, as far as it can be seen from here. */
function checkMirrored(
  mirror: StreamSource,
  config: StreamConfig,
  context: ConfigContext,
  prefixes: Prefixes,
  pedantic: boolean,
): void {
  if (mirror.external !== null) {
    collectPrefixes(mirror.external, prefixes);
    return;
  }
  if (!isAssetName(mirror.name)) {
    throw new ApiError("mirrorInvalidStreamName");
  }
  const origin = context.streamConfig(mirror.name);
  if (origin === undefined) return;
  prefixes.subjects.push(...origin.subjects);
  if (isSmaller(config, origin)) {
    throw new ApiError("mirrorMaxMessageSizeTooBig");
  }
  if (pedantic && config.mirror_direct !== origin.allow_direct) {
    throw pedantry("origin stream has direct get set, mirror has it disabled");
  }
  config.mirror_direct = origin.allow_direct;
}

/** Whether messages of the origin may be too large for the copy. */
function isSmaller(config: StreamConfig, origin: StreamConfig): boolean {
  return config.max_msg_size > 0 && origin.max_msg_size > 0 &&
    config.max_msg_size < origin.max_msg_size;
}

function checkSources(
  config: StreamConfig,
  context: ConfigContext,
  prefixes: Prefixes,
): void {
  if (config.sources.length > 0 && config.allow_msg_schedules) {
    throw new ApiError("sourceWithMsgSchedules");
  }
  const seen = new Set<string>();
  const consumers = new Set<string>();
  for (const source of config.sources) {
    if (!isAssetName(source.name)) {
      throw new ApiError("sourceInvalidStreamName");
    }
    const key = sourceKey(source);
    if (seen.has(key)) throw new ApiError("sourceDuplicateDetected");
    seen.add(key);
    checkFilters(source, context);
    checkSourceConsumer(source, consumers);
    if (source.external !== null) {
      collectPrefixes(source.external, prefixes);
      continue;
    }
    const origin = context.streamConfig(source.name);
    if (origin === undefined) continue;
    prefixes.subjects.push(...origin.subjects);
    if (isSmaller(config, origin)) {
      throw new ApiError("sourceMaxMessageSizeTooBig");
    }
  }
}

function checkFilters(source: StreamSource, context: ConfigContext): void {
  const transforms = source.subject_transforms;
  if (source.filter_subject !== "" && transforms.length > 0) {
    throw new ApiError("sourceMultipleFiltersNotAllowed");
  }
  for (const { src, dest } of transforms) {
    if (src !== "" && !isSubjectText(src)) {
      const err = `${BAD_SUBJECT} ${src}`;
      throw new ApiError("sourceInvalidSubjectFilter", { err });
    }
    const err = mappingFault(src, dest, context);
    if (err !== null) {
      throw new ApiError("sourceInvalidTransformDestination", { err });
    }
  }
  for (const [i, { src }] of transforms.entries()) {
    if (transforms.some((each, j) => i !== j && isSubsetMatch(src, each.src))) {
      throw new ApiError("sourceOverlappingSubjectFilters");
    }
  }
}

/** A consumer serves one source. */
function checkSourceConsumer(source: StreamSource, seen: Set<string>): void {
  if (source.consumer === null) return;
  if (!isConsumerSound(source)) {
    throw new ApiError("sourceDurableConsumerCfgInvalid");
  }
  const key = consumerKey(source);
  if (seen.has(key)) {
    throw new ApiError("sourceDurableConsumerDuplicateDetected");
  }
  seen.add(key);
}

/** With a consumer of its own, where to begin and what to take is its matter. */
function isConsumerSound(source: StreamSource): boolean {
  if (source.consumer === null) return true;
  const subject = subjectFromText(source.consumer.deliver_subject);
  return isAssetName(source.consumer.name) && !hasWildcard(subject) &&
    isSubjectText(source.consumer.deliver_subject) &&
    source.opt_start_seq === 0 && source.opt_start_time === null &&
    source.filter_subject === "";
}

function collectPrefixes(external: ExternalStream, prefixes: Prefixes): void {
  if (external.deliver !== "") prefixes.deliver.push(external.deliver);
  if (external.api !== "") prefixes.api.push(external.api);
}

function checkPrefixes({ subjects, deliver, api }: Prefixes): void {
  for (const prefix of deliver) {
    if (!isValidPublishSubject(subjectFromText(prefix))) {
      throw new ApiError("streamInvalidExternalDeliverySubj", { prefix });
    }
    for (const subject of subjects) {
      if (subjectsCollide(subject, `${prefix}.${subject}`)) {
        throw new ApiError("streamExternalDelPrefixOverlaps", {
          prefix,
          subject,
        });
      }
    }
  }
  for (const prefix of api) {
    if (!isValidPublishSubject(subjectFromText(prefix))) {
      throw invalidConfig(
        `stream external api prefix ${
          quoteText(prefix)
        } must be a valid subject without wildcards`,
      );
    }
    if (subjectsCollide(prefix, API_PREFIX)) {
      throw new ApiError("streamExternalApiOverlap", {
        prefix,
        subject: API_PREFIX,
      });
    }
  }
}
