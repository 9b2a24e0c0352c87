/**
 * Message ids that were seen within the duplicate window.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Clock, Timer, Timers } from "../../runtime/mod.ts";
import type { MessageBody, MessageReader } from "../../store/mod.ts";
import type { StreamConfig } from "../types/stream_config.ts";
import { MILLISECOND } from "./config/context.ts";
import { headerValue } from "./header_block.ts";
import { StreamHeader } from "./publish_headers.ts";
import { headersOf } from "./stored_parts.ts";

/** Milliseconds between looks at what has expired, at least. */
const TICK_MIN = 50;
/** Expired entries at the front of the list before it is cut. */
const CUT_AT = 1024;

interface Entry {
  readonly id: string;
  readonly sequence: number;
  /** Milliseconds. */
  readonly time: number;
}

/** Where time comes from. */
export interface DedupeTime {
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Remembers ids for as long as the window lasts. */
export class DedupeWindow {
  readonly #sequences = new Map<string, Entry>();
  /** In the order of arrival; those before `#first` have expired. */
  #entries: Entry[] = [];
  #first = 0;
  #timer: Timer | null = null;
  #window: number;
  readonly #time: DedupeTime;

  /** @param window milliseconds; 0: nothing is remembered */
  constructor(window: number, time: DedupeTime) {
    this.#window = window;
    this.#time = time;
  }

  /** How many ids are remembered. */
  get size(): number {
    return this.#sequences.size;
  }

  /** Milliseconds. */
  get window(): number {
    return this.#window;
  }

  /** Takes over another window, which holds for the past too. */
  resize(window: number): void {
    if (window === this.#window) return;
    this.#window = window;
    if (this.#sequences.size > 0) this.#expire();
  }

  /** Sequence of the message with that id; 0 when none is remembered. */
  find(id: string): number {
    return this.#sequences.get(id)?.sequence ?? 0;
  }

  /** @param time when the message was stored, milliseconds */
  add(id: string, sequence: number, time: number): void {
    if (this.#window <= 0) return;
    const entry = { id, sequence, time };
    this.#sequences.set(id, entry);
    this.#entries.push(entry);
    this.#timer ??= this.#time.timers.after(
      this.#window,
      () => this.#expire(),
    );
  }

  /** Learns the ids of the messages that are within the window. */
  *recovering(store: MessageReader): Work<void> {
    if (this.#window <= 0) return;
    const since = this.#time.clock.nowNanos() -
      BigInt(Math.round(this.#window * 1e6));
    yield* store.withHeader(store.sequenceAt(since), (message) => {
      const id = idOf(message);
      if (id === "") return;
      this.add(id, message.sequence, Number(message.time / 1_000_000n));
    });
  }

  /** Forgets everything. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#sequences.clear();
    this.#entries = [];
    this.#first = 0;
  }

  #expire(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const now = this.#time.clock.now();
    let wait = this.#window;
    for (; this.#first < this.#entries.length; this.#first++) {
      const entry = this.#entries[this.#first] as Entry;
      const age = now - entry.time;
      if (age < this.#window) {
        wait = this.#window - age;
        break;
      }
      // The id may have come again meanwhile.
      if (this.#sequences.get(entry.id) === entry) {
        this.#sequences.delete(entry.id);
      }
    }
    if (this.#first > CUT_AT && 3 * this.#first > 2 * this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    if (this.#sequences.size === 0) return this.clear();
    this.#timer = this.#time.timers.after(
      Math.max(wait, TICK_MIN),
      () => this.#expire(),
    );
  }
}

/** Id of a stored message; empty: it has none. */
export function idOf(message: MessageBody): string {
  return headerValue(headersOf(message), StreamHeader.msgId) ?? "";
}

/** How long a stream remembers ids, milliseconds. */
export function windowOf(
  { duplicate_window }: Pick<StreamConfig, "duplicate_window">,
): number {
  return duplicate_window / MILLISECOND;
}
