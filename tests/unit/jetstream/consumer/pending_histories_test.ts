/**
 * Random histories of a stream with consumers that may be so many that they
 * hear of what has gone in turns: whenever everything has come to its end, each
 * knows how much is before it.
 *
 * `RANDOM_PENDING=1000-2000` plays other seeds.
 */

import { assertEquals } from "@std/assert";
import { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import { SubjectFilter } from "../../../../src/subject/mod.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { slowDown } from "../stream/world.ts";
import { ConsumerWorld } from "./world.ts";

const [first = 1, last = 60] = (Deno.env.get("RANDOM_PENDING") ?? "1-60")
  .split("-").map(Number);
/** Consumers: some are told of something at once, more of them are not. */
const FEW = 4;
const MANY = 70;
/** Subjects: so many are counted in several steps. */
const WIDE = 600;
const ROUNDS = 10;
/** What happens before everything is let come to its end. */
const STEPS = 15;
const SUBJECTS = ["s.a.a", "s.a.b", "s.b.a", "s.b.b", "s.c.a"];
/** None is everything. */
const FILTERS = [
  [],
  ["s.>"],
  ["s.*.a"],
  ["s.a.*", "s.*.a"],
  ["s.n.*"],
  ["s.n.*", "s.b.b"],
  ["s.c.a", "s.n.7"],
];
const FROM_START = { deliver_policy: "all" } as const;
const NEW = { deliver_policy: "new" } as const;
/** Limits, how much they allow for each subject, and what may be added. */
const LIMITS = [
  ["max_msgs", 1, 25],
  ["max_bytes", 40, 600],
  ["max_msgs_per_subject", 0, 4],
] as const;

/** What may happen, and how often in a hundred times. */
type Actions = readonly (readonly [number, () => void])[];

class History {
  readonly #world = new ConsumerWorld();
  readonly #random: SeededRandom;
  readonly #stream: Stream;
  readonly #subjects: readonly string[];
  #named = 0;
  readonly #actions: Actions = [
    [30, () => this.#publish()],
    [18, () => this.#remove()],
    [4, () => this.#purge()],
    [4, () => this.#limit()],
    [2, () => this.#rollUp()],
    [10, () => this.#create()],
    [10, () => this.#refilter()],
    [10, () => void this.#consumer.info()],
    [10, () => this.#pull()],
    [1, () => this.#reset()],
    [1, () => this.#consumer.delete()],
  ];

  constructor(seed: number) {
    const random = this.#random = new SeededRandom(BigInt(seed));
    this.#stream = this.#world.stream({
      name: "S",
      subjects: ["s.>"],
      allow_rollup_hdrs: true,
      retention: random.chance(0.2) ? "interest" : "limits",
    });
    const crowd = random.chance(0.7) ? MANY : FEW;
    for (let i = 0; i < crowd; i++) this.#create();
    const many = Array.from({ length: WIDE }, (_, i) => `s.n.${i}`);
    this.#subjects = random.chance(0.5) ? [...SUBJECTS, ...many] : SUBJECTS;
    for (const each of this.#subjects) this.#world.publish(each);
    slowDown(this.#world.clock, 5);
  }

  get consumers(): Consumer[] {
    const all = [...this.#stream.consumers.values()];
    return all.filter((each) => each instanceof Consumer);
  }

  get #consumer(): Consumer {
    return this.#random.pick(this.consumers);
  }

  async round(): Promise<void> {
    for (let i = 0; i < STEPS; i++) {
      let left = this.#random.below(100);
      this.#actions.find(([chance]) => (left -= chance) < 0)?.[1]();
      if (this.#random.chance(0.4)) {
        await this.#world.pass(this.#random.below(4));
      }
    }
    while (this.#isAtWork) await this.#world.pass(1);
  }

  get #isAtWork(): boolean {
    return this.#stream.toil.isBusy ||
      this.consumers.some(({ queued, preparation }) =>
        queued || preparation.due || preparation.done !== null
      );
  }

  /** What is before a consumer, message by message. */
  count({ filters, state }: Consumer): number {
    const { store } = this.#stream;
    const filter = SubjectFilter.of(...filters);
    let count = 0;
    let from = Math.max(1, state.next);
    for (;;) {
      const message = store.loadNext(filter, from);
      if (message === null) return count;
      count++;
      from = message.sequence + 1;
    }
  }

  #publish(): void {
    const { flushQueue } = this.#world;
    flushQueue.begin();
    for (let i = this.#random.below(3); i >= 0; i--) {
      this.#world.enqueue(this.#random.pick(this.#subjects));
    }
    flushQueue.end();
  }

  #rollUp(): void {
    const what = this.#random.chance(0.7) ? "sub" : "all";
    const subject = this.#random.pick(this.#subjects);
    this.#world.publish(subject, "", { "Nats-Rollup": what });
  }

  #remove(): void {
    const { store } = this.#stream;
    const { firstSequence: first, lastSequence: last } = store;
    const from = first + this.#random.below(last - first + 1);
    const message = store.loadNext(SubjectFilter.ALL, from);
    if (message === null) return;
    void this.#stream.deleteMessage(message.sequence, this.#random.chance(0.5));
  }

  #purge(): void {
    const { firstSequence } = this.#stream.store;
    const bySequence = this.#random.chance(0.5);
    void this.#stream.purge({
      filter: this.#random.pick(FILTERS).at(-1) ?? "",
      seq: bySequence ? firstSequence + this.#random.below(20) : 0,
      keep: bySequence ? 0 : this.#random.below(5),
    });
  }

  #limit(): void {
    const [limit, each, more] = this.#random.pick(LIMITS);
    const most = each * this.#subjects.length + this.#random.below(more);
    const limits = this.#random.chance(0.7);
    this.#world.update(this.#stream, { [limit]: limits ? 1 + most : -1 });
  }

  #create(): void {
    const last = this.#stream.store.lastSequence;
    const somewhere = {
      deliver_policy: "by_start_sequence",
      opt_start_seq: 1 + this.#random.below(last + 3),
    } as const;
    this.#world.consumer(this.#stream, `c${this.#named++}`, {
      filter_subjects: this.#random.pick(FILTERS),
      ...this.#random.pick([FROM_START, NEW, somewhere]),
    });
  }

  #refilter(): void {
    const { name, config } = this.#consumer;
    const filter_subjects = this.#random.pick(FILTERS);
    this.#world.consumer(this.#stream, name, { ...config, filter_subjects });
  }

  #pull(): void {
    const request = { batch: 1 + this.#random.below(5), no_wait: true };
    for (const each of this.#world.pull(this.#consumer, request)) {
      if (this.#random.chance(0.7)) this.#world.ack(each);
    }
  }

  #reset(): void {
    this.#world.ask(`$JS.API.CONSUMER.RESET.S.${this.#consumer.name}`);
  }
}

async function play(seed: number): Promise<void> {
  const history = new History(seed);
  for (let round = 1; round <= ROUNDS; round++) {
    await history.round();
    const { consumers } = history;
    assertEquals(
      consumers.map((each) => `${each.name}: ${each.info().num_pending}`),
      consumers.map((each) => `${each.name}: ${history.count(each)}`),
      `seed ${seed}, round ${round}`,
    );
  }
}

for (let seed = first; seed <= last; seed++) {
  Deno.test(`pending - a random history, ${seed}`, () => play(seed));
}
