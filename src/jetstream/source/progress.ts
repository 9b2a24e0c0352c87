/**
 * How far a mirror or source has come, and what a delivery means for it.
 *
 * The consumer of the origin counts what it delivers without a gap. So a gap
 * in its count is a message that was lost on the way, while one in the
 * sequences of the stream alone is a message that is not there.
 *
 * @module
 */

import type { Delivery } from "./delivery.ts";

/** What is to be done with a delivery. */
export type Verdict =
  /** It comes next. */
  | "take"
  /** It is known, or of no use. */
  | "ignore"
  /** Something is missing: the origin has to deliver again from there. */
  | "again";

/** Positions in the origin. */
export class Progress {
  /** Last sequence of the origin that is accounted for. */
  stream = 0;
  /** Last sequence of the consumer. */
  consumer = 0;
  /** Messages that wait in the origin. */
  lag = 0;

  /** A consumer begins behind `stream`. */
  begin(stream: number): void {
    this.stream = stream;
    this.consumer = 0;
  }

  /** Judges a delivery and, if it comes next, moves on. */
  judge(delivery: Delivery): Verdict {
    const { streamSequence, consumerSequence, deliveries } = delivery;
    if (deliveries > 1) return "ignore";
    const isNext = consumerSequence === this.consumer + 1;
    if (streamSequence <= this.stream) {
      if (isNext) this.consumer++;
      return "ignore";
    }
    if (!isNext) return consumerSequence > this.consumer ? "again" : "ignore";
    this.consumer = consumerSequence;
    this.stream = streamSequence;
    this.lag = Math.max(0, delivery.pending - 1);
    return "take";
  }

  /** The message that was taken last could not be stored. */
  takeBack(stream: number): void {
    this.stream = stream;
    this.consumer--;
  }
}
