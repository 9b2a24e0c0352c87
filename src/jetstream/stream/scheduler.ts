/**
 * Publishes scheduled messages when they are due.
 *
 * A subject has one schedule, its last message. What the schedule publishes
 * names it and tells when it is due again, or that it has ended; so what is
 * stored is all there is to know after a restart.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Timer } from "../../runtime/mod.ts";
import type {
  MessageBody,
  ScheduleEntry,
  StoredMessage,
} from "../../store/mod.ts";
import { SubjectFilter, subjectFromText } from "../../subject/mod.ts";
import { formatTime, parseTime } from "../json/time.ts";
import { type Due, DueTimes } from "./due_times.ts";
import { withHeader, withoutHeader, withoutPrefixed } from "./header_block.ts";
import { parseMessageTtl } from "./message_ttl.ts";
import { isScheduleBlock } from "./preconditions.ts";
import { PublishHeaders, StreamHeader } from "./publish_headers.ts";
import { type DueTime, scheduledTime } from "./schedule.ts";
import { PURGE_SCHEDULE, type ScheduleContext } from "./schedule_headers.ts";
import { bodyOf, headersOf, payloadOf } from "./stored_parts.ts";
import type { Stream } from "./stream.ts";

/** Milliseconds between looks at what is due, at least. */
const TICK_MIN = 250;
/** Messages that are looked at between two rests. */
const STRIDE = 256;
/** Longest wait that timers can do, milliseconds. */
const WAIT_MAX = 2 ** 31 - 1;

/** A message that a schedule makes. */
interface Scheduled {
  readonly schedule: Due;
  readonly subject: string;
  readonly body: MessageBody;
}

/** Keeps the schedules of a stream. */
export class Scheduler {
  readonly #stream: Stream;
  readonly #current = new Map<string, Due>();
  readonly #due = new DueTimes();
  readonly #headers = new PublishHeaders();
  #timer: Timer | null = null;
  #timerAt = Infinity;
  /** Whether all messages that there were at the start have been considered. */
  #isComplete = false;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** How many there are. */
  get size(): number {
    return this.#current.size;
  }

  /** Those that wait; some of their messages may have gone. Null: not known yet. */
  entries(): ScheduleEntry[] | null {
    if (!this.#isComplete) return null;
    return [...this.#current.values()].map(({ at, subject, sequence }) => ({
      subject,
      sequence,
      time: at,
    }));
  }

  /**
   * Finds out what is scheduled, step by step; nothing is published before.
   * Only messages that are newer than what was kept are looked at.
   */
  *recovering(): Work<void> {
    if (this.#stream.config.allow_msg_schedules) yield* this.#looking();
    if (this.#stream.closed) return;
    this.#isComplete = true;
    this.#arm();
  }

  *#looking(): Work<void> {
    const { store } = this.#stream;
    const kept = yield* store.keptSchedules();
    let i = 0;
    for (const { subject, sequence, time } of kept?.entries ?? []) {
      this.#set({ at: time, subject, sequence });
      if (++i % STRIDE === 0) yield;
    }
    let next = Math.max(store.firstSequence, kept?.stamp ?? 0);
    while (!this.#stream.closed) {
      const message = store.loadNext(SubjectFilter.ALL, next);
      if (message === null) return;
      const { subject, sequence, time } = message;
      this.note(this.#scan(message), subject, sequence, time);
      next = sequence + 1;
      if (++i % STRIDE === 0) yield;
    }
  }

  /**
   * A message was stored, which may be a schedule or come from one.
   * @param time when, nanoseconds
   */
  note(
    headers: PublishHeaders,
    subject: string,
    sequence: number,
    time: bigint,
  ): void {
    const now = this.#stream.host.clock.nowNanos();
    const due = headers.count === 0 ? null : scheduledTime(headers, time, now);
    const scheduler = headers.get("scheduler");
    if (isDue(due)) this.#set({ at: due.at, subject, sequence });
    else if (scheduler === "") this.#current.delete(subject);
    if (scheduler === "") return;
    const next = headers.get("scheduleNext");
    if (next === PURGE_SCHEDULE) {
      this.#current.delete(scheduler);
      return;
    }
    const at = parseTime(next);
    const schedule = this.#current.get(scheduler);
    if (at === null || schedule === undefined) return;
    this.#set({ at, subject: scheduler, sequence: schedule.sequence });
  }

  /** Nothing happens any more; what is scheduled is still to be kept. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  #set(due: Due): void {
    this.#current.set(due.subject, due);
    this.#due.add(due);
    this.#arm();
  }

  /** Wakes up for the earliest, but not too often. */
  #arm(): void {
    const { first } = this.#due;
    if (first === undefined || !this.#isComplete) return;
    const { clock, timers } = this.#stream.host;
    const now = clock.now();
    const wait = Math.max(TICK_MIN, Number(first.at / 1_000_000n) - now + 1);
    if (this.#timer !== null && this.#timerAt <= now + wait) return;
    this.#timer?.cancel();
    this.#timerAt = now + wait;
    // Those that a rollup is about to displace are not to have a turn.
    const fire = () => this.#stream.backlog.enter(() => this.#fire());
    this.#timer = timers.after(Math.min(wait, WAIT_MAX), fire);
  }

  #fire(): void {
    this.#timer = null;
    this.#timerAt = Infinity;
    const now = this.#stream.host.clock.nowNanos();
    const ready: Scheduled[] = [];
    for (;;) {
      const { first } = this.#due;
      if (first === undefined || first.at > now) break;
      this.#due.shift();
      if (this.#current.get(first.subject) !== first) continue;
      const scheduled = this.#make(first, now);
      if (scheduled === null) this.#current.delete(first.subject);
      else ready.push(scheduled);
    }
    ready.sort((a, b) => a.schedule.sequence - b.schedule.sequence);
    for (const each of ready) this.#publish(each);
    this.#arm();
  }

  /** Whatever comes of it, the schedule has had its turn. */
  #publish({ schedule, subject, body }: Scheduled): void {
    const { refusal } = this.#stream.ingest.store(subject, body, null);
    if (refusal === null) return;
    const stillThere = this.#current.get(schedule.subject) === schedule;
    if (stillThere) this.#current.delete(schedule.subject);
  }

  /** What a schedule is to publish; null when it is none any more. */
  #make(schedule: Due, now: bigint): Scheduled | null {
    const { store } = this.#stream;
    const message = store.load(schedule.sequence);
    if (message === null) return null;
    const headers = this.#scan(message);
    const next = scheduledTime(headers, schedule.at, now);
    const ttl = headers.get("scheduleTtl");
    const target = headers.get("scheduleTarget");
    const sound = isDue(next) && parseMessageTtl(ttl) !== undefined &&
      target !== "";
    if (!sound) return null;
    const rollup = headers.get("scheduleRollup");
    const source = headers.get("scheduleSource");
    const own = contentOf(message);
    const from = source === ""
      ? null
      : store.loadLast(SubjectFilter.of(source));
    const { block, payload } = from === null ? own : contentOf(from);
    let fired = cleaned(block);
    fired = withHeader(fired, StreamHeader.scheduler, schedule.subject);
    fired = withHeader(
      fired,
      StreamHeader.scheduleNext,
      next.repeats ? formatTime(next.at) : PURGE_SCHEDULE,
    );
    if (ttl !== "") fired = withHeader(fired, StreamHeader.ttl, ttl);
    if (rollup !== "") fired = withHeader(fired, StreamHeader.rollup, rollup);
    return { schedule, subject: target, body: bodyOf(fired, payload) };
  }

  #scan({ chunk, bodyStart, headerSize }: MessageBody): PublishHeaders {
    const end = bodyStart + Math.max(0, headerSize);
    this.#headers.scan(chunk, bodyStart, end);
    return this.#headers;
  }
}

/** What judging schedules needs of a stream. */
export function scheduleContext(stream: Stream): ScheduleContext {
  return {
    get allowed() {
      return stream.config.allow_msg_schedules;
    },
    get allowTtl() {
      return stream.config.allow_msg_ttl;
    },
    get subjects() {
      return stream.config.subjects.map(subjectFromText);
    },
    now: () => stream.host.clock.nowNanos(),
    isSchedule(subject) {
      const last = stream.store.loadLast(SubjectFilter.of(subject));
      return last === null ? null : isScheduleBlock(headersOf(last));
    },
  };
}

function isDue(due: ReturnType<typeof scheduledTime>): due is DueTime {
  return due !== null && typeof due !== "string";
}

/** Copies: the next look into the store may take the message away. */
function contentOf(message: StoredMessage) {
  return { block: headersOf(message), payload: payloadOf(message).slice() };
}

/** Headers that must not be those of what is published. */
function cleaned(block: string): string {
  let rest = withoutPrefixed(block, "Nats-Schedule");
  rest = withoutPrefixed(rest, "Nats-Expected-");
  for (const key of ["msgId", "ttl", "rollup"] as const) {
    rest = withoutHeader(rest, StreamHeader[key]);
  }
  return rest;
}
