/**
 * Bytes of many short names, each known by its address.
 *
 * @module
 */

/** Bytes of a page; addresses are page number and offset in one word. */
const PAGE_BITS = 16;
const PAGE_SIZE = 1 << PAGE_BITS;
/** Before each name: its owner and its length. */
const PREFIX = 6;
/** Pages in which less than this part is in use are given up. */
const SPARSE = 1 / 4;

interface Page {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  used: number;
  live: number;
}

/** Told that the name of `owner` has a new address. */
export type Moved = (owner: number, address: number) => void;

/**
 * Names are laid down one behind the other. A page that has become sparse
 * moves what is left of it to the end, so garbage stays bounded and no call
 * takes long.
 */
export class NameArena {
  readonly #pages: (Page | null)[] = [];
  readonly #free: number[] = [];
  readonly #moved: Moved;
  #open = -1;

  constructor(moved: Moved) {
    this.#moved = moved;
  }

  /** Bytes. */
  get byteLength(): number {
    return this.#pages.reduce(
      (sum, page) => sum + (page?.bytes.length ?? 0),
      0,
    );
  }

  /** Lays down a name, a byte string. @returns its address */
  add(owner: number, name: string): number {
    const address = this.#reserve(owner, name.length);
    const bytes = this.bytes(address);
    const start = this.start(address);
    for (let i = 0; i < name.length; i++) bytes[start + i] = name.charCodeAt(i);
    return address;
  }

  /** The bytes among which the name is. */
  bytes(address: number): Uint8Array {
    const page = this.#pages[address >>> PAGE_BITS];
    if (page === null || page === undefined) throw new Error("no such name");
    return page.bytes;
  }

  /** Where it starts there. */
  start(address: number): number {
    return (address & (PAGE_SIZE - 1)) + PREFIX;
  }

  length(address: number): number {
    const page = this.#pages[address >>> PAGE_BITS];
    return page?.view.getUint16((address & (PAGE_SIZE - 1)) + 4, true) ?? 0;
  }

  /** Whether the name is `name`. */
  equals(address: number, name: string): boolean {
    if (this.length(address) !== name.length) return false;
    const bytes = this.bytes(address);
    const start = this.start(address);
    for (let i = 0; i < name.length; i++) {
      if (bytes[start + i] !== name.charCodeAt(i)) return false;
    }
    return true;
  }

  /** Whether the name is what stands at `start` in `source`. */
  equalsBytes(
    address: number,
    source: Uint8Array,
    start: number,
    length: number,
  ): boolean {
    if (this.length(address) !== length) return false;
    const bytes = this.bytes(address);
    const own = this.start(address);
    for (let i = 0; i < length; i++) {
      if (bytes[own + i] !== source[start + i]) return false;
    }
    return true;
  }

  /** Gives up a name. */
  delete(address: number): void {
    const number = address >>> PAGE_BITS;
    const page = this.#pages[number];
    if (page === null || page === undefined) return;
    const at = address & (PAGE_SIZE - 1);
    const size = PREFIX + page.view.getUint16(at + 4, true);
    page.view.setUint32(at, 0xffff_ffff, true);
    page.live -= size;
    if (number === this.#open) return;
    if (page.live < SPARSE * page.bytes.length) this.#giveUp(number, page);
  }

  clear(): void {
    this.#pages.length = 0;
    this.#free.length = 0;
    this.#open = -1;
  }

  #giveUp(number: number, page: Page): void {
    for (let at = 0; at < page.used;) {
      const owner = page.view.getUint32(at, true);
      const length = page.view.getUint16(at + 4, true);
      if (owner !== 0xffff_ffff) {
        const address = this.#reserve(owner, length);
        const start = at + PREFIX;
        this.bytes(address).set(
          page.bytes.subarray(start, start + length),
          this.start(address),
        );
        this.#moved(owner, address);
      }
      at += PREFIX + length;
    }
    this.#pages[number] = null;
    this.#free.push(number);
  }

  #reserve(owner: number, length: number): number {
    const size = PREFIX + length;
    let page = this.#pages[this.#open];
    if (
      page === null || page === undefined ||
      page.used + size > page.bytes.length
    ) {
      page = this.#openPage(size);
    }
    const at = page.used;
    page.view.setUint32(at, owner, true);
    page.view.setUint16(at + 4, length, true);
    page.used += size;
    page.live += size;
    return ((this.#open << PAGE_BITS) | at) >>> 0;
  }

  /** Small arenas have small pages; a long name has a page that fits. */
  #openPage(size: number): Page {
    const usual = Math.min(
      PAGE_SIZE,
      256 << (2 * Math.min(4, this.#pages.length)),
    );
    const bytes = new Uint8Array(Math.max(usual, size));
    const page = { bytes, view: new DataView(bytes.buffer), used: 0, live: 0 };
    const left = this.#open;
    this.#open = this.#free.pop() ?? this.#pages.length;
    this.#pages[this.#open] = page;
    const old = this.#pages[left];
    if (old && old.live < SPARSE * old.bytes.length) this.#giveUp(left, old);
    return page;
  }
}
