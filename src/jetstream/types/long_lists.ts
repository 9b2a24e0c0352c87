/**
 * What an answer may hold very many of: subjects and sequences.
 *
 * @module
 */

import { encodeGoJson } from "../../protocol/mod.ts";
import { type Kind, list, mapOf, uint64 } from "../json/kind.ts";

const MAP = mapOf(uint64);
const LIST = list(uint64);

/**
 * Messages by subject. Each becomes JSON when it is added; that is in the order
 * of their bytes.
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

/** Sequences, each JSON from the start too. */
export class SequenceList {
  size = 0;
  json = "";

  add(sequence: number): void {
    const comma = this.size++ === 0 ? "" : ",";
    this.json += comma + uint64.write(sequence);
  }
}

/** Nothing was asked for. */
export const NO_SEQUENCES: SequenceList = new SequenceList();

export const SEQUENCE_LIST: Kind<SequenceList> = {
  goType: LIST.goType,
  zero: () => NO_SEQUENCES,
  isEmpty: ({ size }) => size === 0,
  write: ({ json }) => `[${json}]`,
  tree: ({ json }) => JSON.parse(`[${json}]`),
  read(node, _previous, reading) {
    const sequences = new SequenceList();
    const read = LIST.read(node, LIST.zero(), reading);
    for (const sequence of read) sequences.add(sequence);
    return sequences;
  },
};
