/**
 * What a directory of JWTs holds: who expires when, who was used least, and
 * one hash over all.
 *
 * @module
 */

/** Length of the hashes, bytes. */
const HASH_SIZE = 32;

interface Entry {
  readonly hash: Uint8Array;
  /** Wall time, milliseconds. */
  expires: number;
}

/** Knows entries by account key. */
export class JwtIndex {
  /** Least recently used first, if use counts. */
  readonly #entries = new Map<string, Entry>();
  readonly #hash = new Uint8Array(HASH_SIZE);

  get size(): number {
    return this.#entries.size;
  }

  /** All hashes, combined so that their order does not matter. */
  get hash(): Uint8Array {
    return this.#hash.slice();
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Whether the entry's JWT has that hash. */
  holds(key: string, hash: Uint8Array): boolean {
    const known = this.#entries.get(key)?.hash;
    return known !== undefined && known.every((byte, i) => byte === hash[i]);
  }

  /** Adds or replaces an entry. */
  set(key: string, hash: Uint8Array, expires: number): void {
    const known = this.#entries.get(key);
    if (known !== undefined) this.#combine(known.hash);
    this.#entries.set(key, { hash, expires });
    this.#combine(hash);
  }

  delete(key: string): void {
    const known = this.#entries.get(key);
    if (known === undefined) return;
    this.#combine(known.hash);
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#hash.fill(0);
  }

  /** Makes an entry the most recently used one. */
  use(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  /** Sets when an entry expires. */
  extend(key: string, expires: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.expires = expires;
  }

  /** The key of the entry that was used least recently. */
  get leastUsed(): string | undefined {
    return this.#entries.keys().next().value;
  }

  /** Keys of entries that have expired at `now` (milliseconds). */
  expired(now: number): string[] {
    return [...this.#entries].filter(([, { expires }]) => expires <= now)
      .map(([key]) => key);
  }

  #combine(hash: Uint8Array): void {
    for (let i = 0; i < HASH_SIZE; i++) {
      this.#hash[i] = (this.#hash[i] ?? 0) ^ (hash[i] ?? 0);
    }
  }
}
