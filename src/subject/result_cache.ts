/**
 * Match results by subject.
 *
 * @module
 */

import { equalBytes } from "./bytes.ts";
import { quickHash } from "./hash.ts";
import type { MatchResult } from "./match_result.ts";
import type { IndexedSubscription } from "./subscription_set.ts";

const WAYS = 4;
const FIRST_ENTRIES = 64;
/** Bytes kept for a key. Longer subjects are rare and not cached. */
const KEY_BYTES = 128;
/** Generations that wildcard changes are spread over. */
const SECTORS = 64;
const DOT = 0x2e;

/**
 * A four-way set-associative cache: a subject can sit in any of the four
 * places that its hash selects, and pushes out another one there when all are
 * taken. It needs no sweeping, and hashes that collide cost hits, not time.
 *
 * Subjects are spread over sectors by their first token. A change of a
 * wildcard subscription outdates the sector of its first token, or all when
 * that token is itself a wildcard; entries remember their sector's generation.
 */
export class ResultCache<S extends IndexedSubscription> {
  readonly #most: number;
  #sets = 0; // allocated with the first result
  #hashes = new Int32Array(0);
  #lengths = new Int32Array(0);
  #sectors = new Uint8Array(0);
  #stamps = new Float64Array(0);
  #keys = new Uint8Array(0);
  #keysView = new DataView(this.#keys.buffer);
  #results: (MatchResult<S> | undefined)[] = [];
  readonly #generations = new Float64Array(SECTORS);
  #victim = 0;

  /** `most`: entries to keep at most; rounded down to a power of two. */
  constructor(most: number) {
    this.#most = 2 ** Math.floor(Math.log2(Math.max(most, WAYS)));
  }

  /** Result for the bytes `[start, end)`, whose `quickHash` is `hash`. */
  get(
    hash: number,
    view: DataView,
    start: number,
    end: number,
  ): MatchResult<S> | undefined {
    const entry = this.#find(hash, view, start, end);
    return entry < 0 ? undefined : this.#results[entry];
  }

  /** Keeps the result of a subject that `get` did not find. */
  set(
    hash: number,
    view: DataView,
    start: number,
    end: number,
    result: MatchResult<S>,
  ): void {
    const length = end - start;
    if (length > KEY_BYTES) return;
    const entry = this.#claim(hash);
    const key = entry * KEY_BYTES;
    for (let i = 0; i < length; i++) {
      this.#keys[key + i] = view.getUint8(start + i);
    }
    const sector = sectorOf(view, start, end);
    this.#hashes[entry] = hash;
    this.#lengths[entry] = length;
    this.#sectors[entry] = sector;
    this.#stamps[entry] = this.#generations[sector] ?? 0;
    this.#results[entry] = result;
  }

  /** Drops the result of one subject. */
  delete(hash: number, view: DataView, start: number, end: number): void {
    const entry = this.#find(hash, view, start, end);
    if (entry >= 0) this.#drop(entry);
  }

  /** Drops all results that a change of this wildcard subject can affect. */
  outdate(view: DataView, start: number, end: number): void {
    const first = view.getUint8(start);
    const alone = end === start + 1 || view.getUint8(start + 1) === DOT;
    if (alone && (first === 0x2a || first === 0x3e)) this.outdateAll();
    else {
      const sector = sectorOf(view, start, end);
      this.#generations[sector] = (this.#generations[sector] ?? 0) + 1;
    }
  }

  /** Drops all results. */
  outdateAll(): void {
    for (let sector = 0; sector < SECTORS; sector++) {
      this.#generations[sector] = (this.#generations[sector] ?? 0) + 1;
    }
  }

  /** The results that are still good. For statistics. */
  *results(): Generator<MatchResult<S>> {
    for (let entry = 0; entry < this.#sets * WAYS; entry++) {
      const result = this.#results[entry];
      if (result !== undefined && this.#isCurrent(entry)) yield result;
    }
  }

  #find(hash: number, view: DataView, start: number, end: number): number {
    if (this.#sets === 0) return -1;
    const length = end - start;
    const first = (hash & (this.#sets - 1)) * WAYS;
    for (let entry = first; entry < first + WAYS; entry++) {
      if (
        this.#hashes[entry] === hash && this.#lengths[entry] === length &&
        this.#isCurrent(entry) &&
        equalBytes(this.#keysView, entry * KEY_BYTES, view, start, length)
      ) return entry;
    }
    return -1;
  }

  #isCurrent(entry: number): boolean {
    return this.#stamps[entry] === this.#generations[this.#sectors[entry] ?? 0];
  }

  /** An entry that may be overwritten by a subject with this hash. */
  #claim(hash: number): number {
    if (this.#sets === 0) this.#allocate(Math.min(FIRST_ENTRIES, this.#most));
    const first = (hash & (this.#sets - 1)) * WAYS;
    for (let entry = first; entry < first + WAYS; entry++) {
      if (this.#results[entry] === undefined || !this.#isCurrent(entry)) {
        return entry;
      }
    }
    if (this.#sets * WAYS < this.#most) {
      // Starting afresh is simpler than moving, and rare: it doubles each time.
      this.#allocate(2 * this.#sets * WAYS);
      return (hash & (this.#sets - 1)) * WAYS;
    }
    this.#victim = (this.#victim + 1) % WAYS;
    return first + this.#victim;
  }

  #allocate(entries: number): void {
    this.#sets = entries / WAYS;
    this.#hashes = new Int32Array(entries);
    this.#lengths = new Int32Array(entries);
    this.#sectors = new Uint8Array(entries);
    this.#stamps = new Float64Array(entries);
    this.#keys = new Uint8Array(entries * KEY_BYTES);
    this.#keysView = new DataView(this.#keys.buffer);
    this.#results = new Array<MatchResult<S> | undefined>(entries).fill(
      undefined,
    );
  }

  #drop(entry: number): void {
    this.#lengths[entry] = 0;
    this.#results[entry] = undefined;
  }
}

/** The sector of a subject: a small hash of its first token. */
function sectorOf(view: DataView, start: number, end: number): number {
  let dot = start;
  while (dot < end && view.getUint8(dot) !== DOT) dot++;
  return quickHash(view, start, dot) & (SECTORS - 1);
}
