/**
 * What has gone so far, told in portions.
 *
 * @module
 */

import type { MessageLog } from "./message_log.ts";

/** Messages in a portion. */
const PORTION = 64;

/** One per removal of many messages. */
export class Tally {
  /** Messages that have gone altogether. */
  removed = 0;
  readonly #log: MessageLog;
  #messages: number;
  #bytes: number;
  #noted = 0;
  /** The only message that has gone; 0: there are none, or more. */
  #only = 0;
  #subject = "";

  constructor(log: MessageLog) {
    this.#log = log;
    this.#messages = log.messages;
    this.#bytes = log.bytes;
  }

  /** Begins a portion: what others did meanwhile they have told themselves. */
  begin(): void {
    this.#messages = this.#log.messages;
    this.#bytes = this.#log.bytes;
    this.#only = this.#noted = 0;
  }

  /** Whether the portion is complete. */
  get isFull(): boolean {
    return this.#noted >= PORTION;
  }

  /** A message is about to go on its own. */
  note(sequence: number): void {
    this.#noted++;
    const isFirst = this.#log.messages === this.#messages;
    this.#only = isFirst ? sequence : 0;
    if (isFirst) this.#subject = this.#log.subjectOf(sequence);
  }

  /** Ends a portion, and tells of it. */
  end(): void {
    const { messages, bytes, listener } = this.#log;
    const gone = this.#messages - messages;
    const freed = this.#bytes - bytes;
    this.removed += gone;
    if (gone === 1 && this.#only > 0) {
      this.#log.tellGone(this.#only, this.#subject, freed);
    } else if (gone > 0 || freed > 0) listener.changed(-gone, -freed, 0, "");
    this.begin();
  }
}
