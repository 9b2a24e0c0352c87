/**
 * Memory of the machine, as servers find it.
 *
 * @module
 */

/** Bytes that are touched at once. */
const PIECE = 64 * 2 ** 20;

/**
 * Touches memory and gives it back, so that it is the machine's own: the host of
 * a virtual one may have taken it away, and takes long to give it again.
 * @param wanted bytes; of what is free, half at most
 */
export function touchMemory(wanted: number): void {
  const { available } = Deno.systemMemoryInfo();
  const pieces: ArrayBuffer[] = [];
  for (let left = Math.min(wanted, available / 2); left > 0; left -= PIECE) {
    const piece = new Uint8Array(PIECE);
    piece.fill(1);
    pieces.push(piece.buffer);
  }
  for (const piece of pieces) piece.transfer(0);
}
