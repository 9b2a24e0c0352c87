/**
 * Work that is done step by step, while other things happen to the stream.
 */

import { assert, assertEquals } from "@std/assert";
import type { Work } from "../../../src/connection/mod.ts";
import { StoreError, type StreamStore } from "../../../src/store/mod.ts";
import { SubjectFilter } from "../../../src/subject/mod.ts";
import { FileWorld } from "./file_world.ts";
import {
  type Dice,
  memoryStore,
  message,
  NO_LIMITS,
  SeededRandom,
} from "./support.ts";

const MESSAGES = 1500;
const SUBJECTS = 200;
const HISTORIES = 60;
/** So small that a stream has many blocks. */
const BLOCK_SIZE = 4096;

/** Something that takes many steps. */
interface Case {
  readonly name: string;
  begin(store: StreamStore): Work<unknown>;
  /** What of `there` is to go, by sequence and subject. */
  gone(there: readonly Held[]): readonly Held[];
}

interface Held {
  readonly sequence: number;
  readonly subject: string;
}

const STAR = SubjectFilter.of("s.*.even");
const isEven = ({ subject }: Held) => STAR.matches(subject);

const CASES: readonly Case[] = [
  {
    name: "compaction",
    begin: (store) => store.compacting(1001),
    gone: (there) => there.filter(({ sequence }) => sequence < 1001),
  },
  {
    name: "purge by subject",
    begin: (store) => store.purgingMatching(STAR, 0, 0),
    gone: (there) => there.filter(isEven),
  },
  {
    name: "purge by subject and sequence",
    begin: (store) => store.purgingMatching(STAR, 900, 0),
    gone: (there) =>
      there.filter((each) => isEven(each) && each.sequence < 900),
  },
  {
    name: "purge of all but a few of some subjects",
    begin: (store) => store.purgingMatching(STAR, 0, 20),
    gone: (there) => there.filter(isEven).slice(0, -20),
  },
  {
    name: "purge of all but a few",
    begin: (store) => store.purgingMatching(SubjectFilter.ALL, 0, 70),
    gone: (there) => there.slice(0, -70),
  },
];

function subjectOf(i: number): string {
  return `s.${i % SUBJECTS}.${i % 2 === 0 ? "even" : "odd"}`;
}

function fill(store: StreamStore): void {
  for (let i = 0; i < MESSAGES; i++) store.append(message(subjectOf(i), "xyz"));
}

function held(store: StreamStore): Held[] {
  const all: Held[] = [];
  for (let at = 1;;) {
    const found = store.loadNext(SubjectFilter.ALL, at);
    if (found === null) return all;
    const { sequence, subject } = found;
    all.push({ sequence, subject });
    at = sequence + 1;
  }
}

/** Totals and subjects must agree with what is there, at any time. */
function check(store: StreamStore): void {
  const all = held(store);
  const { messages, firstSequence, subjects } = store.state();
  assertEquals(messages, all.length);
  assertEquals(firstSequence, all[0]?.sequence ?? store.lastSequence + 1);
  assertEquals(subjects, new Set(all.map(({ subject }) => subject)).size);
  const even = all.filter(isEven);
  assertEquals(store.filteredState(STAR, 1), {
    messages: even.length,
    firstSequence: even[0]?.sequence ?? 0,
    lastSequence: even.at(-1)?.sequence ?? 0,
  });
}

/** Does something else. @returns the sequence that it has removed; 0: none */
function disturb(store: StreamStore, dice: Dice): number {
  const choice = dice.below(6);
  if (choice < 3) {
    store.append(message(subjectOf(dice.below(2 * SUBJECTS)), "later"));
    return 0;
  }
  if (choice === 3) {
    // So that ids of subjects are given out again.
    store.append(message(`new.${dice.below(1000)}`));
    return 0;
  }
  const sequence = 1 + dice.below(store.lastSequence);
  return store.remove(sequence) ? sequence : 0;
}

function runCase(
  { begin, gone }: Case,
  store: StreamStore,
  dice: Dice,
): number {
  fill(store);
  const going = new Set(gone(held(store)).map(({ sequence }) => sequence));
  const removed = new Set<number>();
  const work = begin(store);
  let steps = 0;
  for (let step = work.next(); !step.done; step = work.next()) {
    steps++;
    if (dice.below(3) === 0) removed.add(disturb(store, dice));
    if (dice.below(8) === 0) check(store);
  }
  check(store);
  const left = new Set(held(store).map(({ sequence }) => sequence));
  for (let i = 1; i <= store.lastSequence; i++) {
    assertEquals(left.has(i), !going.has(i) && !removed.has(i), `${i}`);
  }
  return steps;
}

for (const each of CASES) {
  Deno.test(`slices - others may change a stream during a ${each.name}`, () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const dice = new SeededRandom(seed);
      const isFile = seed % 2 === 0;
      const store = isFile
        ? new FileWorld({ blockSize: BLOCK_SIZE }).open()
        : memoryStore();
      const steps = runCase(each, store, dice);
      assert(steps > 1, `${steps} steps`);
      store.stop();
    }
  });

  Deno.test(`slices - a ${each.name} may end half way`, () => {
    for (let seed = 1; seed <= HISTORIES / 3; seed++) {
      const dice = new SeededRandom(seed);
      const world = new FileWorld({ blockSize: BLOCK_SIZE });
      const store = world.open();
      fill(store);
      const going = new Set(
        each.gone(held(store)).map(({ sequence }) => sequence),
      );
      const work = each.begin(store);
      for (let i = dice.below(12); i >= 0; i--) work.next();
      const { messages } = store;
      store.stop();
      let refused: unknown = null;
      try {
        for (let step = work.next(); !step.done; step = work.next());
      } catch (error) {
        refused = error;
      }
      const again = world.open();
      check(again);
      // The stop may complete what can't be left half done.
      assert(again.messages <= messages);
      const left = new Set(held(again).map(({ sequence }) => sequence));
      for (let i = 1; i <= MESSAGES; i++) {
        if (!going.has(i)) assert(left.has(i), `${i}`);
      }
      assert(refused === null || refused instanceof StoreError);
      again.stop();
    }
  });
}

for (const each of CASES) {
  Deno.test(`slices - the power may fail during a ${each.name}`, async () => {
    for (let seed = 1; seed <= HISTORIES / 3; seed++) {
      const dice = new SeededRandom(seed);
      const world = new FileWorld({ blockSize: BLOCK_SIZE, syncAlways: true });
      const store = world.open();
      fill(store);
      store.flush();
      const settled = store.settled();
      await world.pass(100);
      await settled;
      const going = new Set(
        each.gone(held(store)).map(({ sequence }) => sequence),
      );
      const work = each.begin(store);
      for (let i = dice.below(12); i >= 0; i--) {
        work.next();
        if (dice.below(2) === 0) store.flush();
      }
      world.host.crash();
      world.host.restart();
      const again = world.open();
      check(again);
      const left = new Set(held(again).map(({ sequence }) => sequence));
      for (let i = 1; i <= MESSAGES; i++) {
        if (!going.has(i)) assert(left.has(i), `${i}`);
      }
      assertEquals(again.lastSequence, MESSAGES);
      again.stop();
    }
  });
}

Deno.test("slices - new limits are in force at once, and take little by little", () => {
  for (
    const limits of [
      { maxMessages: 200 },
      { maxBytes: 9000 },
      { maxMessagesPerSubject: 3 },
      { maxMessagesPerSubject: 3, maxMessages: 50 },
    ]
  ) {
    for (
      const store of [
        memoryStore(),
        new FileWorld({ blockSize: BLOCK_SIZE }).open(),
      ]
    ) {
      fill(store);
      const work = store.updatingLimits({ ...NO_LIMITS, ...limits });
      let steps = 0;
      for (let step = work.next(); !step.done; step = work.next()) {
        steps++;
        const before = store.messages;
        store.append(message(subjectOf(steps)));
        // What comes does not wait for all that has to go.
        assert(store.messages > before - 10);
        check(store);
      }
      assert(steps > 1, `${steps} steps`);
      check(store);
      const { maxMessages, maxBytes, maxMessagesPerSubject } = {
        ...NO_LIMITS,
        ...limits,
      };
      if (maxMessages > 0) assert(store.messages <= maxMessages);
      if (maxBytes > 0) assert(store.bytes <= maxBytes);
      if (maxMessagesPerSubject > 0) {
        for (const count of store.subjectTotals(SubjectFilter.ALL).values()) {
          assert(count <= maxMessagesPerSubject);
        }
      }
      store.append(message("s.0.even"));
      check(store);
      store.stop();
    }
  }
});

Deno.test("slices - times to live that were not in force are found little by little", async () => {
  const world = new FileWorld({ blockSize: BLOCK_SIZE });
  const store = world.open();
  for (let i = 0; i < MESSAGES; i++) {
    store.append(message("a", "x", i % 2 === 0 ? "ttl=1" : ""));
  }
  const work = store.updatingLimits({ ...NO_LIMITS, allowTtl: true });
  let steps = 0;
  for (let step = work.next(); !step.done; step = work.next()) {
    steps++;
    store.append(message("a", "x", "ttl=1", 1));
  }
  assert(steps > 1);
  await world.pass(5000);
  assertEquals(store.messages, MESSAGES / 2);
  store.stop();
});

Deno.test("slices - the next of some subjects is found while others come and go", () => {
  const filter = SubjectFilter.of("s.*.rare", "new.>");
  let rests = 0;
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const dice = new SeededRandom(seed);
    const store = memoryStore();
    fill(store);
    // Sometimes there is none, and it takes long to know.
    for (let i = dice.below(6); i > 0; i--) {
      store.append(message(`s.${dice.below(SUBJECTS)}.rare`));
    }
    fill(store);
    const matching = () =>
      held(store).filter(({ subject }) => filter.matches(subject));
    const from = 1 + dice.below(MESSAGES / 2);
    const before = matching().filter(({ sequence }) => sequence >= from);
    assertEquals(store.firstMatch(filter, from), before[0]?.sequence ?? 0);
    const work = store.findingFirst(filter, from);
    let step = work.next();
    for (; !step.done; step = work.next()) {
      rests++;
      disturb(store, dice);
      const [first] = matching();
      if (first !== undefined && dice.below(3) === 0) {
        store.remove(first.sequence);
      }
    }
    const found = step.value;
    const after = new Set(matching().map(({ sequence }) => sequence));
    assert(found === 0 || after.has(found), `${found}`);
    for (const { sequence } of before) {
      const isPassedOver = sequence < found || found === 0;
      assert(!isPassedOver || !after.has(sequence), `${sequence}`);
    }
    store.stop();
  }
  assert(rests > HISTORIES, `${rests}`);
});
