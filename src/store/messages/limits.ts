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
 * @param atOnce so many at the most
 */
export function limitSubject(
  log: MessageLog,
  id: number,
  most: number,
  atOnce: number,
): void {
  const { subjects } = log;
  for (let i = 0; i < atOnce && subjects.count(id) > most; i++) {
    if (!log.remove(subjects.first(id), Removal.request)) return;
  }
}

/**
 * Removes the oldest messages while there are too many, or too large ones.
 * @param atOnce so many at the most
 */
export function limitLog(
  log: MessageLog,
  limits: StoreLimits,
  atOnce = Infinity,
): void {
  if (limits.discard !== "old") return;
  for (let i = 0; i < atOnce && isOver(log, limits); i++) {
    log.remove(log.firstSequence, Removal.limit);
  }
}

/** What decides which messages of the front must go. */
export interface FrontLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** Without messages, there is nothing to remove. @param less what is not counted */
export function isOver(
  { messages, bytes }: MessageLog,
  { maxMessages, maxBytes }: FrontLimits,
  less: { readonly live: number; readonly liveBytes: number } = NOTHING,
): boolean {
  return messages > 0 && (
    (maxMessages > 0 && messages - less.live > maxMessages) ||
    (maxBytes > 0 && bytes - less.liveBytes > maxBytes)
  );
}

const NOTHING = { live: 0, liveBytes: 0 };
