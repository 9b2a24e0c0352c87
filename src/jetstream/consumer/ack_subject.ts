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
  writeDigits,
} from "../../protocol/mod.ts";

const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
/** Five numbers of at most 20 digits and the dots between them. */
const NUMBERS_MAX = 5 * 20 + 4;
const NANOS_PER_SECOND = 1_000_000_000;
const BILLION = 1_000_000_000n;
const TWO_32 = 0x1_0000_0000;
const NANO_DIGITS = 9;
/** Of the seconds since the epoch, from 2001 to 2286. */
const SECOND_DIGITS = 10;

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

/**
 * Writes subjects that begin alike, one over the other. Nearly all follow the
 * one before: by one more, with one less behind it. Then only digits change.
 */
export class AckSubjectWriter {
  /** Holds the subject written last, from its first byte on. */
  chunk: Chunk = EMPTY_CHUNK;
  readonly #prefix: string;
  /** The second of the last time, whole and in two words of nanoseconds. */
  #second = 0;
  #secondHigh = 0;
  #secondLow = 0;
  /** What was written last, and where its numbers end. */
  #deliveries = 0;
  #sequence = 0;
  #consumerSequence = 0;
  #pending = 0;
  #sequenceEnd = 0;
  #consumerEnd = 0;
  #end = 0;
  /** How many may follow before any number gets more digits or fewer. */
  #followers = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /**
   * Writes the subject of a delivery; returns its size.
   * @param timeHigh the upper half of its time in nanoseconds, signed
   * @param timeLow the lower half, unsigned
   */
  write(
    deliveries: number,
    sequence: number,
    consumerSequence: number,
    timeHigh: number,
    timeLow: number,
    pending: number,
  ): number {
    const rest = this.#sinceSecond(timeHigh, timeLow);
    const follows = this.#followers > 0 && deliveries === this.#deliveries &&
      sequence === this.#sequence + 1 &&
      consumerSequence === this.#consumerSequence + 1 &&
      pending === this.#pending - 1 && rest >= 0 && rest < NANOS_PER_SECOND;
    this.#deliveries = deliveries;
    this.#sequence = sequence;
    this.#consumerSequence = consumerSequence;
    this.#pending = pending;
    if (follows) this.#writeFollower(rest);
    else this.#writeAll(timeHigh, timeLow);
    return this.#end;
  }

  #writeFollower(nanos: number): void {
    const { bytes } = this.chunk;
    countUp(bytes, this.#sequenceEnd);
    countUp(bytes, this.#consumerEnd);
    const second = this.#consumerEnd + 1 + SECOND_DIGITS;
    writeDigits(bytes, second, nanos, NANO_DIGITS);
    countDown(bytes, this.#end);
    this.#followers--;
  }

  #writeAll(timeHigh: number, timeLow: number): void {
    if (this.chunk === EMPTY_CHUNK) this.#begin();
    const { bytes } = this.chunk;
    let at = this.#prefix.length;
    at = writeDecimal(bytes, at, this.#deliveries);
    bytes[at++] = DOT;
    const sequence = at;
    at = writeDecimal(bytes, at, this.#sequence);
    this.#sequenceEnd = at;
    bytes[at++] = DOT;
    const consumer = at;
    at = writeDecimal(bytes, at, this.#consumerSequence);
    this.#consumerEnd = at;
    bytes[at++] = DOT;
    const nanos = at;
    at = this.#writeNanos(bytes, at, timeHigh, timeLow);
    const usual = at - nanos === SECOND_DIGITS + NANO_DIGITS;
    bytes[at++] = DOT;
    this.#end = writeDecimal(bytes, at, this.#pending);
    this.#followers = usual
      ? Math.min(
        10 ** (this.#sequenceEnd - sequence) - 1 - this.#sequence,
        10 ** (this.#consumerEnd - consumer) - 1 - this.#consumerSequence,
        this.#pending - (this.#end - at > 1 ? 10 ** (this.#end - at - 1) : 0),
      )
      : 0;
  }

  /** In two parts: numbers are much faster than big ones, and seconds repeat. */
  #writeNanos(
    bytes: Uint8Array,
    at: number,
    high: number,
    low: number,
  ): number {
    let rest = this.#sinceSecond(high, low);
    if (rest < 0 || rest >= NANOS_PER_SECOND) {
      this.#setSecond((BigInt(high) << 32n) | BigInt(low));
      rest = this.#sinceSecond(high, low);
    }
    if (this.#second === 0) return writeDecimal(bytes, at, rest);
    const end = writeDecimal(bytes, at, this.#second);
    return writeDigits(bytes, end, rest, NANO_DIGITS);
  }

  /** Nanoseconds from the second to a time; rounded where it is far off. */
  #sinceSecond(high: number, low: number): number {
    return (high - this.#secondHigh) * TWO_32 + (low - this.#secondLow);
  }

  #setSecond(time: bigint): void {
    const second = time / BILLION;
    this.#second = Number(second);
    this.#secondHigh = Number((second * BILLION) >> 32n);
    this.#secondLow = Number(BigInt.asUintN(32, second * BILLION));
  }

  #begin(): void {
    this.chunk = new Chunk(this.#prefix.length + NUMBERS_MAX);
    writeByteString(this.chunk.bytes, 0, this.#prefix);
  }
}

/** Adds one to the number that ends at `end` and has digits enough. */
function countUp(bytes: Uint8Array, end: number): void {
  let at = end - 1;
  while (bytes[at] === NINE) bytes[at--] = ZERO;
  bytes[at] = (bytes[at] as number) + 1;
}

/** Takes one from it. */
function countDown(bytes: Uint8Array, end: number): void {
  let at = end - 1;
  while (bytes[at] === ZERO) bytes[at--] = NINE;
  bytes[at] = (bytes[at] as number) - 1;
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
