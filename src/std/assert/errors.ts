import { stripVTControlCharacters } from "node:util";
import { AssertionError, suffix } from "./assertion_error.ts";

// deno-lint-ignore no-explicit-any
type AnyClass<E> = abstract new (...args: any[]) => E;

/** Asserts that `error` is an `ErrorClass` whose message includes or matches. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: AnyClass<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw new AssertionError(
      `Expected "error" to be an Error object${suffix(msg)}`,
    );
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was "${error.constructor.name}" (${error.message})${
        suffix(msg)
      }`,
      { cause: error },
    );
  }
  if (!msgMatches) return;
  const text = stripVTControlCharacters(error.message);
  const holds = typeof msgMatches === "string"
    ? text.includes(stripVTControlCharacters(msgMatches))
    : msgMatches.test(text);
  if (holds) return;
  const wanted = typeof msgMatches === "string"
    ? JSON.stringify(msgMatches)
    : msgMatches.toString();
  throw new AssertionError(
    `Expected error message to include ${wanted}, but got ${
      JSON.stringify(error.message)
    }${suffix(msg)}`,
  );
}

/** Asserts that `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that `fn` throws an `ErrorClass`; returns the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: AnyClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClassOrMsg?: AnyClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const wanted = expectation(errorClassOrMsg, msgIncludes, msg);
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
    checkThrown(thrown, wanted, "thrown");
    return thrown;
  }
  throw new AssertionError(`Expected function to throw${suffix(wanted.msg)}`);
}

/** Asserts that the promise of `fn` rejects; resolves to the reason. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Asserts that the promise of `fn` rejects with an `ErrorClass`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: AnyClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClassOrMsg?: AnyClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const wanted = expectation(errorClassOrMsg, msgIncludes, msg);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (cause) {
    throw new AssertionError(
      `Function throws when expected to reject${suffix(wanted.msg)}`,
      { cause },
    );
  }
  if (typeof promise?.then !== "function") {
    throw new AssertionError(
      `Function throws when expected to reject${suffix(wanted.msg)}`,
    );
  }
  try {
    await promise;
  } catch (reason) {
    checkThrown(reason, wanted, "rejected");
    return reason;
  }
  throw new AssertionError(`Expected function to reject${suffix(wanted.msg)}`);
}

interface Expectation<E extends Error> {
  readonly ErrorClass: AnyClass<E> | undefined;
  readonly msgIncludes: string | undefined;
  readonly msg: string | undefined;
}

function expectation<E extends Error>(
  errorClassOrMsg: AnyClass<E> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): Expectation<E> {
  return typeof errorClassOrMsg === "string"
    ? { ErrorClass: undefined, msgIncludes: undefined, msg: errorClassOrMsg }
    : { ErrorClass: errorClassOrMsg, msgIncludes, msg };
}

function checkThrown<E extends Error>(
  thrown: unknown,
  wanted: Expectation<E>,
  how: "thrown" | "rejected",
): void {
  if (wanted.ErrorClass === undefined) return;
  if (!(thrown instanceof Error)) {
    throw new AssertionError(
      `A non-Error object was ${how}${suffix(wanted.msg)}`,
    );
  }
  assertIsError(thrown, wanted.ErrorClass, wanted.msgIncludes, wanted.msg);
}
