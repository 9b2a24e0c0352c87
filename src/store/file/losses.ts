/**
 * Which messages are lost.
 *
 * @module
 */

import type { LostMessages } from "../contract.ts";

/** More missing sequences in one place than this are not listed. */
export const LOST_MAX = 1_000_000;

/** Sequences that may be missing. */
interface Gap {
  readonly from: number;
  to: number;
}

/** Where messages may be missing, as found while blocks are read. */
export class Gaps {
  readonly #all: Gap[] = [];
  /** The one of which the end is not known yet. */
  #open: Gap | null = null;

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** What comes from `sequence` on is missing, up to the next that is found. */
  open(sequence: number): void {
    if (this.#open !== null) return;
    this.#open = { from: sequence, to: Infinity };
    this.#all.push(this.#open);
  }

  /** The message with that sequence was found. */
  close(sequence: number): void {
    if (this.#open === null) return;
    this.#open.to = sequence - 1;
    this.#open = null;
  }

  add(from: number, to: number): void {
    this.#all.push({ from, to });
  }

  /**
   * The sequences in the gaps.
   * @param last of the stream
   * @param has whether a message is there
   */
  *sequences(
    last: number,
    has: (sequence: number) => boolean,
  ): Iterable<number> {
    for (const { from, to } of this.#all) {
      const most = Math.min(to, last, from + LOST_MAX);
      const end = gapEnd(from, most, has);
      for (let at = from; at <= end; at++) yield at;
    }
  }
}

/** Where a gap ends that goes no further than `last`. */
function gapEnd(
  from: number,
  last: number,
  has: (sequence: number) => boolean,
): number {
  let end = from;
  while (end <= last && !has(end)) end++;
  return end - 1;
}

/** What is lost altogether when more is. @param bytes that were damaged */
export function withLost(
  lost: LostMessages | null,
  sequences: readonly number[],
  bytes: number,
): LostMessages {
  const all = new Set([...lost?.sequences ?? [], ...sequences]);
  return {
    sequences: [...all].sort((a, b) => a - b),
    bytes: (lost?.bytes ?? 0) + bytes,
  };
}
