/**
 * What a store owes after a crash.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import type { ModelMessage, ModelStore } from "../../unit/store/model.ts";
import { textOf } from "../../unit/store/support.ts";

/** What was promised at some time. */
interface Promised {
  readonly messages: ReadonlyMap<number, string>;
  readonly last: number;
  /** Sequences whose messages somebody had removed. */
  readonly removed: Set<number>;
}

/** Follows a model, and knows what of it was promised to last. */
export class StoreLedger {
  readonly #model: ModelStore;
  /** Whatever was stored under a sequence. */
  readonly #stored = new Map<number, Set<string>>();
  /** Sequences that were removed on request and not used since. */
  #removed = new Set<number>();
  #promised: Promised;
  /** The lowest and the highest last sequence since the promise. */
  #lowestLast = 0;
  #highestLast = 0;
  /** Sequences that were used since the promise. */
  readonly #used = new Set<number>();
  #before = new Set<number>();

  constructor(model: ModelStore) {
    this.#model = model;
    this.#promised = this.snapshot();
  }

  /** Called before a change of the model. */
  beforeStep(): void {
    this.#before = new Set(this.#model.messages.map((each) => each.sequence));
  }

  /**
   * Called after it.
   * @param asked whether what is gone was to go
   * @param appended may be gone already
   */
  afterStep(asked: boolean, appended: ModelMessage | null): void {
    for (const { sequence } of this.#model.messages) {
      this.#before.delete(sequence);
      this.#removed.delete(sequence);
    }
    if (appended !== null) {
      const { sequence } = appended;
      this.#used.add(sequence);
      this.#removed.delete(sequence);
      const known = this.#stored.get(sequence) ?? new Set();
      this.#stored.set(sequence, known.add(keyOf(appended)));
    }
    if (asked) { for (const gone of this.#before) this.#removed.add(gone); }
    this.#lowestLast = Math.min(this.#lowestLast, this.#model.last);
    this.#highestLast = Math.max(this.#highestLast, this.#model.last);
  }

  /** The model as it is now. */
  snapshot(): Promised {
    const { messages, last } = this.#model;
    return {
      messages: new Map(messages.map((each) => [each.sequence, keyOf(each)])),
      last,
      removed: new Set(this.#removed),
    };
  }

  /** From now on, what the snapshot has must survive. */
  promise(snapshot: Promised): void {
    this.#promised = snapshot;
    // What was stored after the snapshot was made counts as used.
    for (const sequence of this.#used) {
      if (sequence <= snapshot.last) this.#used.delete(sequence);
    }
    this.#lowestLast = Math.min(snapshot.last, this.#model.last);
    this.#highestLast = Math.max(snapshot.last, this.#model.last);
  }

  /** Compares a recovered store with what was promised. */
  check(store: StreamStore): void {
    const found = contentsOf(store);
    for (const [sequence, key] of found) {
      assert(this.#stored.get(sequence)?.has(key), `${sequence} was altered`);
    }
    const now = this.snapshot();
    for (const [sequence, key] of this.#promised.messages) {
      // It may have been removed since, or be another one.
      if (now.messages.get(sequence) !== key) continue;
      if (!found.has(sequence) && this.#isDisplaced(sequence, key, found)) {
        continue;
      }
      assertEquals(found.get(sequence), key, `${sequence} is lost`);
    }
    for (const sequence of this.#promised.removed) {
      if (this.#used.has(sequence)) continue;
      const again = found.has(sequence) && now.removed.has(sequence);
      assert(!again, `${sequence} was removed and is back`);
    }
    assert(store.lastSequence >= this.#lowestLast, "the end is lost");
    assert(store.lastSequence <= this.#highestLast, "there is too much");
  }

  /**
   * Whether a limit takes a message as others are back whose removal was not
   * promised.
   */
  #isDisplaced(
    sequence: number,
    key: string,
    found: ReadonlyMap<number, string>,
  ): boolean {
    const { maxMessagesPerSubject, maxMessages, maxBytes } = this.#model.limits;
    const [subject] = key.split(" ");
    const back = [...found].filter(([each]) =>
      !this.#promised.removed.has(each) && !this.snapshot().messages.has(each)
    );
    if (back.length === 0) return false;
    const newer = [...found].filter(([each, other]) =>
      each > sequence && other.split(" ")[0] === subject
    );
    if (
      maxMessagesPerSubject > 0 && newer.length >= maxMessagesPerSubject
    ) return true;
    const isOldest = [...found.keys()].every((each) => each > sequence);
    return isOldest && (maxMessages > 0 || maxBytes > 0);
  }

  /** The model becomes what the store has. */
  adopt(store: StreamStore): void {
    const model = this.#model;
    model.messages = [...readAll(store)];
    model.last = store.lastSequence;
    // What was removed and not promised to be may be there still.
    this.#removed = this.#removed.intersection(this.#promised.removed);
    for (const { sequence } of model.messages) this.#removed.delete(sequence);
    this.promise(this.snapshot());
  }
}

function keyOf({ subject, header, payload }: ModelMessage): string {
  return `${subject} ${header} ${payload}`;
}

function contentsOf(store: StreamStore): Map<number, string> {
  const contents = new Map<number, string>();
  for (const each of readAll(store)) contents.set(each.sequence, keyOf(each));
  return contents;
}

/** All messages of a store. */
export function* readAll(store: StreamStore): Iterable<ModelMessage> {
  let from = 1;
  for (;;) {
    const stored = store.loadNext(SubjectFilter.ALL, from);
    if (stored === null) return;
    const { sequence, subject, time } = stored;
    const [header, payload] = textOf(stored);
    from = sequence + 1;
    yield { sequence, subject, time, header, payload };
  }
}
