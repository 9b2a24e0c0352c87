import { AssertionError as NodeAssertionError } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";
import { AssertionError, suffix } from "./assertion_error.ts";

/** Whether two values have the same structure and contents. */
export function equal(a: unknown, b: unknown): boolean {
  return a === b || isDeepStrictEqual(a, b) ||
    isDeepStrictEqual(relaxed(a), relaxed(b));
}

/**
 * A copy in which what `node:util` alone tells apart looks the same: objects
 * without prototype and plain ones, negative zero and zero.
 */
function relaxed(value: unknown, copies = new Map<object, object>()): unknown {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    copies.set(value, copy);
    for (const item of value) copy.push(relaxed(item, copies));
    return copy;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  const copy = {};
  copies.set(value, copy);
  for (const key of Reflect.ownKeys(value)) {
    Reflect.set(copy, key, relaxed(Reflect.get(value, key), copies));
  }
  return copy;
}

/** Asserts that `actual` has the structure and contents of `expected`. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${suffix(msg)}\n${difference(actual, expected)}`,
  );
}

/** Asserts that `actual` differs from `expected` in structure or contents. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${format(actual)} not to be: ${format(expected)}${
      suffix(msg)
    }`,
  );
}

/** Asserts that both are the same value in the sense of `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(
    isDeepStrictEqual(actual, expected)
      ? `Values have the same structure but are not reference-equal${
        suffix(msg)
      }\n\n${format(actual)}`
      : `Values are not strictly equal${suffix(msg)}\n${
        difference(actual, expected)
      }`,
  );
}

/** Asserts that the values are not the same in the sense of `Object.is`. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!Object.is(actual, expected)) return;
  throw new AssertionError(
    `Expected "actual" to not be strictly equal to: ${format(actual)}${
      suffix(msg)
    }\n`,
  );
}

/** A value as it appears in messages. */
export function format(value: unknown): string {
  return inspect(value, {
    depth: 20,
    sorted: true,
    maxArrayLength: 1000,
    maxStringLength: 10_000,
  });
}

function difference(actual: unknown, expected: unknown): string {
  return new NodeAssertionError({
    actual,
    expected,
    operator: "deepStrictEqual",
  }).message;
}
