/**
 * The clients that left most recently.
 *
 * @module
 */

import type { ConnectionFacts } from "./connection_facts.ts";

/** A ring that forgets the oldest. */
export class ClosedClients {
  readonly #records: ConnectionFacts[] = [];
  readonly #capacity: number;
  /** Clients ever added. */
  total = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(record: ConnectionFacts): void {
    if (this.#capacity > 0) {
      this.#records[this.total % this.#capacity] = record;
    }
    this.total++;
  }

  /** Oldest first. */
  list(): ConnectionFacts[] {
    if (this.total <= this.#capacity) return [...this.#records];
    const oldest = this.total % this.#capacity;
    return [
      ...this.#records.slice(oldest),
      ...this.#records.slice(0, oldest),
    ];
  }
}
