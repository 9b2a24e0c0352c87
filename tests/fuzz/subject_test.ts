/**
 * The subscription index against a list that is searched from end to end, and
 * validation and transforms fed with arbitrary bytes.
 *
 * Replay a failure with the seed it prints: `FUZZ_SEED=<seed> deno task test`.
 */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import {
  bytesToSubject,
  createTransform,
  type IndexedSubscription,
  isByteString,
  isLiteral,
  isSubsetMatch,
  isValid,
  isValidLiteral,
  isValidLiteralSubject,
  isValidPublishSubject,
  isValidSubject,
  matchesPattern,
  type MatchResult,
  subjectsCollide,
  subjectToBytes,
  SubjectTransformError,
  SubscriptionIndex,
  validateMapping,
} from "../../src/subject/mod.ts";
import { SeededRandom } from "../sim/ports/random.ts";
import { print } from "../tools/print.ts";

const seed = Number(Deno.env.get("FUZZ_SEED") ?? 20_260_731);
const ROUNDS = 40;
const STEPS = 1500;

interface Sub extends IndexedSubscription {
  readonly number: number;
}

/** What the index is judged by: as slow and plain as it can be. */
class LinearIndex {
  readonly subs = new Map<Sub, RegExp>();

  match(subject: string): { plain: Sub[]; groups: Map<string, Sub[]> } {
    const plain: Sub[] = [];
    const groups = new Map<string, Sub[]>();
    for (const [sub, pattern] of this.subs) {
      if (!pattern.test(subject)) continue;
      if (sub.queue === null) plain.push(sub);
      else groups.set(sub.queue, [...groups.get(sub.queue) ?? [], sub]);
    }
    return { plain, groups };
  }
}

/** The subjects that a pattern matches, as a regular expression. */
function expressionOf(pattern: string): RegExp {
  const tokens = pattern.split(".").map((token, i, { length }) => {
    if (token === "*") return "[^.]+";
    if (token === ">" && i === length - 1) return "[^.]+(?:\\.[^.]+)*";
    return token.replace(
      /[^a-z0-9]/g,
      (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
  });
  return new RegExp(`^${tokens.join("\\.")}$`);
}

/** Few tokens, so that subjects meet; some long, some look like wildcards. */
const TOKENS = [
  "a",
  "b",
  "c",
  "ab",
  "*x",
  ">>",
  "\xff\x00",
  "a-much-longer-token-than-the-others",
  "y".repeat(70),
];

function draw(random: SeededRandom, wildcards: number): string {
  const length = 1 + random.below(4);
  const tokens: string[] = [];
  for (let i = 0; i < length; i++) {
    if (!random.chance(wildcards)) tokens.push(random.pick(TOKENS));
    else if (i === length - 1 && random.chance(0.5)) tokens.push(">");
    else tokens.push("*");
  }
  return tokens.join(".");
}

function sorted(subs: Iterable<Sub>): number[] {
  return [...subs].map(({ number }) => number).sort((a, b) => a - b);
}

function compareMatch(
  index: SubscriptionIndex<Sub>,
  twin: LinearIndex,
  subject: string,
): void {
  const buffer = subjectToBytes(`x${subject}y`);
  const expected = twin.match(subject);
  const end = 1 + subject.length;
  compareResult(index.match(buffer, 1, end), expected, subject);
  compareResult(index.matchOnce(buffer, 1, end), expected, subject);
  const interest = expected.plain.length + expected.groups.size > 0;
  assertEquals(index.hasInterest(subject), interest, subject);
}

function compareResult(
  found: MatchResult<Sub>,
  expected: ReturnType<LinearIndex["match"]>,
  subject: string,
): void {
  assertEquals(sorted(found.plain), sorted(expected.plain), subject);
  const groups = new Map<string, readonly Sub[]>();
  for (const group of found.queues) groups.set(group[0]?.queue ?? "", group);
  assertEquals(groups.size, found.queues.length, subject);
  assertEquals([...groups.keys()].sort(), [...expected.groups.keys()].sort());
  for (const [queue, members] of expected.groups) {
    assertEquals(sorted(groups.get(queue) ?? []), sorted(members), subject);
  }
}

function reverseMatch(twin: LinearIndex, pattern: string): number[] {
  const subs = [...twin.subs.keys()];
  return sorted(
    subs.filter(({ subject }) => subjectsCollide(subject, pattern)),
  );
}

/** One life of an index, with its own mix of operations and size of cache. */
function live(random: SeededRandom): void {
  const index = new SubscriptionIndex<Sub>({
    seed: random.next(),
    cacheSize: random.pick([0, 1, 4, 16, 64, 1024]),
  });
  const twin = new LinearIndex();
  const inserting = random.between(0.1, 0.5);
  const removing = random.between(0, inserting);
  const wildcards = random.pick([0, 0.1, 0.5]);
  // Results handed out must stay as they were.
  const kept: { plain: readonly Sub[]; copy: Sub[] }[] = [];
  for (let step = 0; step < STEPS; step++) {
    const subs = [...twin.subs.keys()];
    if (random.chance(inserting)) {
      const subject = draw(random, wildcards);
      const queue = random.chance(0.3) ? random.pick(["q", "r", "s"]) : null;
      const sub: Sub = { subject, queue, number: step };
      index.insert(sub);
      twin.subs.set(sub, expressionOf(subject));
    } else if (subs.length > 0 && random.chance(removing)) {
      const gone = random.chance(0.05)
        ? subs.filter(() => random.chance(0.5))
        : [random.pick(subs)];
      index.removeBatch(gone);
      for (const sub of gone) twin.subs.delete(sub);
    } else {
      const subject = draw(random, 0);
      compareMatch(index, twin, subject);
      const { plain } = index.matchSubject(subject);
      if (random.chance(0.05)) kept.push({ plain, copy: [...plain] });
    }
    assertEquals(index.count, twin.subs.size);
  }
  const pattern = draw(random, 0.5);
  const reversed = index.reverseMatch(pattern);
  assertEquals(
    sorted([...reversed.plain, ...reversed.queues.flat()]),
    reverseMatch(twin, pattern),
  );
  assertEquals(sorted(index), sorted(twin.subs.keys()));
  for (const { plain, copy } of kept) assertEquals(plain, copy);
  index.removeBatch([...index]);
  assertEquals(index.count, 0);
  assert(index.matchSubject("a").isEmpty);
}

Deno.test("the index agrees with a linear search", () => {
  print(`seed ${seed}`);
  const random = new SeededRandom(BigInt(seed));
  for (let round = 0; round < ROUNDS; round++) live(random.fork());
});

/** Bytes, with those that mean something more likely. */
const anyBytes = fc.array(
  fc.oneof(
    fc.constantFrom(...[..." .>*\t\r\nab$1{}(),"].map((c) => c.charCodeAt(0))),
    fc.nat(255),
  ),
  { maxLength: 24 },
).map((bytes) => Uint8Array.from(bytes));
const anySubject = anyBytes.map((bytes) =>
  bytesToSubject(bytes, 0, bytes.length)
);
const options = { seed, numRuns: 20_000 };

Deno.test("checks of bytes and of strings agree", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const subject = bytesToSubject(bytes, 0, bytes.length);
      assertEquals(subjectToBytes(subject), bytes);
      assert(isByteString(subject));
      assertEquals(isValid(bytes, 0, bytes.length), isValidSubject(subject));
      assertEquals(
        isValidLiteral(bytes, 0, bytes.length),
        isValidLiteralSubject(subject),
      );
      assertEquals(
        isValidPublishSubject(subject),
        isValidSubject(subject) && isValidLiteralSubject(subject),
      );
    }),
    options,
  );
});

Deno.test("relations between subjects agree with each other", () => {
  const subject = fc.array(fc.constantFrom("a", "b", "*", "*a"), {
    minLength: 1,
    maxLength: 4,
  });
  const pattern = fc.tuple(subject, fc.boolean()).map(([tokens, open]) =>
    [...tokens, ...open ? [">"] : []].join(".")
  );
  fc.assert(
    fc.property(pattern, pattern, (a, b) => {
      if (isLiteral(a)) {
        assertEquals(matchesPattern(a, b), expressionOf(b).test(a));
        assertEquals(isSubsetMatch(a, b), matchesPattern(a, b));
      }
      if (isSubsetMatch(a, b)) assert(subjectsCollide(a, b));
      if (isSubsetMatch(a, b) && isSubsetMatch(b, a)) assertEquals(a, b);
      assertEquals(subjectsCollide(a, b), subjectsCollide(b, a));
    }),
    options,
  );
});

const call = fc.tuple(
  fc.constantFrom(
    "wildcard",
    "partition",
    "split",
    "SplitFromLeft",
    "SplitFromRight",
    "SliceFromLeft",
    "SliceFromRight",
    "left",
    "right",
    "random",
    "other",
  ),
  fc.array(fc.oneof(fc.integer({ min: -2, max: 9 }).map(String), anySubject), {
    maxLength: 3,
  }),
).map(([name, args]) => `{{${name}(${args.join(",")})}}`);
const destination = fc.array(
  fc.oneof(call, fc.constantFrom("$1", "$2", "$x", "a", ">"), anySubject),
  { minLength: 1, maxLength: 4 },
).map((tokens) => tokens.join("."));
const source = fc.oneof(
  fc.constantFrom("*", "*.*", "a.*.>", ">", "a", "a.b", ""),
  anySubject,
);

Deno.test("transforms are made or refused, and then always transform", () => {
  const random = new SeededRandom(BigInt(seed));
  let made = 0;
  fc.assert(
    fc.property(source, destination, anySubject, (from, to, subject) => {
      try {
        validateMapping(from, to, random);
        const transform = createTransform(from, to, { random });
        const outcome = transform?.match(subject) ?? "";
        assert(isByteString(outcome));
        assert(isByteString(transform?.apply(subject) ?? ""));
        made++;
      } catch (error) {
        if (!(error instanceof SubjectTransformError)) throw error;
      }
    }),
    options,
  );
  assert(made > 100, `only ${made} transforms came about`);
});

Deno.test("a strict transform and its reverse undo each other", () => {
  const random = new SeededRandom(BigInt(seed));
  const letter = fc.constantFrom("a", "b", "*");
  const pattern = fc.array(letter, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(pattern, fc.boolean(), (tokens, open) => {
      const wildcards = tokens.filter((token) => token === "*").length;
      const order = Array.from({ length: wildcards }, (_, i) => `$${i + 1}`);
      order.sort(() => random.next() - 2 ** 31);
      const tail = open ? [">"] : [];
      const transform = createTransform(
        [...tokens, ...tail].join("."),
        ["to", ...order, ...tail].join("."),
        { random, strict: true },
      );
      const subject = [
        ...tokens.map((token) => token === "*" ? `${random.next()}` : token),
        ...open ? ["t", "u"] : [],
      ].join(".");
      const back = transform?.reverse();
      assertEquals(back?.match(transform?.match(subject) ?? ""), subject);
    }),
    { seed, numRuns: 2000 },
  );
});
