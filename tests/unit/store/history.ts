/**
 * Random histories that a store and the model must agree upon.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { StoreLimits, StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { type ModelMessage, type ModelStore, refusalOf } from "./model.ts";
import { type Dice, message, NO_LIMITS, textOf } from "./support.ts";

const SUBJECTS = [
  "a",
  "a.b",
  "a.b.c",
  "a.c",
  "b",
  "b.x.y",
  "b.z.y",
  "long.subject.with.tokens",
];
const FILTERS = [
  SubjectFilter.ALL,
  SubjectFilter.of("a"),
  SubjectFilter.of("a.>"),
  SubjectFilter.of("*"),
  SubjectFilter.of("b.*.y"),
  SubjectFilter.of("a.b", "b.x.y"),
  SubjectFilter.of("a.*", "a.b.>"),
  SubjectFilter.of("none"),
  SubjectFilter.of("long.>"),
];

/** Limits drawn at random. */
export function randomLimits(random: Dice): StoreLimits {
  const maybe = (bound: number) =>
    random.below(3) === 0 ? 1 + random.below(bound) : -1;
  const maxMessagesPerSubject = maybe(4);
  return {
    ...NO_LIMITS,
    maxMessages: maybe(20),
    maxBytes: maybe(40) * 64,
    maxMessagesPerSubject,
    discard: random.pick(["old", "old", "new"]),
    discardNewPerSubject: random.below(3) === 0,
  };
}

/** Below which of 100 it happens, whether it is to remove something, and what. */
type Change = readonly [bound: number, removes: boolean, change: () => void];

/** Changes a store and its model in the same way, and compares answers. */
export class History {
  store: StreamStore;
  readonly model: ModelStore;
  readonly random: Dice;
  #count = 0;

  constructor(
    store: StreamStore,
    model: ModelStore,
    random: Dice,
  ) {
    this.store = store;
    this.model = model;
    this.random = random;
  }

  /** One random change: the model's first, then the store's. */
  step(): void {
    const choice = this.random.below(100);
    const [, removes, change] =
      this.#changes.find(([bound]) => choice < bound) ?? this.#changes[0];
    this.removes = removes;
    this.appended = null;
    change();
  }

  /** The message that the last change has stored, if any. */
  appended: ModelMessage | null = null;
  /** Whether the last change was to remove something. */
  removes = false;

  /** One change of those that leave most messages where they are. */
  grow(): void {
    const choice = this.random.below(100);
    if (choice < 80) this.#append();
    else if (choice < 95) this.#remove();
    else this.#skip();
  }

  /** What may happen, and below which of 100 it does. */
  readonly #changes: readonly [Change, ...Change[]] = [
    [60, false, () => this.#append()],
    [72, true, () => this.#remove()],
    [76, false, () => this.#skip()],
    [82, true, () => this.#purgeMatching()],
    [86, true, () => this.#compact()],
    [88, true, () => this.#purge()],
    [90, true, () => this.#truncate()],
    [94, false, () => this.#update()],
    [100, false, () => this.store.flush()],
  ];

  #purge(): void {
    const expected = this.model.purge();
    assertEquals(this.store.purge(), expected);
  }

  #append(): void {
    const { random, store, model } = this;
    const subject = random.pick(SUBJECTS);
    const payload = `${this.#count++}`.padEnd(random.below(80), ".");
    const header = random.below(4) === 0 ? `H${random.below(1000)}` : "";
    const expected = model.append({ subject, payload, header, time: 0n });
    const appended = model.appended;
    this.appended = expected === null ? appended : null;
    const refused = refusalOf(() =>
      void store.append(message(subject, payload, header))
    );
    assertEquals(refused, expected);
    // The store tells the time.
    if (refused !== null || appended !== model.messages.at(-1)) return;
    model.messages.pop();
    if (appended === null) return;
    model.messages.push({ ...appended, time: store.state().lastTime });
  }

  /** A sequence that is there, or was, or never will be. */
  #anySequence(): number {
    const { first, last } = this.model;
    return Math.max(1, first - 2 + this.random.below(last - first + 5));
  }

  #remove(): void {
    const sequence = this.#anySequence();
    const expected = this.model.remove(sequence);
    const removed = this.random.below(3) === 0
      ? this.store.erase(sequence)
      : this.store.remove(sequence);
    assertEquals(removed, expected);
  }

  #skip(): void {
    const count = this.random.below(this.random.below(4) === 0 ? 3000 : 4);
    this.model.skip(count);
    assertEquals(this.store.skip(count), this.model.last);
  }

  #purgeMatching(): void {
    const filter = this.random.pick(FILTERS);
    const before = this.random.below(2) === 0 ? 0 : this.#anySequence();
    const keep = this.random.below(2) === 0 ? 0 : this.random.below(5);
    const expected = this.model.purgeMatching(filter, before, keep);
    const removed = this.store.purgeMatching(filter, before, keep);
    assertEquals(removed, expected);
  }

  #compact(): void {
    const sequence = this.#anySequence();
    const expected = this.model.compact(sequence);
    assertEquals(this.store.compact(sequence), expected);
  }

  #truncate(): void {
    const { last } = this.model;
    const sequence = Math.max(0, last - this.random.below(6));
    this.model.truncate(sequence);
    this.store.truncate(sequence);
  }

  #update(): void {
    const { compression } = this.model.limits;
    const limits = { ...randomLimits(this.random), compression };
    this.model.limits = limits;
    this.model.enforce();
    this.store.updateLimits(limits);
  }

  /** Compares everything that can be asked. */
  compare(): void {
    const { store, model } = this;
    const { messages, bytes, lastSequence, subjects, deleted } = store.state();
    const { firstSequence } = store;
    const span = model.last - model.first + 1;
    assertEquals({ messages, bytes, firstSequence, lastSequence }, {
      messages: model.messages.length,
      bytes: model.bytes,
      firstSequence: model.first,
      lastSequence: model.last,
    });
    assertEquals(subjects, new Set(model.messages.map((m) => m.subject)).size);
    assertEquals(deleted, span - model.messages.length);
    for (const expected of model.messages) {
      const stored = store.load(expected.sequence);
      if (stored === null) throw new Error(`${expected.sequence} is missing`);
      const { sequence, subject, time } = stored;
      const [header, payload] = textOf(stored);
      assertEquals({ sequence, subject, time, header, payload }, expected);
    }
    if (span < 200) assertEquals([...store.deletedSequences()], this.#gaps());
    for (const filter of FILTERS) this.#compareQueries(filter);
  }

  #gaps(): number[] {
    const { model } = this;
    const there = new Set(model.messages.map((m) => m.sequence));
    const gaps: number[] = [];
    for (let at = model.first; at <= model.last; at++) {
      if (!there.has(at)) gaps.push(at);
    }
    return gaps;
  }

  #compareQueries(filter: SubjectFilter): void {
    const { store, model } = this;
    const from = this.#anySequence();
    const matching = model.matching(filter, from);
    const all = model.matching(filter, 1);
    const first = matching[0]?.sequence;
    assertEquals(store.loadNext(filter, from)?.sequence, first);
    assertEquals(store.loadLast(filter)?.sequence, all.at(-1)?.sequence);
    assertEquals(
      store.loadPrevious(filter, from)?.sequence,
      all.filter((m) => m.sequence <= from).at(-1)?.sequence,
    );
    assertEquals(store.filteredState(filter, from), {
      messages: matching.length,
      firstSequence: first ?? 0,
      lastSequence: matching.at(-1)?.sequence ?? 0,
    });
    assertEquals(store.pending(filter, from, false), {
      count: matching.length,
      validThrough: model.last,
    });
    const totals = new Map<string, number>();
    for (const { subject } of all) {
      totals.set(subject, (totals.get(subject) ?? 0) + 1);
    }
    assertEquals(store.subjectTotals(filter), totals);
    assertEquals(
      store.pending(filter, from, true).count,
      model.lastSequences(filter, 0).filter((each) => each >= from).length,
    );
    assertEquals(
      store.lastSequences(filter, from, 0),
      model.lastSequences(filter, from),
    );
    const time = all[this.random.below(all.length)]?.time ?? 0n;
    assertEquals(store.sequenceAt(time), model.sequenceAt(time));
    assertEquals(store.sequenceAt(time + 1n), model.sequenceAt(time + 1n));
  }
}
