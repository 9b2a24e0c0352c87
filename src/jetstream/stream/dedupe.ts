/**
 * Message ids that were seen within the duplicate window.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Clock, Random, Timer, Timers } from "../../runtime/mod.ts";
import {
  type MessageBody,
  type MessageReader,
  NameQueue,
} from "../../store/mod.ts";
import type { StreamConfig } from "../types/stream_config.ts";
import { MILLISECOND } from "./config/context.ts";
import { headerValue } from "./header_block.ts";
import { StreamHeader } from "./publish_headers.ts";
import { headersOf } from "./stored_parts.ts";

/** Milliseconds between looks at what has expired, at least. */
const TICK_MIN = 50;
/** Ids that are forgotten at once, and milliseconds of rest before more are. */
const STRIDE = 2048;
const REST = 5;

/** Where time comes from, and the seed of hashes. */
export interface DedupeHost {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Pick<Random, "below">;
}

/** Remembers ids for as long as the window lasts. */
export class DedupeWindow {
  readonly #ids: NameQueue;
  #timer: Timer | null = null;
  #window: number;
  readonly #host: DedupeHost;

  /** @param window milliseconds; 0: nothing is remembered */
  constructor(window: number, host: DedupeHost) {
    this.#window = window;
    this.#host = host;
    this.#ids = new NameQueue(host.random);
  }

  /** How many ids are remembered. */
  get size(): number {
    return this.#ids.size;
  }

  /** Milliseconds. */
  get window(): number {
    return this.#window;
  }

  /** Takes over another window, which holds for the past too. */
  resize(window: number): void {
    if (window === this.#window) return;
    this.#window = window;
    if (this.#ids.size > 0) this.#expire();
  }

  /** Sequence of the message with that id; 0 when none is remembered. */
  find(id: string): number {
    return this.#ids.size === 0 ? 0 : this.#ids.find(id);
  }

  /** @param time when the message was stored, milliseconds */
  add(id: string, sequence: number, time: number): void {
    if (this.#window <= 0) return;
    this.#ids.push(id, sequence, time);
    this.#timer ??= this.#host.timers.after(
      this.#window,
      () => this.#expire(),
    );
  }

  /** Learns the ids of the messages that are within the window. */
  *recovering(store: MessageReader): Work<void> {
    if (this.#window <= 0) return;
    const since = this.#host.clock.nowNanos() -
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
    this.#ids.clear();
  }

  #expire(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const now = this.#host.clock.now();
    const ids = this.#ids;
    let left = STRIDE;
    while (now - ids.firstTime >= this.#window && left > 0) {
      ids.shift();
      left--;
    }
    if (ids.size === 0) return this.clear();
    const wait = left > 0
      ? Math.max(ids.firstTime + this.#window - now, TICK_MIN)
      : REST;
    this.#timer = this.#host.timers.after(wait, () => this.#expire());
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
