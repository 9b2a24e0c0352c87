/** How consumers hear of what is stored. */

import { assertEquals } from "@std/assert";
import { ConsumerIndex } from "../../../../src/jetstream/stream/consumer_index.ts";
import type { Tally } from "../../../../src/jetstream/stream/mod.ts";
import { FakeConsumer } from "./world.ts";

/** Counts by a tally as soon as it may. */
class Counting extends FakeConsumer {
  #count = 0;
  #tally: Tally = { stored: 0 };

  get count(): number {
    return this.#count + this.#tally.stored;
  }

  override stored(sequence: number, tally: Tally | null): boolean {
    super.stored(sequence, tally);
    this.#count++;
    if (tally === null) return false;
    this.#count += this.#tally.stored - tally.stored;
    this.#tally = tally;
    return true;
  }

  /** Begins anew, and forgets what it was told. */
  restart(index: ConsumerIndex): void {
    this.#count = 0;
    this.#tally = { stored: 0 };
    this.log.length = 0;
    index.attend(this);
  }
}

Deno.test("audience - what is stored for a filter is counted once for all", () => {
  const index = new ConsumerIndex(1);
  const [one, two] = ["one", "two"].map((name) => new Counting(name, ["a.*"]));
  const all = new Counting("all");
  if (one === undefined || two === undefined) throw new Error("unreachable");
  index.add(one);
  for (let i = 1; i <= 3; i++) index.stored(i, "a.b");
  index.add(two);
  index.add(all);
  for (let i = 4; i <= 8; i++) index.stored(i, i % 2 === 0 ? "a.b" : "c");
  assertEquals([one.count, two.count, all.count], [6, 3, 5]);
  assertEquals([one.log, two.log, all.log], [
    ["stored 1"],
    ["stored 4"],
    ["stored 4"],
  ]);
});

Deno.test("audience - who counts anew is told once more", () => {
  const index = new ConsumerIndex(1);
  const consumer = new Counting("one", ["a"]);
  const other = new Counting("other", ["a"]);
  for (const each of [consumer, other]) index.add(each);
  for (let i = 1; i <= 3; i++) index.stored(i, "a");
  consumer.restart(index);
  for (let i = 4; i <= 5; i++) index.stored(i, "a");
  assertEquals([consumer.count, consumer.log], [2, ["stored 4"]]);
  assertEquals([other.count, other.log], [5, ["stored 1"]]);
});

Deno.test("audience - with several filters each message is told, with none that has gone", () => {
  const index = new ConsumerIndex(1);
  const consumer = new Counting("one", ["a", "b"]);
  const gone = new Counting("gone", ["a"]);
  index.add(consumer);
  index.add(gone);
  index.remove(gone);
  for (const [i, subject] of ["a", "b", "c", "a"].entries()) {
    index.stored(i + 1, subject);
  }
  assertEquals(consumer.log, ["stored 1", "stored 2", "stored 4"]);
  assertEquals([consumer.count, gone.count], [3, 0]);
  index.settled();
  assertEquals(gone.log, []);
  index.remove(consumer);
  assertEquals(index.hasInterest("a"), false);
});

Deno.test("audience - other filters, another audience", () => {
  const index = new ConsumerIndex(1);
  const filters = ["a"];
  const consumer = new Counting("one", filters);
  const other = new Counting("other", ["b"]);
  index.add(consumer);
  index.add(other);
  index.stored(1, "a");
  index.stored(2, "b");
  filters[0] = "b";
  index.refilter(consumer);
  consumer.restart(index);
  index.stored(3, "a");
  index.stored(4, "b");
  assertEquals([consumer.count, other.count], [1, 2]);
  index.settled();
  for (const each of [consumer, other]) {
    assertEquals(each.log.at(-1), "settled");
  }
});
