/**
 * In which order messages are delivered again.
 *
 * @module
 */

import { NO_SLOT, type PendingTable } from "./pending_table.ts";

const CAPACITY_MIN = 16;
const EMPTY = new Float64Array(0);

/**
 * First in, first out. Only what is pending can be in it: a message that is
 * removed from the table has left the queue too. A place in the queue is a
 * ticket in the table, so that leaving takes constant time; what it leaves in
 * the ring is passed over.
 */
export class RedeliveryQueue {
  readonly #table: PendingTable;
  #ring = EMPTY;
  /** Absolute positions, of which the ring holds those in between. */
  #begin = 0;
  #end = 0;
  #count = 0;

  constructor(table: PendingTable) {
    this.#table = table;
  }

  get count(): number {
    return this.#count;
  }

  has(slot: number): boolean {
    return this.#table.ticket(slot) !== 0;
  }

  /** Adds what is not in it. */
  push(slot: number): void {
    if (this.#end - this.#begin === this.#ring.length) this.#makeRoom();
    this.#ring[this.#end & (this.#ring.length - 1)] = this.#table.sequence(
      slot,
    );
    this.#table.setTicket(slot, ++this.#end);
    this.#count++;
  }

  /** Slot of the first; {@link NO_SLOT} when there is none. */
  peek(): number {
    while (this.#count > 0) {
      const slot = this.#slotAt(this.#begin);
      if (slot !== NO_SLOT) return slot;
      this.#begin++;
    }
    return NO_SLOT;
  }

  /** Takes out what is in it. To be called before the slot is removed. */
  leave(slot: number): void {
    if (this.#table.ticket(slot) === 0) return;
    this.#table.setTicket(slot, 0);
    if (--this.#count === 0) this.#begin = this.#end;
  }

  clear(): void {
    for (; this.#begin < this.#end; this.#begin++) {
      const slot = this.#slotAt(this.#begin);
      if (slot !== NO_SLOT) this.#table.setTicket(slot, 0);
    }
    this.#count = 0;
    this.#ring = EMPTY;
    this.#begin = 0;
    this.#end = 0;
  }

  /** Whose place it still is. */
  #slotAt(position: number): number {
    const sequence = this.#ring[position & (this.#ring.length - 1)] as number;
    const slot = this.#table.find(sequence);
    return slot !== NO_SLOT && this.#table.ticket(slot) === position + 1
      ? slot
      : NO_SLOT;
  }

  #makeRoom(): void {
    const kept: number[] = [];
    for (let at = this.#begin; at < this.#end; at++) {
      const slot = this.#slotAt(at);
      if (slot !== NO_SLOT) kept.push(slot);
    }
    let capacity = CAPACITY_MIN;
    while (capacity < kept.length * 2) capacity *= 2;
    this.#ring = new Float64Array(capacity);
    this.#begin = 0;
    this.#end = kept.length;
    for (const [at, slot] of kept.entries()) {
      this.#ring[at] = this.#table.sequence(slot);
      this.#table.setTicket(slot, at + 1);
    }
  }
}
