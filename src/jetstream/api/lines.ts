/**
 * Requests that wait for one before them.
 *
 * @module
 */

/** Requests about the same thing are handled one after the other. */
export class RequestLines<T> {
  /** Who waits for what is under way. */
  readonly #waiting = new Map<string, T[]>();
  /** Whose turn it is. */
  #free: T[] = [];
  #count = 0;
  readonly #limit: number;

  /** @param limit requests that may wait */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether others must wait elsewhere. */
  get isFull(): boolean {
    return this.#count >= this.#limit && this.#free.length === 0;
  }

  /** Has a request wait if one about the same thing is under way. @returns whether it does */
  wait(key: string, request: T): boolean {
    const line = this.#waiting.get(key);
    if (line === undefined) return false;
    line.push(request);
    this.#count++;
    return true;
  }

  /** A request takes its time. */
  begin(key: string): void {
    this.#waiting.set(key, []);
  }

  /** It is done: those behind it come next. */
  end(key: string): void {
    const line = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    this.#free = [...line, ...this.#free];
  }

  /** The next of those whose turn it is. */
  shift(): T | undefined {
    const next = this.#free.shift();
    if (next !== undefined) this.#count--;
    return next;
  }
}
