/**
 * How much clients may hand over of which it is not known yet whether it is
 * safe: where a disk does not keep up, memory and the time that publishers wait
 * must not grow without end.
 *
 * @module
 */

/** `max_buffered_msgs` and `max_buffered_size`. */
export interface IntakeLimits {
  readonly messages: number;
  /** Subjects, replies, headers and payloads. */
  readonly bytes: number;
}

/** What came with one batch. */
export interface Share {
  readonly messages: number;
  readonly bytes: number;
}

/** Counts what came from clients until it is safe. */
export class Intake {
  readonly #most: IntakeLimits;
  /** Of all batches that are not safe. */
  #messages = 0;
  #bytes = 0;
  /** Of them, what came with the present batch. */
  #batchMessages = 0;
  #batchBytes = 0;

  constructor(most: IntakeLimits) {
    this.#most = most;
  }

  /** Counts a message of so many bytes. @returns whether there is room for it */
  take(bytes: number): boolean {
    const { messages, bytes: most } = this.#most;
    if (this.#messages >= messages || this.#bytes + bytes > most) return false;
    this.#messages++;
    this.#bytes += bytes;
    this.#batchMessages++;
    this.#batchBytes += bytes;
    return true;
  }

  /** Which limit is reached, as the log tells it. */
  get reached(): string {
    const kind = this.#messages >= this.#most.messages ? "len" : "size";
    return `IPQ ${kind} limit reached`;
  }

  /** One that was taken waits: it comes with a later batch. */
  defer(bytes: number): void {
    this.#batchMessages--;
    this.#batchBytes -= bytes;
  }

  /** One that has waited comes with the present batch. */
  resume(bytes: number): void {
    this.#batchMessages++;
    this.#batchBytes += bytes;
  }

  /** The batch is over, and safe. */
  settle(): void {
    this.#messages -= this.#batchMessages;
    this.#bytes -= this.#batchBytes;
    this.#batchMessages = this.#batchBytes = 0;
  }

  /** The batch is over, but not safe. @returns what is to be released then */
  postpone(): Share {
    const messages = this.#batchMessages;
    const bytes = this.#batchBytes;
    this.#batchMessages = this.#batchBytes = 0;
    return { messages, bytes };
  }

  /** What came with a batch is safe, or lost. */
  release({ messages, bytes }: Share): void {
    this.#messages -= messages;
    this.#bytes -= bytes;
  }
}
