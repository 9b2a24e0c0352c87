/**
 * Finds out how far a stream has followed its sources, by the last message of
 * each, or by what was kept.
 *
 * @module
 */

import type { Clock } from "../../runtime/mod.ts";
import type { KeptSources, StreamStore } from "../../store/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import { headerValue } from "../stream/header_block.ts";
import { StreamHeader } from "../stream/publish_headers.ts";
import { headersOf } from "../stream/stored_parts.ts";
import { parseSourceHeader, type SourcePosition } from "./source_header.ts";

/** How far a source had come. */
export type Position = Pick<SourcePosition, "sequence" | "identity">;

/** Work for at most so long at once, milliseconds. */
const SLICE = 3;
/** Messages between two looks at the clock. */
const STRIDE = 64;

/** Goes through a stream from its end, until nothing is missing. */
export class PositionScan {
  readonly positions = new Map<string, Position>();
  readonly #store: StreamStore;
  readonly #kept: KeptSources | null;
  /** Keys of sources of which nothing was found yet. */
  readonly #missing: Set<string>;
  #next: number;

  /**
   * @param keys of the sources
   * @param kept tells of the messages before its stamp; null: nothing is known
   */
  constructor(
    store: StreamStore,
    keys: Iterable<string>,
    kept: KeptSources | null,
  ) {
    this.#store = store;
    // What was kept of messages that a crash took away is of no use.
    const isSound = kept !== null && kept.stamp <= store.lastSequence + 1;
    this.#kept = isSound ? kept : null;
    this.#missing = new Set(keys);
    this.#next = store.lastSequence;
  }

  /** Works for a while. @returns whether all is known */
  run(clock: Clock): boolean {
    const end = clock.monotonic() + SLICE;
    for (let i = 1; this.#step(); i++) {
      if (i % STRIDE === 0 && clock.monotonic() >= end) return false;
    }
    return true;
  }

  /** Looks at one message. @returns whether there are more to look at */
  #step(): boolean {
    if (this.#kept !== null && this.#next < this.#kept.stamp) this.#useKept();
    if (this.#missing.size === 0) return false;
    const message = this.#store.loadPrevious(SubjectFilter.ALL, this.#next);
    if (message === null) return false;
    this.#next = message.sequence - 1;
    if (this.#kept !== null && message.sequence < this.#kept.stamp) {
      this.#useKept();
    }
    const header = headerValue(headersOf(message), StreamHeader.streamSource);
    const position = header === null ? null : parseSourceHeader(header);
    if (position === null) return true;
    const key = keyOf(position, this.#missing);
    if (key !== undefined) this.#found(key, position);
    return true;
  }

  #useKept(): void {
    for (const key of [...this.#missing]) {
      const position = this.#kept?.entries.get(key);
      if (position !== undefined) this.#found(key, position);
    }
  }

  #found(key: string, position: Position): void {
    this.#missing.delete(key);
    this.positions.set(key, position);
  }
}

/** Which source a message comes from; older headers only tell the stream. */
function keyOf(
  { stream, key }: SourcePosition,
  keys: ReadonlySet<string>,
): string | undefined {
  if (key !== "") return keys.has(key) ? key : undefined;
  return [...keys].find((each) => each.split(" ")[0] === stream);
}
