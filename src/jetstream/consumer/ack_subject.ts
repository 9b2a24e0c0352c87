/**
 * Subjects that deliveries are acknowledged under.
 *
 * Short: `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer
 * sequence>.<nanoseconds>.<pending>`. Long: `$JS.ACK.<domain or _>.<hash of the
 * account>.<stream>…` as before, and maybe more tokens. Which one is asked for
 * is an option; both are understood.
 *
 * @module
 */

import {
  Chunk,
  EMPTY_CHUNK,
  type Message,
  writeByteString,
  writeDecimal,
} from "../../protocol/mod.ts";

const DOT = 0x2e;
const ZERO = 0x30;
/** Five numbers of at most 20 digits and the dots between them. */
const NUMBERS_MAX = 5 * 20 + 4;
const NANOS_PER_SECOND = 1_000_000_000;
const BILLION = 1_000_000_000n;
const NANO_DIGITS = 9;

/** What the subjects of a consumer have in common. Byte strings. */
export interface AckNames {
  readonly stream: string;
  readonly consumer: string;
  /** Empty: none. */
  readonly domain: string;
  readonly accountHash: string;
}

/** What both kinds of subjects begin with, the last dot included. */
export function ackPrefixes(
  kind: "ACK" | "FC",
  { stream, consumer, domain, accountHash }: AckNames,
): { readonly short: string; readonly long: string } {
  const names = `${stream}.${consumer}.`;
  const scope = `${domain === "" ? "_" : domain}.${accountHash}`;
  return {
    short: `$JS.${kind}.${names}`,
    long: `$JS.${kind}.${scope}.${names}`,
  };
}

/** Writes subjects that begin alike, one over the other. */
export class AckSubjectWriter {
  /** Holds the subject written last, from its first byte on. */
  chunk: Chunk = EMPTY_CHUNK;
  readonly #prefix: string;
  /** The second of the last time, whole and in nanoseconds. */
  #second = 0;
  #secondNanos = 0n;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /**
   * Writes the subject of a delivery; returns its size.
   * @param time nanoseconds
   */
  write(
    deliveries: number,
    sequence: number,
    consumerSequence: number,
    time: bigint,
    pending: number,
  ): number {
    if (this.chunk === EMPTY_CHUNK) this.#begin();
    const { bytes } = this.chunk;
    let at = this.#prefix.length;
    at = writeDecimal(bytes, at, deliveries);
    bytes[at++] = DOT;
    at = writeDecimal(bytes, at, sequence);
    bytes[at++] = DOT;
    at = writeDecimal(bytes, at, consumerSequence);
    bytes[at++] = DOT;
    at = this.#writeNanos(bytes, at, time);
    bytes[at++] = DOT;
    return writeDecimal(bytes, at, pending);
  }

  /** In two parts: numbers are much faster than big ones, and seconds repeat. */
  #writeNanos(bytes: Uint8Array, start: number, time: bigint): number {
    let rest = Number(time - this.#secondNanos);
    if (rest < 0 || rest >= NANOS_PER_SECOND) {
      this.#second = Number(time / BILLION);
      this.#secondNanos = BigInt(this.#second) * BILLION;
      rest = Number(time - this.#secondNanos);
    }
    if (this.#second === 0) return writeDecimal(bytes, start, rest);
    const end = writeDecimal(bytes, start, this.#second) + NANO_DIGITS;
    // As integers of 32 bits, which is several times as fast.
    let left = rest | 0;
    for (let at = end - 1; at >= end - NANO_DIGITS; at--) {
      const next = (left / 10) | 0;
      bytes[at] = ZERO + left - next * 10;
      left = next;
    }
    return end;
  }

  #begin(): void {
    this.chunk = new Chunk(this.#prefix.length + NUMBERS_MAX);
    writeByteString(this.chunk.bytes, 0, this.#prefix);
  }
}

/** Which delivery an acknowledgement is for; used again and again. */
export class AckReference {
  deliveries = 0;
  streamSequence = 0;
  consumerSequence = 0;

  /**
   * Reads the numbers behind a prefix.
   * @param more whether there may be further tokens
   * @returns false when the subject is none that a delivery could have
   */
  read(
    { subjectChunk, subjectStart, subjectEnd }: Message,
    prefix: number,
    more: boolean,
  ): boolean {
    const { bytes } = subjectChunk;
    let at = subjectStart + prefix;
    let token = 0;
    let value = 0;
    for (; at <= subjectEnd; at++) {
      const byte = at === subjectEnd ? DOT : bytes[at] as number;
      if (byte !== DOT) {
        const digit = byte - ZERO;
        value = digit >= 0 && digit <= 9 ? value * 10 + digit : Infinity;
        continue;
      }
      if (token === 0) this.deliveries = value;
      else if (token === 1) this.streamSequence = value;
      else if (token === 2) this.consumerSequence = value;
      token++;
      value = 0;
    }
    return token === 5 || (more && token > 5);
  }
}
