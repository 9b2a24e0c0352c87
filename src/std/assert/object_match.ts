import { assertEquals } from "./equality.ts";

/** Asserts that `actual` contains everything that `expected` has, at any depth. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals(restrict(actual, expected), plain(expected), msg);
}

/** The part of `value` that `pattern` speaks of, as plain data. */
function restrict(value: unknown, pattern: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(pattern)) {
    return pattern.map((wanted, i) =>
      i < value.length ? restrict(value[i], wanted) : undefined
    );
  }
  if (isContainer(value) && isContainer(pattern)) {
    return Object.fromEntries(
      Reflect.ownKeys(pattern)
        .filter((key) => key in value)
        .map((key) => [
          key,
          restrict(Reflect.get(value, key), Reflect.get(pattern, key)),
        ]),
    );
  }
  return value;
}

/** A copy without prototypes of its own, comparable with {@link restrict}. */
function plain(pattern: unknown): unknown {
  if (Array.isArray(pattern)) return pattern.map(plain);
  if (!isContainer(pattern)) return pattern;
  return Object.fromEntries(
    Reflect.ownKeys(pattern).map((key) => [
      key,
      plain(Reflect.get(pattern, key)),
    ]),
  );
}

/** Objects that are compared member by member rather than as one value. */
function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !ArrayBuffer.isView(value) &&
    !(value instanceof Date) && !(value instanceof RegExp) &&
    !(value instanceof Map) && !(value instanceof Set);
}
