/**
 * Blocks of S2, of which those of Snappy are a part.
 *
 * A block is the length of its data (varint), then elements that each append
 * to the data. The lower two bits of the first byte tell which kind:
 *
 * ```
 * 0  literal: length - 1 in the upper six bits up to 59; 60 to 63: in the next
 *    one to four bytes; then the bytes
 * 1  copy of 4 to 11 bytes: three bits length - 4, three bits and the next
 *    byte offset; offset 0 repeats the last one, and then length codes 5, 6, 7
 *    have one, two, three more bytes of length
 * 2  copy of 1 to 64 bytes, offset in the next two bytes
 * 3  copy of 1 to 64 bytes, offset in the next four bytes
 * ```
 *
 * @module
 */

/** From here on the engine's copies beat a loop, bytes. */
const LOOP_MAX = 32;

/**
 * Decodes the elements in `source[start, end)` to `target`, which they have to
 * fill exactly.
 *
 * @returns false when they don't, or make no sense
 */
export function decodeElements(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
): boolean {
  const size = target.length;
  let from = start;
  let to = 0;
  let offset = 0;
  while (from < end) {
    const tag = source[from] as number;
    let length = 0;
    const kind = tag & 3;
    if (kind === 0) {
      length = (tag >>> 2) + 1;
      from++;
      if (length > 60) {
        const extra = length - 60;
        if (from + extra > end) return false;
        length = littleEndian(source, from, extra) + 1;
        from += extra;
      }
      if (length > size - to || length > end - from) return false;
      if (length > LOOP_MAX) {
        target.set(source.subarray(from, from + length), to);
      } else {for (let i = 0; i < length; i++) {
          target[to + i] = source[from + i] as number;
        }}
      from += length;
      to += length;
      continue;
    }
    if (kind === 1) {
      if (from + 2 > end) return false;
      const near = ((tag & 0xe0) << 3) | (source[from + 1] as number);
      length = (tag >>> 2) & 7;
      from += 2;
      if (near !== 0) offset = near;
      else if (length > 4) {
        const extra = length - 4;
        if (from + extra > end) return false;
        length = littleEndian(source, from, extra) +
          (extra === 1 ? 4 : 1 << (extra * 8 - 8));
        from += extra;
      }
      length += 4;
    } else {
      const extra = kind === 2 ? 2 : 4;
      if (from + 1 + extra > end) return false;
      length = (tag >>> 2) + 1;
      offset = littleEndian(source, from + 1, extra);
      from += 1 + extra;
    }
    if (offset === 0 || offset > to || length > size - to) return false;
    if (length > LOOP_MAX) copyFar(target, to, offset, length);
    else {
      // Forwards, byte by byte: what is copied may reach into the copy.
      for (let i = to; i < to + length; i++) {
        target[i] = target[i - offset] as number;
      }
    }
    to += length;
  }
  return to === size;
}

/** Copies in as few pieces as possible: each doubles what there is to copy. */
function copyFar(
  target: Uint8Array,
  to: number,
  offset: number,
  length: number,
): void {
  const from = to - offset;
  for (let done = 0; done < length;) {
    const piece = Math.min(offset + done, length - done);
    target.copyWithin(to + done, from, from + piece);
    done += piece;
  }
}

/** The number in the `size` (1 to 4) bytes at `at`. */
function littleEndian(source: Uint8Array, at: number, size: number): number {
  let value = source[at] as number;
  if (size > 1) value |= (source[at + 1] as number) << 8;
  if (size > 2) value |= (source[at + 2] as number) << 16;
  if (size > 3) value += (source[at + 3] as number) * 0x100_0000;
  return value;
}
