/**
 * What limits refuse and what they remove.
 *
 * @module
 */

import { type Append, StoreError, type StoreLimits } from "../contract.ts";
import { Removal } from "../engine.ts";
import { ABSENT } from "../index/subject_table.ts";
import type { MessageLog } from "./message_log.ts";

/** Refuses a message that `discard: new` has no room for. @throws StoreError */
export function checkRoom(
  log: MessageLog,
  limits: StoreLimits,
  message: Append,
  size: number,
): void {
  const { maxMessages, maxBytes } = limits;
  const replaced = replacedBy(log, limits, message.subject);
  if (replaced !== 0 && limits.discardNewPerSubject && !message.rollup) {
    throw new StoreError("maxMessagesPerSubject");
  }
  if (maxMessages > 0 && log.messages >= maxMessages && replaced === 0) {
    throw new StoreError("maxMessages");
  }
  if (maxBytes <= 0 || log.bytes + size <= maxBytes) return;
  // What makes room must be as large as what comes.
  if (replaced === 0) throw new StoreError("maxBytes");
  const freed = log.engine.size(replaced, log.index.position(replaced));
  if (freed < size) throw new StoreError("maxBytes");
}

/** The message that must go when another one of its subject comes; 0: none. */
function replacedBy(
  log: MessageLog,
  { maxMessagesPerSubject }: StoreLimits,
  subject: string,
): number {
  if (maxMessagesPerSubject <= 0) return 0;
  const { subjects } = log;
  const id = subjects.find(subject);
  const full = id !== ABSENT && subjects.count(id) >= maxMessagesPerSubject;
  return full ? subjects.first(id) : 0;
}

/**
 * Removes the oldest of a subject until it has no more than `most`. They must
 * not come back: what has displaced them may be gone before the next start.
 */
export function limitSubject(log: MessageLog, id: number, most: number): void {
  const { subjects } = log;
  while (subjects.count(id) > most) {
    if (!log.remove(subjects.first(id), Removal.request)) return;
  }
}

/** Removes the oldest messages while there are too many, or too large ones. */
export function limitLog(log: MessageLog, limits: StoreLimits): void {
  const { discard, maxMessages, maxBytes } = limits;
  if (discard !== "old") return;
  if (maxMessages > 0) {
    while (log.messages > maxMessages) {
      log.remove(log.firstSequence, Removal.limit);
    }
  }
  if (maxBytes > 0) {
    while (log.bytes > maxBytes && log.messages > 0) {
      log.remove(log.firstSequence, Removal.limit);
    }
  }
}
