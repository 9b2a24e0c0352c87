/**
 * A list that takes very many values.
 *
 * @module
 */

/** Values of one page. */
const PAGE_BITS = 13;
const PAGE_MASK = 2 ** PAGE_BITS - 1;

/** Values by dense ids; it does not copy all it has when it grows. */
export class Pages<T> {
  readonly #pages: (T | undefined)[][] = [];

  get(id: number): T | undefined {
    return this.#pages[id >>> PAGE_BITS]?.[id & PAGE_MASK];
  }

  set(id: number, value: T | undefined): void {
    const page = this.#pages[id >>> PAGE_BITS] ??= [];
    page[id & PAGE_MASK] = value;
  }

  /** Values in the order of their ids. */
  *[Symbol.iterator](): Generator<T> {
    for (const page of this.#pages) {
      for (const value of page) if (value !== undefined) yield value;
    }
  }
}
