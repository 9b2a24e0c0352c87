/**
 * Whether the headers of a message make a schedule, or end one.
 *
 * @module
 */

import { isValidPublishSubject, subjectsCollide } from "../../subject/mod.ts";
import { ApiError } from "../errors.ts";
import { parseMessageTtl } from "./message_ttl.ts";
import type { PublishHeaders } from "./publish_headers.ts";
import { scheduledTime } from "./schedule.ts";

/** The only rollup that schedules and what they publish may ask for. */
export const ROLLUP_SUBJECT = "sub";
/** Value of `Nats-Schedule-Next` that ends a schedule. */
export const PURGE_SCHEDULE = "purge";

/** What the stream that is to store it knows. */
export interface ScheduleContext {
  readonly allowed: boolean;
  readonly allowTtl: boolean;
  /** Patterns of the stream, byte strings. */
  readonly subjects: readonly string[];
  /** Nanoseconds since the epoch. */
  now(): bigint;
  /** Whether the last message of a subject is a schedule; null: none is there. */
  isSchedule(subject: string): boolean | null;
}

/**
 * Checks the headers of a schedule.
 * @returns whether the message is one
 * @throws ApiError
 */
export function checkSchedule(
  headers: PublishHeaders,
  subject: string,
  context: ScheduleContext,
): boolean {
  const now = context.now();
  const due = scheduledTime(headers, now, now);
  if (due === null) return false;
  if (!context.allowed) throw new ApiError("messageSchedulesDisabled");
  if (due === "timeZone") {
    throw new ApiError("messageSchedulesTimeZoneInvalid");
  }
  if (due === "pattern") throw new ApiError("messageSchedulesPatternInvalid");
  checkOutcome(headers, subject, context);
  const rollup = headers.get("rollup").toLowerCase();
  if (rollup !== "" && rollup !== ROLLUP_SUBJECT) {
    throw new ApiError("messageSchedulesRollupInvalid");
  }
  return true;
}

/** Where the scheduled message comes from and goes to, and how it is stored. */
function checkOutcome(
  headers: PublishHeaders,
  subject: string,
  { allowTtl, subjects }: ScheduleContext,
): void {
  const ttl = headers.get("scheduleTtl");
  if (parseMessageTtl(ttl) === undefined) {
    throw new ApiError("messageSchedulesTTLInvalid");
  }
  const rollup = headers.get("scheduleRollup");
  if (rollup !== "" && rollup !== ROLLUP_SUBJECT) {
    throw new ApiError("messageSchedulesRollupInvalid");
  }
  if (ttl !== "" && !allowTtl) throw new ApiError("messageTTLDisabled");
  const target = headers.get("scheduleTarget");
  if (!isValidPublishSubject(target) || target === subject) {
    throw new ApiError("messageSchedulesTargetInvalid");
  }
  const source = headers.get("scheduleSource");
  const soundSource = source === "" ||
    isValidPublishSubject(source) && source !== target && source !== subject;
  if (!soundSource) throw new ApiError("messageSchedulesSourceInvalid");
  if (!subjects.some((each) => subjectsCollide(each, target))) {
    throw new ApiError("messageSchedulesTargetInvalid");
  }
  if (
    source !== "" && !subjects.some((each) => subjectsCollide(each, source))
  ) throw new ApiError("messageSchedulesSourceInvalid");
}

/**
 * Checks the headers by which clients end a schedule.
 * @throws ApiError
 */
export function checkScheduleEnd(
  headers: PublishHeaders,
  subject: string,
  context: ScheduleContext,
): void {
  const next = headers.get("scheduleNext");
  const scheduler = headers.get("scheduler");
  if (next === "" && scheduler === "") return;
  const sound = next === PURGE_SCHEDULE && scheduler !== subject &&
    isValidPublishSubject(scheduler);
  if (!sound) throw new ApiError("messageSchedulesSchedulerInvalid");
  if (!context.allowed) throw new ApiError("messageSchedulesDisabled");
  // Without a message there, the schedule may have ended before.
  if (context.isSchedule(scheduler) === false) {
    throw new ApiError("messageSchedulesSchedulerInvalid");
  }
}
