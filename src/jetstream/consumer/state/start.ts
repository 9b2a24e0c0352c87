/**
 * Where a new consumer begins.
 *
 * @module
 */

import type { Work } from "../../../connection/mod.ts";
import type { MessageReader } from "../../../store/mod.ts";
import { SubjectFilter } from "../../../subject/mod.ts";
import type { DeliverPolicy } from "../../types/consumer_config.ts";

/** What decides where to begin. */
export interface StartOptions {
  readonly policy: DeliverPolicy;
  /** Stream sequence; 0: none. */
  readonly sequence: number;
  /** Nanoseconds since the Unix epoch; null: none. */
  readonly time: bigint | null;
  /** Byte strings; empty: everything. */
  readonly filters: readonly string[];
  /** Messages that the stream keeps of each subject; 0 and below: no limit. */
  readonly maxMessagesPerSubject: number;
}

/** Where to begin. */
export interface Start {
  /** Stream sequence. */
  readonly next: number;
  /** The last messages of all subjects, to be delivered first; null: none. */
  readonly lasts: LastMessages | null;
}

/** Sequences, ascending, and after which one to go on when they are done. */
export interface LastMessages {
  readonly sequences: readonly number[];
  readonly resume: number;
}

/** Whether to begin with the last messages of all subjects. */
export function beginsWithLasts(
  { sequence, policy, maxMessagesPerSubject }: StartOptions,
): boolean {
  return sequence === 0 && policy === "last_per_subject" &&
    maxMessagesPerSubject !== 1;
}

/** Where to begin if not with these. @throws StoreError when the store is closed */
export function selectStart(
  store: MessageReader,
  options: StartOptions,
): Start {
  const { firstSequence: first } = store;
  if (options.sequence > 0) {
    return { next: Math.max(options.sequence, first), lasts: null };
  }
  return startAt(store, choose(store, options), null);
}

/** Where to begin with the last messages of all subjects. */
export function* selectLasts(
  store: MessageReader,
  { filters }: StartOptions,
): Work<Start> {
  const resume = store.lastSequence;
  const sequences = yield* store.collectingLasts(SubjectFilter.of(...filters));
  const [begin] = sequences;
  return begin === undefined
    ? startAt(store, resume, null)
    : startAt(store, begin, { sequences, resume });
}

function startAt(
  { firstSequence: first, lastSequence: last }: MessageReader,
  chosen: number,
  lasts: LastMessages | null,
): Start {
  return { next: Math.max(first, Math.min(chosen, last + 1)), lasts };
}

function choose(store: MessageReader, options: StartOptions): number {
  const { firstSequence: first, lastSequence: last } = store;
  switch (options.policy) {
    case "all":
    case "last_per_subject":
      return first;
    case "last":
      return options.filters.length === 0 ? last : lastMatching(store, options);
    case "by_start_time":
      return options.time === null
        ? last + 1
        : atTime(store, options.time, options.filters);
    default:
      return last + 1;
  }
}

function lastMatching(store: MessageReader, { filters }: StartOptions): number {
  return store.lastMatch(SubjectFilter.of(...filters));
}

/** Goes ahead to the first message that matches, if no message of another filter is passed over. */
function atTime(
  store: MessageReader,
  time: bigint,
  filters: readonly string[],
): number {
  const { firstSequence: first, lastSequence: last } = store;
  const start = store.sequenceAt(time);
  let nearest = last;
  for (const each of filters) {
    const at = store.firstMatch(SubjectFilter.of(each), first);
    if (at >= start) nearest = Math.min(nearest, at);
    // Its first message at or after the time is not known.
    else if (at > 0) nearest = start;
  }
  return filters.length > 0 && nearest > start && nearest < last
    ? nearest
    : start;
}
