/**
 * A stream of another account, seen under a subject of one's own.
 *
 * @module
 */

import { Chunk, Message } from "../protocol/mod.ts";
import type { Random } from "../runtime/mod.ts";
import {
  bytesToSubject,
  createTransform,
  destinationPattern,
  hasWildcard,
  identityDestination,
  isSubsetMatch,
  subjectToBytes,
  type SubjectTransform,
  tokenize,
} from "../subject/mod.ts";
import type { Account } from "./account.ts";

/** Messages under the names that they have here. */
class View {
  readonly message = new Message();
  /** A subject of the exporter and what became of it: fan-outs ask for one again and again. */
  last = new Uint8Array(0);
  lastLocal: Chunk;

  /** @param local the subject of all, unless they differ */
  constructor(local: string) {
    this.lastLocal = Chunk.of(subjectToBytes(local));
  }

  remember(message: Message, transform: SubjectTransform): void {
    const { subjectChunk: { bytes }, subjectStart, subjectEnd } = message;
    if (equals(this.last, bytes, subjectStart, subjectEnd)) return;
    const subject = bytesToSubject(bytes, subjectStart, subjectEnd);
    this.last = bytes.slice(subjectStart, subjectEnd);
    this.lastLocal = Chunk.of(subjectToBytes(transform.apply(subject)));
  }
}

/** Which subjects of the exporter are meant, and how they appear. Pure but for a memory of one subject. */
export class StreamImport {
  readonly importer: Account;
  readonly allowTrace: boolean;
  /** Subject under which the stream appears, wildcards as `*`. */
  readonly local: string;
  readonly #transform: SubjectTransform | null;
  readonly #reverse: SubjectTransform | null;
  /** Whether subjects stay as published. */
  readonly #transparent: boolean;
  /** Null until the first message: most of many imports never see one. */
  #view: View | null = null;

  /**
   * @param exported subject in the exporter's account
   * @param to how it appears, wildcards possibly by number
   * @param allowTrace whether the exporter's members may follow their messages
   * @throws SubjectTransformError when `to` does not use all wildcards
   */
  constructor(
    readonly exporter: Account,
    readonly exported: string,
    { importer, to, allowTrace }: {
      readonly importer: Account;
      readonly to: string;
      readonly allowTrace: boolean;
    },
    random: Random,
  ) {
    this.importer = importer;
    this.allowTrace = allowTrace;
    const pattern = hasWildcard(exported);
    this.#transparent = pattern && to === exported;
    this.#transform = pattern && to !== exported
      ? createTransform(exported, identityDestination(to), {
        random,
        strict: true,
      })
      : null;
    this.#reverse = this.#transform?.reverse() ?? null;
    this.local = this.#transform === null ? to : destinationPattern(to).pattern;
  }

  /**
   * What to subscribe to in the exporter's account for a subscription to
   * `subject` in the importer's; null when the two have nothing in common.
   */
  shadowSubject(subject: string): string | null {
    const { local, exported } = this;
    if (subject === local) return exported;
    if (isSubsetMatch(subject, local)) return this.#exportedSubject(subject);
    if (!hasWildcard(subject)) return null;
    if (isSubsetMatch(local, subject)) return exported;
    const overlap = narrow(subject, local);
    return isSubsetMatch(overlap, local)
      ? this.#exportedSubject(overlap)
      : null;
  }

  /**
   * A message of the exporter as it appears in the importer's account; valid
   * until the next one is asked for.
   */
  seen(message: Message): Message {
    if (this.#transparent) return message;
    const view = this.#view ??= new View(this.local);
    if (this.#transform !== null) view.remember(message, this.#transform);
    const seen = view.message;
    seen.subjectChunk = view.lastLocal;
    seen.subjectEnd = view.lastLocal.size;
    seen.replyChunk = message.replyChunk;
    seen.replyStart = message.replyStart;
    seen.replyEnd = message.replyEnd;
    seen.chunk = message.chunk;
    seen.bodyStart = message.bodyStart;
    seen.bodyEnd = message.bodyEnd;
    seen.headerSize = message.headerSize;
    seen.tailStart = message.tailStart;
    seen.trace = message.trace;
    return seen;
  }

  /** The exporter's name for subjects that `local` covers. */
  #exportedSubject(subject: string): string {
    if (this.#transparent) return subject;
    return this.#reverse?.apply(subject) ?? this.exported;
  }
}

/** `subject` with wildcards replaced by what `local` has in their place. */
function narrow(subject: string, local: string): string {
  const given = tokenize(local);
  const tokens = tokenize(subject).map((token, i) => {
    const other = given[i];
    return token === "*" && other !== undefined && other !== ">"
      ? other
      : token;
  });
  const last = tokens.length - 1;
  if (tokens[last] === ">" && given.length > last) {
    tokens.splice(last, 1, ...given.slice(last));
  }
  return tokens.join(".");
}

function equals(
  known: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (known.length === 0 || end - start !== known.length) return false;
  for (let i = 0; i < known.length; i++) {
    if (known[i] !== bytes[start + i]) return false;
  }
  return true;
}
