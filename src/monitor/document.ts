/**
 * Documents: trees of plain values written as JSON, as Go's encoder writes
 * them, in slices.
 *
 * Fields that are `undefined` are left out. A list may be any iterable; its
 * elements are made as they are written, so that a long one need not exist at
 * once. A `Map` is an object with its keys in order.
 *
 * @module
 */

import { encodeGoJson } from "../protocol/mod.ts";
import type { Pacer } from "./pacer.ts";

/** Characters that are gathered before they are handed on. */
const CHUNK = 32_768;

/** Collects text. */
class Writer {
  text = "";
  readonly #indent: string;

  /** @param indent blanks per level; empty: everything on one line */
  constructor(indent: string) {
    this.#indent = indent;
  }

  /** Writes a value; pauses behind each element of a list. */
  *value(value: unknown, level: number): Generator<void> {
    if (typeof value !== "object" || value === null) {
      this.text += typeof value === "bigint" ? value : encodeGoJson(value);
    } else if (value instanceof Map) {
      yield* this.#fields(sorted(value), level);
    } else if (Symbol.iterator in value) {
      yield* this.#list(value as Iterable<unknown>, level);
    } else if ("toJSON" in value && typeof value.toJSON === "function") {
      yield* this.value(value.toJSON(), level);
    } else {
      yield* this.#fields(Object.entries(value), level);
    }
  }

  *#fields(
    fields: Iterable<readonly [string, unknown]>,
    level: number,
  ): Generator<void> {
    let first = true;
    this.text += "{";
    const colon = this.#indent === "" ? ":" : ": ";
    for (const [name, value] of fields) {
      if (value === undefined) continue;
      this.#separate(first, level + 1);
      first = false;
      this.text += encodeGoJson(name) + colon;
      yield* this.value(value, level + 1);
    }
    this.#end(first, "}", level);
  }

  *#list(elements: Iterable<unknown>, level: number): Generator<void> {
    let first = true;
    this.text += "[";
    for (const element of elements) {
      this.#separate(first, level + 1);
      first = false;
      yield* this.value(element, level + 1);
      yield;
    }
    this.#end(first, "]", level);
  }

  #separate(first: boolean, level: number): void {
    if (!first) this.text += ",";
    this.#newLine(level);
  }

  #end(empty: boolean, bracket: string, level: number): void {
    if (!empty) this.#newLine(level);
    this.text += bracket;
  }

  #newLine(level: number): void {
    if (this.#indent !== "") this.text += "\n" + this.#indent.repeat(level);
  }
}

function sorted(map: Map<unknown, unknown>): [string, unknown][] {
  return [...map].map(([key, value]): [string, unknown] => [
    String(key),
    value,
  ]).sort(([a], [b]) => a < b ? -1 : 1);
}

/**
 * Writes a document in pieces, giving way to others in between.
 * @param indent blanks per level; empty: everything on one line
 */
export async function* writeDocument(
  document: unknown,
  indent: string,
  pacer: Pacer,
): AsyncGenerator<string> {
  const writer = new Writer(indent);
  for (const _ of writer.value(document, 0)) {
    if (writer.text.length >= CHUNK) {
      yield writer.text;
      writer.text = "";
    }
    if (pacer.due) await pacer.rest();
  }
  yield writer.text;
}

/** A short document at once, on one line. */
export function documentText(document: unknown): string {
  const writer = new Writer("");
  const steps = writer.value(document, 0);
  while (steps.next().done !== true);
  return writer.text;
}

/** Leaves a field out when it is empty, zero or false. */
export function orOmit<T>(value: T): T | undefined {
  const empty = value === "" || value === 0 || value === false ||
    (Array.isArray(value) && value.length === 0) ||
    ((value instanceof Map || value instanceof Set) && value.size === 0);
  return empty ? undefined : value;
}
