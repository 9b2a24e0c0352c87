/**
 * Random histories of a stream with consumers that may be so many that they
 * hear of what has gone in turns: in the end each knows how much is before it.
 */

import { assertEquals } from "@std/assert";
import { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import type { ConsumerConfig } from "../../../../src/jetstream/types/consumer_config.ts";
import { SubjectFilter } from "../../../../src/subject/mod.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { slowDown } from "../stream/world.ts";
import { ConsumerWorld } from "./world.ts";

/** Consumers: some are told of something at once, more of them are not. */
const FEW = 4;
const MANY = 70;
/** Subjects: so many are counted in several steps. */
const WIDE = 600;
const ROUNDS = 10;
/** What happens before everything is let come to its end, and milliseconds for that. */
const STEPS = 15;
const END = 200;
const SUBJECTS = ["s.a.a", "s.a.b", "s.b.a", "s.b.b", "s.c.a"];
const FILTERS = ["s.>", "s.*.a", "s.a.*", "s.n.*", "s.b.b", "s.c.a", "s.n.7"];
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
    [10, () => void this.#pick(this.consumers).info()],
    [10, () => this.#pull()],
    [1, () => this.#reset()],
    [1, () => this.#pick(this.consumers).delete()],
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

  async round(): Promise<void> {
    for (let i = 0; i < STEPS; i++) {
      let left = this.#random.below(100);
      this.#actions.find(([chance]) => (left -= chance) < 0)?.[1]();
      if (this.#random.chance(0.4)) {
        await this.#world.pass(this.#random.below(4));
      }
    }
    await this.#world.pass(END);
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
      this.#world.enqueue(this.#pick(this.#subjects));
    }
    flushQueue.end();
  }

  #rollUp(): void {
    const what = this.#random.chance(0.7) ? "sub" : "all";
    const subject = this.#pick(this.#subjects);
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
      filter: this.#random.chance(0.2) ? "" : this.#pick(FILTERS),
      seq: bySequence ? firstSequence + this.#random.below(20) : 0,
      keep: bySequence ? 0 : this.#random.below(5),
    });
  }

  #limit(): void {
    const [limit, each, more] = this.#pick(LIMITS);
    const most = each * this.#subjects.length + this.#random.below(more);
    const limits = this.#random.chance(0.7);
    this.#world.update(this.#stream, { [limit]: limits ? 1 + most : -1 });
  }

  #create(): void {
    const start = this.#random.below(3);
    const { lastSequence } = this.#stream.store;
    this.#world.consumer(this.#stream, `c${this.#named++}`, {
      ...this.#filters(),
      ...(start === 0 ? { deliver_policy: "new" } : start === 1
        ? {
          deliver_policy: "by_start_sequence",
          opt_start_seq: 1 + this.#random.below(lastSequence + 3),
        }
        : {}),
    });
  }

  #refilter(): void {
    const { name, config } = this.#pick(this.consumers);
    this.#world.consumer(this.#stream, name, {
      ...config,
      ...this.#filters(),
    });
  }

  #filters(): Partial<ConsumerConfig> {
    const filter_subjects: string[] = [];
    for (let i = this.#random.below(3); i > 0; i--) {
      const [first] = filter_subjects;
      const next = this.#pick(FILTERS);
      const goes = first === undefined ||
        (first === "s.a.*" && next !== "s.>" && next !== "s.*.a");
      if (goes && !filter_subjects.includes(next)) filter_subjects.push(next);
    }
    return { filter_subjects };
  }

  #pull(): void {
    const request = { batch: 1 + this.#random.below(5), no_wait: true };
    const messages = this.#world.pull(this.#pick(this.consumers), request);
    for (const each of messages) {
      if (this.#random.chance(0.7)) this.#world.ack(each);
    }
  }

  #reset(): void {
    this.#world.ask(
      `$JS.API.CONSUMER.RESET.S.${this.#pick(this.consumers).name}`,
    );
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)] as T;
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

const from = Number(Deno.env.get("FROM") ?? 1);
const to = Number(Deno.env.get("TO") ?? 40);
for (let seed = from; seed <= to; seed++) {
  Deno.test(`pending ${seed}`, () => play(seed));
}
