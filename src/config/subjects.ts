/**
 * The rules for subjects, applied to configuration text.
 *
 * @module
 */

import {
  isValidPublishSubject as isValidPublishBytes,
  isValidSubject as isValidBytes,
  subjectFromText,
} from "../subject/mod.ts";

/** Whether a subject may be subscribed to: non-empty tokens, `>` only at the end. */
export function isValidSubject(subject: string): boolean {
  return isValidBytes(subjectFromText(subject));
}

/** Whether a subject may be published to: valid and without wildcards. */
export function isValidPublishSubject(subject: string): boolean {
  return isValidPublishBytes(subjectFromText(subject));
}
