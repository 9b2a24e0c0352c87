import type { Random } from "../ports.ts";

/** Most bytes that the platform gives per call. */
const MOST_PER_CALL = 65_536;

/** The platform's sources of chance. */
export class DenoRandom implements Random {
  fill(target: Uint8Array): void {
    for (let at = 0; at < target.length; at += MOST_PER_CALL) {
      crypto.getRandomValues(
        target.subarray(at, at + MOST_PER_CALL) as Uint8Array<ArrayBuffer>,
      );
    }
  }

  below(bound: number): number {
    return Math.floor(Math.random() * bound);
  }
}
