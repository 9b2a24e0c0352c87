/**
 * Rules of a stream's subjects and of what renames and publishes them again.
 *
 * @module
 */

import { quoteText } from "../../../log/mod.ts";
import {
  createTransform,
  isSubsetMatch,
  isValidSubject,
  subjectFromText,
  subjectsCollide,
  SubjectTransformError,
  validateMapping,
} from "../../../subject/mod.ts";
import { ApiError } from "../../errors.ts";
import type { StreamConfig } from "../../types/stream_config.ts";
import { type ConfigContext, invalidConfig, pedantry } from "./context.ts";

const ALL = ">";
const API_SPACES = ["$JS.>", "$JSC.>", "$NRG.>"];

/** Text of an error about a malformed subject. */
export const BAD_SUBJECT = "invalid subject";

/** Whether text makes a valid subject. */
export function isSubjectText(text: string): boolean {
  return isValidSubject(subjectFromText(text));
}

/** Without subjects, a stream has its own name for one. */
export function checkSubjects(config: StreamConfig): void {
  const { subjects } = config;
  if (subjects.length === 0) {
    const copies = config.mirror !== null || config.sources.length > 0;
    if (!copies) config.subjects = [config.name];
    return;
  }
  const seen = new Set<string>();
  for (const [i, subject] of subjects.entries()) {
    if (!isSubjectText(subject)) throw invalidConfig(BAD_SUBJECT);
    if (seen.has(subject)) throw invalidConfig("duplicate subjects detected");
    checkReserved(subject, config);
    for (const other of subjects.slice(i + 1)) {
      if (subjectsCollide(other, subject)) {
        throw invalidConfig(
          `subject ${quoteText(subject)} overlaps with ${quoteText(other)}`,
        );
      }
    }
    seen.add(subject);
  }
}

function checkReserved(
  subject: string,
  { no_ack, num_replicas }: StreamConfig,
): void {
  if (subject === ALL) {
    if (!no_ack) {
      throw invalidConfig("capturing all subjects requires no-ack to be true");
    }
    if (num_replicas !== 1) {
      throw invalidConfig("capturing all subjects requires replicas of 1");
    }
  }
  if (no_ack) return;
  const inApi = API_SPACES.some((space) => subjectsCollide(subject, space));
  if (inApi && !isSubsetMatch(subject, "$JS.EVENT.>")) {
    throw invalidConfig(
      "subjects that overlap with jetstream api require no-ack to be true",
    );
  }
  const inSystem = subjectsCollide(subject, "$SYS.>");
  if (inSystem && !isSubsetMatch(subject, "$SYS.ACCOUNT.>")) {
    throw invalidConfig(
      "subjects that overlap with system api require no-ack to be true",
    );
  }
}

/** What the account demands. */
export function checkAccountLimits(
  config: StreamConfig,
  context: ConfigContext,
): void {
  const { required, limit } = context.maxBytes(config);
  if (required && config.max_bytes <= 0) {
    throw new ApiError("streamMaxBytesRequired");
  }
  if (limit > 0 && config.max_bytes > limit) {
    throw new ApiError("streamMaxStreamBytesExceeded");
  }
}

/** Why a destination is refused; null when it is not. */
export function mappingFault(
  source: string,
  destination: string,
  { random }: ConfigContext,
): string | null {
  try {
    validateMapping(
      subjectFromText(source),
      subjectFromText(destination),
      random,
    );
    return null;
  } catch (error) {
    if (error instanceof SubjectTransformError) return error.message;
    throw error;
  }
}

/** The transform of what comes in. */
export function checkTransform(
  { subject_transform }: StreamConfig,
  context: ConfigContext,
): void {
  if (subject_transform === null) return;
  const { src, dest } = subject_transform;
  if (src !== "" && !isSubjectText(src)) {
    const err = `${BAD_SUBJECT} ${src}`;
    throw new ApiError("streamTransformInvalidSource", { err });
  }
  const err = mappingFault(src, dest, context);
  if (err !== null) {
    throw new ApiError("streamTransformInvalidDestination", { err });
  }
}

/** Where messages are published again must lead out of the stream. */
export function checkRepublish(
  config: StreamConfig,
  context: ConfigContext,
  pedantic: boolean,
): void {
  if (config.republish === null) return;
  const republish = { ...config.republish };
  config.republish = republish;
  if (republish.src === "") {
    if (pedantic) throw pedantry("republish source can not be empty");
    republish.src = ALL;
  }
  if (isImplicit(config)) {
    if (pedantic) {
      throw pedantry("implicit republish based on subject transform");
    }
    republish.src = config.subject_transform?.dest ?? "";
    republish.dest = republish.src;
  }
  const { src, dest } = republish;
  if (config.subjects.some((each) => subjectsCollide(dest, each))) {
    throw invalidConfig(
      "stream configuration for republish destination forms a cycle",
    );
  }
  try {
    createTransform(subjectFromText(src), subjectFromText(dest), context);
  } catch (error) {
    if (!(error instanceof SubjectTransformError)) throw error;
    throw invalidConfig(
      `stream configuration for republish with transform from '${src}' to '${dest}' not valid`,
    );
  }
}

/** From everything to everything means: under the transformed subject. */
function isImplicit(
  { republish, subject_transform, subjects }: StreamConfig,
): boolean {
  return republish?.src === ALL && republish.dest === ALL &&
    subject_transform !== null && subjects.length === 1 &&
    subject_transform.src === subjects[0];
}
