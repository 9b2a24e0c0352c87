/**
 * Memory for blocks.
 *
 * @module
 */

import { Chunk, CHUNK_SLACK } from "../../protocol/mod.ts";
import type { Clock, Pager, Timers } from "../../runtime/mod.ts";

/** Bytes of a block. */
export const BLOCK_SIZE = 1024 * 1024;

/** So many blocks within {@linkcode WINDOW}: streams grow fast. */
const BUSY = 16;
/** Milliseconds. */
const WINDOW = 250;
/** Blocks that are kept ready then: what is taken in some turns of the loop. */
const AHEAD = 16;

/** What a supply needs. */
export interface SupplyParts {
  readonly clock: Pick<Clock, "monotonic">;
  readonly timers: Pick<Timers, "after">;
  readonly pager: Pager;
  readonly process: { readonly cores: number };
}

/**
 * Gives out fresh memory, one for all streams of a server. The first touch of a
 * page costs more than what is written there: while streams grow fast, another
 * thread does that ahead of them. Otherwise nothing is kept here.
 */
export class BlockSupply {
  readonly #clock: SupplyParts["clock"];
  readonly #timers: SupplyParts["timers"];
  /** Null: it does not help, or is not to be had. */
  #pager: Pager | null;
  readonly #ready: ArrayBuffer[] = [];
  /** Blocks that are being paged in. */
  #awaited = 0;
  /** Blocks taken since {@linkcode #since}. */
  #taken = 0;
  #since = -Infinity;
  #isBusy = false;

  constructor({ clock, timers, pager, process }: SupplyParts) {
    this.#clock = clock;
    this.#timers = timers;
    this.#pager = process.cores > 1 ? pager : null;
  }

  /** Memory for one block. Its content is arbitrary. */
  take(): Chunk {
    if (this.#pager === null) return new Chunk(BLOCK_SIZE);
    const now = this.#clock.monotonic();
    if (!this.#isBusy && now - this.#since > WINDOW) {
      this.#since = now;
      this.#taken = 0;
    }
    this.#taken++;
    if (!this.#isBusy && this.#taken >= BUSY) this.#begin();
    const chunk = new Chunk(BLOCK_SIZE, this.#ready.pop());
    if (this.#isBusy) this.#order(this.#pager);
    return chunk;
  }

  #begin(): void {
    this.#isBusy = true;
    this.#timers.after(WINDOW, () => this.#look());
  }

  /** Goes on while blocks are taken. */
  #look(): void {
    if (this.#taken > 0) {
      this.#taken = 0;
      this.#timers.after(WINDOW, () => this.#look());
      return;
    }
    this.#isBusy = false;
    for (const buffer of this.#ready.splice(0)) giveBack(buffer);
  }

  #order(pager: Pager): void {
    while (this.#ready.length + this.#awaited < AHEAD) {
      const bytes = new Uint8Array(BLOCK_SIZE + CHUNK_SLACK);
      this.#awaited++;
      pager.pageIn(bytes).then(
        () => this.#arrived(bytes.buffer),
        () => this.#pager = null,
      );
    }
  }

  #arrived(buffer: ArrayBuffer): void {
    this.#awaited--;
    if (this.#isBusy) this.#ready.push(buffer);
    else giveBack(buffer);
  }
}

/** At once: an idle process does not collect its garbage. */
function giveBack(buffer: ArrayBuffer): void {
  buffer.transfer(0);
}
