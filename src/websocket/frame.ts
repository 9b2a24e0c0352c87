/**
 * Frames as they stand on the wire (RFC 6455, section 5.2):
 *
 * ```
 * byte 0   FIN RSV1 RSV2 RSV3 opcode(4)
 * byte 1   MASK length(7); 126: two bytes of length follow, 127: eight
 *          length, big endian
 *          four bytes of masking key if MASK is set
 *          payload, each byte XOR key[position & 3]
 * ```
 *
 * RSV1 marks the first frame of a compressed message (RFC 7692).
 *
 * @module
 */

export const FINAL = 0x80;
export const RSV1 = 0x40;
export const RSV2 = 0x20;
export const RSV3 = 0x10;
export const MASKED = 0x80;

/** What a frame carries. */
export const Opcode = {
  Continuation: 0,
  Text: 1,
  Binary: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const;

/** Longest payload of a control frame, bytes. */
export const CONTROL_MAX = 125;
/** Longest header: two bytes, eight of length, four of key. */
export const HEADER_MAX = 14;

/** What breaks the protocol. The text is told to the peer and to the log. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** Bytes of the header of an unmasked frame with such a payload. */
export function headerSize(payload: number): number {
  return payload <= CONTROL_MAX ? 2 : payload < 65_536 ? 4 : 10;
}

/**
 * Writes the header of an unmasked frame.
 * @param first opcode, and FINAL and RSV1 where they apply
 * @returns position after the header
 */
export function writeHeader(
  target: Uint8Array,
  at: number,
  first: number,
  payload: number,
): number {
  target[at] = first;
  const size = headerSize(payload);
  if (size === 2) target[at + 1] = payload;
  else {
    target[at + 1] = size === 4 ? 126 : 127;
    let rest = payload;
    for (let i = at + size - 1; i > at + 1; i--) {
      target[i] = rest & 255;
      rest = Math.floor(rest / 256);
    }
  }
  return at + size;
}

/** An unmasked, final frame. */
export function controlFrame(
  opcode: number,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(headerSize(payload.length) + payload.length);
  frame.set(payload, writeHeader(frame, 0, FINAL | opcode, payload.length));
  return frame;
}
