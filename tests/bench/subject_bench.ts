/**
 * What matching and inserting cost. `deno bench -A tests/bench/subject_bench.ts`
 *
 * One iteration does a thousand operations, so read µs as ns per operation.
 * Budgets: cached literal 30 ns, uncached literal among 100,000 300 ns,
 * wildcard-heavy 600 ns, insert 1.5 µs, 250 bytes of memory per literal
 * subscription with a million distinct subjects.
 *
 * @module
 */

import {
  type IndexedSubscription,
  subjectToBytes,
  SubscriptionIndex,
} from "../../src/subject/mod.ts";

const OPERATIONS = 1000;
const SUBJECTS = 100_000;

interface Probe {
  readonly buffer: Uint8Array;
  readonly ends: readonly number[];
}

/** Subjects one after another in one buffer, as a read buffer holds them. */
function probe(subjects: readonly string[]): Probe {
  const ends: number[] = [];
  let end = 0;
  for (const subject of subjects) ends.push(end += subject.length);
  return { buffer: subjectToBytes(subjects.join("")), ends };
}

function matchAll(
  index: SubscriptionIndex<IndexedSubscription>,
  { buffer, ends }: Probe,
): number {
  let start = 0;
  let found = 0;
  for (const end of ends) {
    found += index.match(buffer, start, end).plain.length;
    start = end;
  }
  return found;
}

/** A fixed permutation, so that neighbours in time are not so in memory. */
function scattered(i: number): number {
  return (i * 48_271) % SUBJECTS;
}

function plain(subject: string): IndexedSubscription {
  return { subject, queue: null };
}

function literal(i: number): string {
  return `orders.region${i % 10}.${i}`;
}

function literalIndex(
  cacheSize: number,
): SubscriptionIndex<IndexedSubscription> {
  const index = new SubscriptionIndex({ seed: 7, cacheSize });
  for (let i = 0; i < SUBJECTS; i++) index.insert(plain(literal(i)));
  return index;
}

/** Subscriptions of which six match every subject of `wildcardSubject`. */
function wildcardIndex(
  cacheSize: number,
): SubscriptionIndex<IndexedSubscription> {
  const index = new SubscriptionIndex({ seed: 7, cacheSize });
  for (let i = 0; i < 1000; i++) {
    for (const pattern of [`app.*.device${i}.>`, `app.eu.device${i}.*`]) {
      index.insert(plain(pattern));
    }
    index.insert(plain(`other.${i}.*.x`));
  }
  for (const pattern of ["app.>", "*.*.*.temp", "app.eu.>", "*.eu.*.*"]) {
    index.insert(plain(pattern));
  }
  return index;
}

const hot = literalIndex(1024);
const hotProbe = probe(
  Array.from({ length: OPERATIONS }, (_, i) => literal(i % 100)),
);
matchAll(hot, hotProbe);
Deno.bench("match, cached literal × 1000", () => {
  if (matchAll(hot, hotProbe) !== OPERATIONS) throw new Error("wrong count");
});

const missProbe = probe(
  Array.from({ length: OPERATIONS }, (_, i) => `quiet.${i % 100}.nothing`),
);
matchAll(hot, missProbe);
Deno.bench("match, cached no match × 1000", () => {
  if (matchAll(hot, missProbe) !== 0) throw new Error("wrong count");
});

const cold = literalIndex(0);
const coldProbes = Array.from({ length: 100 }, (_, round) =>
  probe(Array.from(
    { length: OPERATIONS },
    (_, i) => literal(scattered(round * OPERATIONS + i)),
  )));
let round = 0;
Deno.bench("match, uncached literal among 100,000 × 1000", () => {
  const next = coldProbes[round++ % coldProbes.length];
  if (next === undefined || matchAll(cold, next) !== OPERATIONS) {
    throw new Error("wrong count");
  }
});

const missing = literalIndex(1024);
Deno.bench("match, literal among 100,000 missing the cache × 1000", () => {
  const next = coldProbes[round++ % coldProbes.length];
  if (next === undefined || matchAll(missing, next) !== OPERATIONS) {
    throw new Error("wrong count");
  }
});

const wild = wildcardIndex(0);
const wildProbe = probe(
  Array.from({ length: OPERATIONS }, (_, i) => `app.eu.device${i}.temp`),
);
Deno.bench("match, uncached, six wildcards match × 1000", () => {
  if (matchAll(wild, wildProbe) !== 6 * OPERATIONS) {
    throw new Error("wrong count");
  }
});

const inserts = Array.from(
  { length: SUBJECTS },
  (_, i) => plain(literal(scattered(i))),
);
const inboxes = Array.from(
  { length: SUBJECTS },
  (_, i) => plain(`_INBOX.${scattered(i).toString(36).padStart(22, "Z")}.*`),
);
for (
  const [name, subscriptions] of [
    ["literal", inserts],
    ["inbox wildcard", inboxes],
  ] as const
) {
  let index = new SubscriptionIndex<IndexedSubscription>({ seed: 7 });
  let next = 0;
  Deno.bench(`insert, ${name} × 1000`, () => {
    if (next === SUBJECTS) {
      index = new SubscriptionIndex({ seed: 7 });
      next = 0;
    }
    for (const stop = next + OPERATIONS; next < stop; next++) {
      const subscription = subscriptions[next];
      if (subscription !== undefined) index.insert(subscription);
    }
  });
}

const churn = literalIndex(1024);
const passing = plain("orders.region1.passing");
Deno.bench("insert and remove, literal among 100,000 × 1000", () => {
  for (let i = 0; i < OPERATIONS; i++) {
    churn.insert(passing);
    churn.remove(passing);
  }
});
