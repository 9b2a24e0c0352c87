import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";

Deno.test("every assertion passes when it holds", async () => {
  assert(1);
  assertFalse(0);
  assertEquals({ a: [1, new Uint8Array([1])] }, {
    a: [1, new Uint8Array([1])],
  });
  assertEquals([0], [-0]);
  assertEquals(Object.assign(Object.create(null), { a: 1 }), { a: 1 });
  assertNotEquals([1], [2]);
  assertNotEquals<unknown>([1], { 0: 1 });
  assertStrictEquals(NaN, NaN);
  assertNotStrictEquals({}, {});
  assertExists(0);
  assertMatch("abc", /b/);
  assertStringIncludes("abc", "b");
  assertArrayIncludes([1, { a: 1 }], [{ a: 1 }]);
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess(1n, 2n);
  assertLessOrEqual("a", "a");
  assertAlmostEquals(1, 1 + 1e-9);
  assertInstanceOf(new TypeError(), Error);
  assertObjectMatch({ a: { b: 1, c: 2 }, d: [{ e: 1, f: 2 }] }, {
    a: { b: 1 },
    d: [{ e: 1 }],
  });
  const thrown = assertThrows(
    () => {
      throw new RangeError("too far");
    },
    RangeError,
    "far",
  );
  assertEquals(thrown.message, "too far");
  await assertRejects(() => Promise.reject(new Error("no")), Error, "no");
});

const failures: [string, () => unknown][] = [
  ["", () => assert(false)],
  ["Values are not equal", () => assertEquals({ a: 1 }, { a: 2 })],
  ["not to be", () => assertNotEquals([1], [1])],
  ["not reference-equal", () => assertStrictEquals([1], [1])],
  ["not strictly equal", () => assertStrictEquals(0, -0)],
  ["to not be null or undefined", () => assertExists(null)],
  ["to match", () => assertMatch("a", /b/)],
  ["to contain", () => assertStringIncludes("a", "b")],
  ["to include", () => assertArrayIncludes([1], [2])],
  ["Expect 1 > 1", () => assertGreater(1, 1)],
  ["Expect 1 < 1", () => assertLess(1, 1)],
  ["to be close to", () => assertAlmostEquals(1, 1.1)],
  ["instance of", () => assertInstanceOf({}, Date)],
  ["Values are not equal", () => assertObjectMatch({ a: 1 }, { a: 1, b: 2 })],
  ["Values are not equal", () => assertObjectMatch({ a: [] }, { a: [1] })],
  ["Expected function to throw", () => assertThrows(() => {})],
  ["Failed assertion: x", () => fail("x")],
  ["Unreachable", () => unreachable()],
];

Deno.test("every assertion throws AssertionError when it fails", async () => {
  for (const [message, run] of failures) {
    assertThrows(run, AssertionError, message);
  }
  await assertRejects(
    () => assertRejects(() => Promise.resolve()),
    AssertionError,
    "Expected function to reject",
  );
  await assertRejects(
    () => assertRejects(() => Promise.reject(new Error("a")), TypeError),
    AssertionError,
    "TypeError",
  );
});

Deno.test("a failed equality shows the lines that differ", () => {
  const error = assertThrows(
    () => assertEquals({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }),
    AssertionError,
  );
  assertMatch(error.message, /\+\s+2/);
  assertMatch(error.message, /-\s+3/);
});
