/**
 * What a consumer finds out about its stream before it delivers: where to
 * begin and how much there is. On large streams that takes its time.
 *
 * @module
 */

import { asLongAs, inSlices, type Work } from "../../connection/mod.ts";
import type { Consumer } from "./consumer.ts";

/** One per consumer. */
export class Preparation {
  /** Whether it is to be counted anew. */
  due = false;
  /** Resolves when it is over; null: it is. */
  done: Promise<void> | null = null;
  readonly #consumer: Consumer;
  /** The last message that was counted, and the last removal that is allowed for. */
  #counted = 0;
  #allowedFor = 0;
  /** Whether it is not known yet where to begin. */
  #starting = false;
  /** What is under way; an older one ends when it sees another here. */
  #work: Work<void> | null = null;

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  /**
   * Begins to count, and ends what was under way.
   * @param first what must be done before
   */
  begin(first: Work<unknown> | null = null): void {
    this.done = null;
    this.#starting = first !== null;
    const work = this.#work = this.#prepare(first);
    const isWanted = () => this.#work === work && !this.#consumer.closed;
    const done = inSlices(asLongAs(isWanted, work), this.#consumer.host);
    if (!(done instanceof Promise)) return;
    this.done = done.catch((error) => this.#consumer.failed(error))
      .then(() => this.#end(work));
  }

  /** Begins if that is due. @returns what to wait for; null: nothing */
  complete(): Promise<void> | null {
    if (this.due && !this.#starting) this.begin();
    return this.done;
  }

  /**
   * A message that the consumer has before it has gone.
   * @param removal its number among all removals
   */
  removed(sequence: number, removal: number): void {
    // Of what goes while it counts, and before, a count knows by itself.
    if (sequence <= this.#counted && removal <= this.#allowedFor) return;
    this.#consumer.backlog.passed();
  }

  *#prepare(first: Work<unknown> | null): Work<void> {
    if (first !== null) yield* first;
    this.#starting = this.due = false;
    const { stream, store, cursor, state, config, backlog } = this.#consumer;
    const lastPerSubject = config.deliver_policy === "last_per_subject";
    const counting = store.countPending(
      cursor.filter,
      state.next,
      lastPerSubject,
    );
    // It may begin behind what is there.
    const validThrough = Math.max(counting.validThrough, state.next - 1);
    this.#counted = validThrough;
    this.#allowedFor = Infinity;
    backlog.recount({ count: 0, validThrough });
    stream.attend(this.#consumer);
    yield* counting.run();
    this.#allowedFor = stream.removals;
    backlog.add(counting.count);
  }

  #end(work: Work<void>): void {
    if (this.#work !== work) return;
    this.done = null;
    this.#consumer.prepared();
  }
}
