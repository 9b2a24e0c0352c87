/**
 * Pre-encoded protocol text, so that generating load costs next to nothing.
 *
 * All messages of one load have the same frame size on the receiving side.
 * Receivers can then count messages by counting bytes.
 *
 * @module
 */

/** Bytes that a batch aims at: large enough to make a write worth its call. */
const BATCH_BYTES = 1 << 18;

/** Many PUBs in one buffer. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly messages: number;
}

/** Protocol text as bytes. */
export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * PUBs of `size` payload bytes to `subjects` in turn, each at least once, in a
 * buffer of about 256 KiB or more.
 *
 * @param payload of that size, ASCII
 */
export function publishBatch(
  subjects: readonly string[],
  size: number,
  payload: string = "x".repeat(size),
): Batch {
  const round = encode(
    subjects.map((subject) => `PUB ${subject} ${size}\r\n${payload}\r\n`)
      .join(""),
  );
  const rounds = Math.max(1, Math.floor(BATCH_BYTES / round.length));
  return repeated(round, rounds, subjects.length);
}

/** `count` PUBs of `size` payload bytes that ask for a reply to `reply`. */
export function requestBatch(
  subject: string,
  reply: string,
  size: number,
  count: number,
): Batch {
  const one = `PUB ${subject} ${reply} ${size}\r\n${"x".repeat(size)}\r\n`;
  return repeated(encode(one), count, 1);
}

function repeated(round: Uint8Array, rounds: number, messages: number): Batch {
  const bytes = new Uint8Array(round.length * rounds);
  for (let i = 0; i < rounds; i++) bytes.set(round, i * round.length);
  return { bytes, messages: rounds * messages };
}

/** Bytes of a MSG as the server sends it. */
export function messageSize(
  subject: string,
  sid: string,
  size: number,
): number {
  return `MSG ${subject} ${sid} ${size}\r\n`.length + size + 2;
}

/** `value` in decimal with leading zeros: keeps all frames the same size. */
export function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
