/**
 * What an acknowledgement says.
 *
 * @module
 */

import type { Message } from "../../protocol/mod.ts";

/** Kinds of acknowledgements. */
export const AckVerb = {
  /** Something else, which is passed over. */
  unknown: 0,
  /** Nothing, `+ACK` or `+OK`. */
  ack: 1,
  /** `-NAK`, maybe with a delay. */
  nak: 2,
  /** `+WPI`: work goes on. */
  progress: 3,
  /** `+NXT`, maybe with a request: an ack that asks for more. */
  next: 4,
  /** `+TERM`, maybe with a reason: never again. */
  term: 5,
} as const;

/** A value of `AckVerb`. */
export type AckVerb = typeof AckVerb[keyof typeof AckVerb];

/** Four bytes as one number. */
function word(text: string): number {
  let value = 0;
  for (let i = 0; i < 4; i++) value = value << 8 | text.charCodeAt(i);
  return value;
}

const ACK = word("+ACK");
const NAK = word("-NAK");
const PROGRESS = word("+WPI");
const NEXT = word("+NXT");
const TERM = word("+TER");
const M = 0x4d;

/** Bytes of the verb in front of an argument. */
export const ACK_VERB_SIZE: Readonly<Record<AckVerb, number>> = {
  [AckVerb.unknown]: 0,
  [AckVerb.ack]: 0,
  [AckVerb.nak]: 4,
  [AckVerb.progress]: 4,
  [AckVerb.next]: 4,
  [AckVerb.term]: 5,
};

/** The verb of a message's payload. */
export function ackVerb(message: Message): AckVerb {
  const { chunk: { bytes }, bodyEnd } = message;
  const start = payloadStart(message);
  const size = bodyEnd - start;
  if (size === 0) return AckVerb.ack;
  if (size === 3) {
    const isOk = bytes[start] === 0x2b && bytes[start + 1] === 0x4f &&
      bytes[start + 2] === 0x4b;
    return isOk ? AckVerb.ack : AckVerb.unknown;
  }
  if (size < 4) return AckVerb.unknown;
  const first = (bytes[start] as number) << 24 |
    (bytes[start + 1] as number) << 16 |
    (bytes[start + 2] as number) << 8 | (bytes[start + 3] as number);
  if (first === ACK) return size === 4 ? AckVerb.ack : AckVerb.unknown;
  if (first === NAK) return AckVerb.nak;
  if (first === PROGRESS) {
    return size === 4 ? AckVerb.progress : AckVerb.unknown;
  }
  if (first === NEXT) return AckVerb.next;
  return first === TERM && bytes[start + 4] === M && size > 4
    ? AckVerb.term
    : AckVerb.unknown;
}

/** Where the payload begins, behind the header block. */
export function payloadStart({ bodyStart, headerSize }: Message): number {
  return bodyStart + Math.max(0, headerSize);
}
