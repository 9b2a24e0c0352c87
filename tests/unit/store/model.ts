/**
 * A store as simple as can be, to compare real ones with.
 *
 * @module
 */

import {
  StoreError,
  type StoreErrorCode,
  type StoreLimits,
} from "../../../src/store/mod.ts";
import type { SubjectFilter } from "../../../src/subject/mod.ts";

/** A stored message. */
export interface ModelMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly header: string;
  readonly payload: string;
  readonly time: bigint;
}

/** Counts a message. */
export type SizeOf = (
  message: Omit<ModelMessage, "sequence" | "time">,
) => number;

/** Keeps messages in a list and looks at all of them for every question. */
export class ModelStore {
  messages: ModelMessage[] = [];
  last = 0;
  /** The last message that was stored, whether it is still there or not. */
  appended: ModelMessage | null = null;
  limits: StoreLimits;
  readonly sizeOf: SizeOf;

  constructor(limits: StoreLimits, sizeOf: SizeOf) {
    this.limits = limits;
    this.sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.messages.reduce((sum, each) => sum + this.sizeOf(each), 0);
  }

  get first(): number {
    return this.messages[0]?.sequence ?? this.last + 1;
  }

  /** @returns the text of the error that refuses it */
  append(message: Omit<ModelMessage, "sequence">): StoreErrorCode | null {
    const refused = this.#refusal(message);
    if (refused !== null) return refused;
    const sequence = ++this.last;
    this.appended = { ...message, sequence };
    this.messages.push(this.appended);
    this.#limitSubjects();
    this.#limitAll();
    return null;
  }

  #refusal(
    message: Omit<ModelMessage, "sequence">,
  ): StoreErrorCode | null {
    const { limits } = this;
    if (limits.discard !== "new") return null;
    const same = this.messages.filter((m) => m.subject === message.subject);
    const most = limits.maxMessagesPerSubject;
    const full = most > 0 && same.length >= most;
    if (full && limits.discardNewPerSubject) return "maxMessagesPerSubject";
    if (
      limits.maxMessages > 0 && this.messages.length >= limits.maxMessages &&
      !full
    ) return "maxMessages";
    const size = this.sizeOf(message);
    if (limits.maxBytes > 0 && this.bytes + size > limits.maxBytes) {
      const [oldest] = same;
      if (!full || oldest === undefined) return "maxBytes";
      if (this.sizeOf(oldest) < size) return "maxBytes";
    }
    return null;
  }

  /** Enforces changed limits. */
  enforce(): void {
    this.#limitAll();
    this.#limitSubjects();
  }

  #limitSubjects(): void {
    const { maxMessagesPerSubject } = this.limits;
    if (maxMessagesPerSubject <= 0) return;
    for (const subject of new Set(this.messages.map((m) => m.subject))) {
      const same = this.messages.filter((m) => m.subject === subject);
      const excess = same.length - maxMessagesPerSubject;
      if (excess > 0) this.#removeAll(same.slice(0, excess));
    }
  }

  #limitAll(): void {
    const { maxMessages, maxBytes, discard } = this.limits;
    if (discard !== "old") return;
    while (maxMessages > 0 && this.messages.length > maxMessages) {
      this.messages.shift();
    }
    while (maxBytes > 0 && this.bytes > maxBytes) this.messages.shift();
  }

  #removeAll(gone: readonly ModelMessage[]): number {
    const set = new Set(gone);
    this.messages = this.messages.filter((each) => !set.has(each));
    return gone.length;
  }

  skip(count: number): void {
    this.last += count;
  }

  remove(sequence: number): boolean {
    return this.#removeAll(
      this.messages.filter((m) => m.sequence === sequence),
    ) === 1;
  }

  purge(): number {
    return this.#removeAll(this.messages);
  }

  purgeMatching(filter: SubjectFilter, before: number, keep: number): number {
    if (before === 1) return 0;
    if (filter.isAll && before > 1) return this.compact(before);
    const matching = this.matching(filter, 1);
    if (keep > 0 && keep >= matching.length) return 0;
    const gone = matching.slice(
      0,
      keep > 0 ? matching.length - keep : undefined,
    )
      .filter((m) => before === 0 || m.sequence < before);
    return this.#removeAll(gone);
  }

  compact(sequence: number): number {
    if (sequence === 0) return this.purge();
    if (sequence > this.last) this.last = sequence - 1;
    return this.#removeAll(
      this.messages.filter((m) => m.sequence < sequence),
    );
  }

  truncate(sequence: number): void {
    this.messages = this.messages.filter((m) => m.sequence <= sequence);
    this.last = Math.min(this.last, sequence);
  }

  matching(filter: SubjectFilter, from: number): ModelMessage[] {
    return this.messages.filter((m) =>
      m.sequence >= from && filter.matches(m.subject)
    );
  }

  sequenceAt(time: bigint): number {
    return this.messages.find((m) => m.time >= time)?.sequence ?? this.last + 1;
  }

  lastSequences(filter: SubjectFilter, upTo: number): number[] {
    const last = new Map<string, number>();
    for (const { subject, sequence } of this.matching(filter, 1)) {
      if (upTo === 0 || sequence <= upTo) last.set(subject, sequence);
    }
    return [...last.values()].sort((a, b) => a - b);
  }
}

/** The code of the error that `call` throws; null when it throws none. */
export function refusalOf(call: () => void): StoreErrorCode | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}
