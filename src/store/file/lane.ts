/**
 * Many small things, done one after the other.
 *
 * @module
 */

import type { Turns } from "../../connection/mod.ts";
import type { Clock } from "../../runtime/mod.ts";

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 2;

/**
 * Ten thousand timers may fire at once; what each of them does takes little, and
 * all together must not hold up the loop.
 */
export class Lane {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #turns: Turns;
  readonly #waiting: (() => void)[] = [];
  #next = 0;
  /** Milliseconds that were spent since the loop has turned. */
  #spent = 0;
  #turning = false;

  constructor(clock: Pick<Clock, "monotonic">, turns: Turns) {
    this.#clock = clock;
    this.#turns = turns;
  }

  /** Does something, which must not throw: now, or when its turn has come. */
  enter(action: () => void): void {
    this.#waiting.push(action);
    this.#work();
  }

  #work(): void {
    while (this.#next < this.#waiting.length && this.#spent < SLICE) {
      const begun = this.#clock.monotonic();
      this.#waiting[this.#next++]?.();
      this.#spent += this.#clock.monotonic() - begun;
    }
    if (this.#next === this.#waiting.length) {
      this.#waiting.length = this.#next = 0;
    }
    if (this.#spent > 0) this.#turn();
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    void this.#turns.next().then(() => {
      this.#turning = false;
      this.#spent = 0;
      this.#work();
    });
  }
}
