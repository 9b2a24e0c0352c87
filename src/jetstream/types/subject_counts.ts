/**
 * Messages by subject.
 *
 * @module
 */

import { encodeGoJson } from "../../protocol/mod.ts";
import { type Kind, mapOf, uint64 } from "../json/kind.ts";

const MAP = mapOf(uint64);

/**
 * There may be very many of them, so each becomes JSON when it is added; that
 * is in the order of their bytes.
 */
export class SubjectCounts {
  size = 0;
  json = "";

  /** @param subject text */
  add(subject: string, messages: number): void {
    const comma = this.size++ === 0 ? "" : ",";
    this.json += `${comma}${encodeGoJson(subject)}:${uint64.write(messages)}`;
  }
}

/** Nothing was asked for. */
export const NO_SUBJECTS: SubjectCounts = new SubjectCounts();

export const SUBJECT_COUNTS: Kind<SubjectCounts> = {
  goType: MAP.goType,
  zero: () => NO_SUBJECTS,
  isEmpty: ({ size }) => size === 0,
  write: ({ json }) => `{${json}}`,
  tree: ({ json }) => JSON.parse(`{${json}}`),
  read(node, _previous, reading) {
    const subjects = new SubjectCounts();
    const read = MAP.read(node, MAP.zero(), reading);
    for (const [subject, messages] of read) subjects.add(subject, messages);
    return subjects;
  },
};
