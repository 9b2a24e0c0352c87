/**
 * Memory of the subject table, in portions, so that growing never means to
 * copy what is there.
 *
 * @module
 */

/** Subjects per page, as a power of two. */
const PAGE_BITS = 10;
const PAGE_SIZE = 1 << PAGE_BITS;
/** Entries of the first page at first: most streams have few subjects. */
const FIRST_SIZE = 16;

/** One array of fixed-size entries of words, spread over pages. */
export class PagedWords {
  readonly #pages: Uint32Array[] = [];
  readonly #entry: number;

  /** @param entry words per entry */
  constructor(entry: number) {
    this.#entry = entry;
  }

  get byteLength(): number {
    return this.#pages.reduce((sum, page) => sum + page.byteLength, 0);
  }

  /** Makes room for the entry `index`, one behind the last at most. */
  reserve(index: number): void {
    const number = index >>> PAGE_BITS;
    const held = this.#pages[number];
    const wanted = (index & (PAGE_SIZE - 1)) + 1;
    if (held !== undefined && held.length >= wanted * this.#entry) return;
    const size = number > 0
      ? PAGE_SIZE
      : Math.min(PAGE_SIZE, Math.max(FIRST_SIZE, 4 * (wanted - 1)));
    const page = new Uint32Array(size * this.#entry);
    if (held !== undefined) page.set(held);
    this.#pages[number] = page;
  }

  get(index: number, field: number): number {
    const page = this.#pages[index >>> PAGE_BITS];
    if (page === undefined) return 0;
    return page[(index & (PAGE_SIZE - 1)) * this.#entry + field] ?? 0;
  }

  set(index: number, field: number, value: number): void {
    const page = this.#pages[index >>> PAGE_BITS];
    if (page === undefined) throw new Error("no room was reserved");
    page[(index & (PAGE_SIZE - 1)) * this.#entry + field] = value;
  }

  clear(): void {
    this.#pages.length = 0;
  }
}
