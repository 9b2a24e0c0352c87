/**
 * Requests that wait for one before them.
 *
 * @module
 */

import { RequestQueue } from "./queue.ts";

/** Something that others of its kind wait for. */
export interface Keyed {
  /** What it is about. */
  readonly key: string;
}

/** Requests about the same thing are handled one after the other. */
export class RequestLines<T extends Keyed> {
  /** Who waits for what is under way. */
  readonly #lines = new Map<string, RequestQueue<T>>();
  /** Whose turn it is. */
  #free = new RequestQueue<T>("", Infinity);
  #count = 0;
  readonly #limit: number;

  /** @param limit requests that may wait */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether others must wait elsewhere. */
  get isFull(): boolean {
    return this.#count >= this.#limit && this.#free.size === 0;
  }

  /** Has a request wait if one about the same thing is under way. @returns whether it does */
  wait(request: T): boolean {
    const line = this.#lines.get(request.key);
    if (line === undefined) return false;
    line.push(request);
    this.#count++;
    return true;
  }

  /** A request takes its time. */
  begin(key: string): void {
    if (this.#lines.has(key)) return;
    this.#lines.set(key, new RequestQueue<T>("", Infinity));
  }

  /** It is done: the one behind it comes next. */
  end(key: string): void {
    const line = this.#lines.get(key);
    const next = line?.shift();
    if (next === undefined) this.#lines.delete(key);
    else this.#free.push(next);
  }

  /** It is done, and none of those behind it needs to wait for another. */
  endAll(key: string): void {
    const line = this.#lines.get(key);
    this.#lines.delete(key);
    for (let next = line?.shift(); next !== undefined; next = line?.shift()) {
      this.#free.push(next);
    }
  }

  /** The next of those whose turn it is. */
  shift(): T | undefined {
    const next = this.#free.shift();
    if (next !== undefined) this.#count--;
    return next;
  }
}
