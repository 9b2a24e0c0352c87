/**
 * Random histories that a store and the model must agree upon.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { StoreLimits, StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { type ModelStore, refusalOf } from "./model.ts";
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

  /** One random change. */
  step(): void {
    const { random, store, model } = this;
    const choice = random.below(100);
    if (choice < 60) this.#append();
    else if (choice < 72) this.#remove();
    else if (choice < 76) this.#skip();
    else if (choice < 82) this.#purgeMatching();
    else if (choice < 86) this.#compact();
    else if (choice < 88) assertEquals(store.purge(), model.purge());
    else if (choice < 90) this.#truncate();
    else if (choice < 94) this.#update();
    else store.flush();
  }

  #append(): void {
    const { random, store, model } = this;
    const subject = random.pick(SUBJECTS);
    const payload = `${this.#count++}`.padEnd(random.below(80), ".");
    const header = random.below(4) === 0 ? `H${random.below(1000)}` : "";
    const refused = refusalOf(() =>
      void store.append(message(subject, payload, header))
    );
    const time = store.state().lastTime;
    assertEquals(refused, model.append({ subject, payload, header, time }));
  }

  /** A sequence that is there, or was, or never will be. */
  #anySequence(): number {
    const { first, last } = this.model;
    return Math.max(1, first - 2 + this.random.below(last - first + 5));
  }

  #remove(): void {
    const sequence = this.#anySequence();
    const removed = this.random.below(3) === 0
      ? this.store.erase(sequence)
      : this.store.remove(sequence);
    assertEquals(removed, this.model.remove(sequence));
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
    assertEquals(
      this.store.purgeMatching(filter, before, keep),
      this.model.purgeMatching(filter, before, keep),
    );
  }

  #compact(): void {
    const sequence = this.#anySequence();
    assertEquals(this.store.compact(sequence), this.model.compact(sequence));
  }

  #truncate(): void {
    const { last } = this.model;
    const sequence = Math.max(0, last - this.random.below(6));
    this.store.truncate(sequence);
    this.model.truncate(sequence);
  }

  #update(): void {
    const limits = randomLimits(this.random);
    this.store.updateLimits(limits);
    this.model.limits = limits;
    this.model.enforce();
  }

  /** Compares everything that can be asked. */
  compare(): void {
    const { store, model } = this;
    const { messages, bytes, firstSequence, lastSequence, subjects, deleted } =
      store.state();
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
