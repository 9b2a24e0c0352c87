/**
 * What acknowledgements settle, where it is too much to be removed at once.
 *
 * @module
 */

import { asLongAs, inSlices } from "../../connection/mod.ts";
import type { Consumer } from "./consumer.ts";

/** One per consumer. */
export class Settlement {
  /** Resolves when all is removed; null: it is. */
  done: Promise<void> | null = null;
  readonly #consumer: Consumer;

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  /** Begins to remove it; what is under way takes along what has come since. */
  begin(): void {
    if (this.done !== null) return;
    const consumer = this.#consumer;
    const isWanted = () => !consumer.closed;
    const settling = consumer.state.settling((sequence) => {
      if (consumer.reports) consumer.report(sequence);
    });
    const done = inSlices(asLongAs(isWanted, settling), consumer.host);
    if (!(done instanceof Promise)) return;
    this.done = done.catch((error) => consumer.failed(error))
      .then(() => this.#end());
  }

  #end(): void {
    const consumer = this.#consumer;
    this.done = null;
    if (consumer.closed) return;
    if (consumer.state.isSettling) this.begin();
    consumer.kept?.changed();
    consumer.ready();
    consumer.rearm();
  }
}
