import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from "node:timers";
import type { Timer, Timers } from "../ports.ts";

/** The longest delay that the platform takes; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Timers of the event loop; `unref` marks those that don't keep it going. */
export class DenoTimers implements Timers {
  after(delay: number, callback: () => void): Timer {
    if (delay > LONGEST_DELAY) return new LongTimer(delay, callback);
    const timeout = setTimeout(callback, delay).unref();
    return { cancel: () => clearTimeout(timeout) };
  }

  every(interval: number, callback: () => void): Timer {
    const repeat = setInterval(callback, Math.min(interval, LONGEST_DELAY))
      .unref();
    return { cancel: () => clearInterval(repeat) };
  }

  soon(callback: () => void): Timer {
    const immediate = setImmediate(callback);
    return { cancel: () => clearImmediate(immediate) };
  }

  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => void setTimeout(resolve, delay));
  }
}

/** Waits in parts that the platform can take. */
class LongTimer implements Timer {
  readonly #callback: () => void;
  #remaining: number;
  #part: ReturnType<typeof setTimeout> | undefined;

  constructor(delay: number, callback: () => void) {
    this.#remaining = delay;
    this.#callback = callback;
    this.#wait();
  }

  cancel(): void {
    clearTimeout(this.#part);
  }

  #wait(): void {
    const part = Math.min(this.#remaining, LONGEST_DELAY);
    this.#remaining -= part;
    const next = this.#remaining > 0 ? () => this.#wait() : this.#callback;
    this.#part = setTimeout(next, part).unref();
  }
}
