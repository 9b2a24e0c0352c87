/**
 * Verbs as data: each connection kind gives its parser a table of these.
 *
 * @module
 */

import type { Chunk } from "./chunk.ts";
import { Line } from "./line.ts";

/** What may stand between a verb and its arguments. */
export type Gap =
  /** Nothing is read: all up to the line end is ignored (`PING`). */
  | "bare"
  /** Blanks may be missing (`CONNECT{}`). */
  | "optional"
  /** At least one blank (`SUB `). */
  | "required";

/** A verb whose op is one line. */
export interface LineVerb<H> {
  /** Upper case. */
  readonly name: string;
  readonly gap: Gap;
  /** Handles the complete op. */
  run(handler: H, line: Line): void;
}

/** A verb whose line announces a payload, which a CR LF follows. */
export interface PayloadVerb<H> {
  readonly name: string;
  readonly gap: "required";
  /**
   * Handles the line, before the payload has arrived.
   * @returns payload size in bytes, or -1 when the handler refused the op and
   * closed the connection
   */
  open(handler: H, line: Line): number;
  /** Handles the complete op; the payload is `line.buffer[start, end)`. */
  run(handler: H, line: Line, start: number, end: number): void;
  /**
   * Handles `<NAME> <subject> [reply] <size>\r\n<payload>\r\n` that stands
   * complete in a chunk, the form that almost all messages have.
   * @returns false to have the op handled in the general way
   */
  runPlain?(handler: H, op: PlainOp): boolean;
}

/** Ranges of a plain op; reused, valid during one call. */
export interface PlainOp {
  readonly chunk: Chunk;
  readonly subjectStart: number;
  readonly subjectEnd: number;
  /** Both 0: there is no reply subject. */
  readonly replyStart: number;
  readonly replyEnd: number;
  /** Start of the digits, which CR LF and the payload follow. */
  readonly sizeStart: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

export type Verb<H> = LineVerb<H> | PayloadVerb<H>;

interface Entry<H> {
  readonly verb: Verb<H>;
  /** Bytes of the name in upper and lower case. */
  readonly upper: Uint8Array;
  readonly lower: Uint8Array;
}

/** Outcome of {@link VerbTable.find} other than a verb. */
export type NotFound =
  /** All bytes so far fit some verb; more are needed. */
  | { readonly partial: true }
  /** The first `matched` bytes fit some verb, the next one does not. */
  | { readonly partial: false; readonly matched: number };

/** Finds verbs by their bytes, without regard to case. */
export class VerbTable<H> {
  /** Scratch for the line being read; parsers run one at a time. */
  line: Line = new Line();
  readonly #byFirst: (readonly Entry<H>[] | undefined)[] = [];
  /** The verb of three letters that has a plain form, if there is one. */
  readonly plain: PayloadVerb<H> | null = null;
  /** Its name and a blank, as a little-endian word. */
  readonly plainWord: number = 0;

  constructor(verbs: readonly Verb<H>[]) {
    for (const verb of verbs) {
      if ("runPlain" in verb && verb.name.length === 3) {
        this.plain = verb;
        this.plainWord = new DataView(bytesOf(`${verb.name} `).buffer)
          .getInt32(0, true);
      }
      const entry = {
        verb,
        upper: bytesOf(verb.name),
        lower: bytesOf(verb.name.toLowerCase()),
      };
      for (const first of new Set([entry.upper[0], entry.lower[0]])) {
        if (first === undefined) continue;
        this.#byFirst[first] = [...(this.#byFirst[first] ?? []), entry];
      }
    }
  }

  /** The verb whose name stands complete at `buffer[at, …limit)`, or undefined. */
  find(buffer: Uint8Array, at: number, limit: number): Verb<H> | undefined {
    const entries = this.#byFirst[buffer[at] as number];
    if (entries === undefined) return undefined;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry<H>;
      if (matchedBytes(entry, buffer, at, limit) === entry.upper.length) {
        return entry.verb;
      }
    }
    return undefined;
  }

  /** Tells why {@link find} found nothing. */
  explain(buffer: Uint8Array, at: number, limit: number): NotFound {
    let matched = 0;
    for (const entry of this.#byFirst[buffer[at] as number] ?? []) {
      const bytes = matchedBytes(entry, buffer, at, limit);
      if (at + bytes === limit) return { partial: true };
      matched = Math.max(matched, bytes);
    }
    return { partial: false, matched };
  }
}

function matchedBytes<H>(
  entry: Entry<H>,
  buffer: Uint8Array,
  at: number,
  limit: number,
): number {
  const { upper, lower } = entry;
  const most = Math.min(upper.length, limit - at);
  let i = 0;
  while (
    i < most && (buffer[at + i] === upper[i] || buffer[at + i] === lower[i])
  ) i++;
  return i;
}

function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(name, (letter) => letter.charCodeAt(0));
}
