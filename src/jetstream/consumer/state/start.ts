/**
 * Where a new consumer begins.
 *
 * @module
 */

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

/** @throws StoreError when the store is closed */
export function selectStart(
  store: MessageReader,
  options: StartOptions,
): Start {
  const { firstSequence: first, lastSequence: last } = store;
  if (options.sequence > 0) {
    return { next: Math.max(options.sequence, first), lasts: null };
  }
  const lasts = options.policy === "last_per_subject" &&
      options.maxMessagesPerSubject !== 1
    ? lastMessages(store, options.filters)
    : null;
  const chosen = lasts === null
    ? choose(store, options)
    : lasts.sequences[0] ?? last;
  return {
    next: Math.max(first, Math.min(chosen, last + 1)),
    lasts: lasts?.sequences.length === 0 ? null : lasts,
  };
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
  return store.filteredState(SubjectFilter.of(...filters), 1).lastSequence;
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
    const state = store.filteredState(SubjectFilter.of(each), first);
    const at = state.firstSequence;
    if (state.messages > 0 && at >= start) nearest = Math.min(nearest, at);
    // Its first message at or after the time is not known.
    else if (state.messages > 0) nearest = start;
  }
  return filters.length > 0 && nearest > start && nearest < last
    ? nearest
    : start;
}

function lastMessages(
  store: MessageReader,
  filters: readonly string[],
): LastMessages {
  const sequences = store.lastSequences(SubjectFilter.of(...filters), 0, 0);
  return { sequences, resume: store.lastSequence };
}
