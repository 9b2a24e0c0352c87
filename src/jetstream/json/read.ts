/**
 * From bytes to structures.
 *
 * @module
 */

import type { Kind } from "./kind.ts";
import { JsonError, Reading } from "./reading.ts";
import { JsonScanner, JsonSyntaxError } from "./scanner.ts";

/**
 * Reads a request: values that follow each other add to what came before, no
 * value at all is the zero value, and a field that nobody knows is a fault.
 * @throws JsonError
 */
export function readStrictly<T>(kind: Kind<T>, bytes: Uint8Array): T {
  const scanner = new JsonScanner(bytes);
  let value = kind.zero();
  try {
    for (let node = scanner.next(); node !== null; node = scanner.next()) {
      const reading = new Reading(true);
      value = kind.read(node, value, reading);
      if (reading.error !== null) throw reading.error;
    }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new JsonError(`${error.message} at offset ${error.offset}`);
  }
  return value;
}

/**
 * Reads exactly one value; fields that nobody knows are passed over.
 * @throws JsonError
 */
export function readLeniently<T>(kind: Kind<T>, bytes: Uint8Array): T {
  const scanner = new JsonScanner(bytes);
  const node = scanner.whole();
  const reading = new Reading(false);
  const value = kind.read(node, kind.zero(), reading);
  if (reading.error !== null) throw reading.error;
  return value;
}
