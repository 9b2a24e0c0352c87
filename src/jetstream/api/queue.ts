/**
 * Requests that wait to be handled.
 *
 * @module
 */

/** First in, first out, up to a limit. */
export class RequestQueue<T> {
  #waiting: T[] = [];
  #next = 0;

  /**
   * @param name for people
   * @param limit requests; with one more, all of them are dropped
   */
  constructor(readonly name: string, readonly limit: number) {}

  get size(): number {
    return this.#waiting.length - this.#next;
  }

  /** @returns requests that are dropped, this one included; 0: it waits */
  push(request: T): number {
    this.#waiting.push(request);
    const { size } = this;
    if (size < this.limit) return 0;
    this.#clear();
    return size;
  }

  /** Takes the first; undefined when there is none. */
  shift(): T | undefined {
    const request = this.#waiting[this.#next];
    if (request === undefined) return undefined;
    this.#next++;
    if (this.#next === this.#waiting.length) this.#clear();
    return request;
  }

  #clear(): void {
    this.#waiting = [];
    this.#next = 0;
  }
}
