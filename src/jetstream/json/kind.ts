/**
 * Types of values as Go knows them: how each is written as JSON, read from it,
 * and complained about.
 *
 * What clients see of JetStream are Go structures; describing them as data
 * gives their writer, their reader and its errors at once. Text is text here,
 * not byte strings. Every field is always there, zero when it was not given.
 *
 * @module
 */

import { encodeGoJson } from "../../protocol/mod.ts";
import type { JsonNode } from "./node.ts";
import type { Reading } from "./reading.ts";

/** One type. */
export interface Kind<T> {
  /** As Go names it in errors. */
  readonly goType: string;
  zero(): T;
  /** Whether `omitempty` leaves it out. */
  isEmpty(value: T): boolean;
  write(value: T): string;
  /** The same as plain values, objects and lists: a document of monitoring. */
  tree(value: T): unknown;
  /**
   * What `node` makes of `previous`. What does not fit is reported and leaves
   * `previous` as it is. @throws JsonError for what ends the reading at once
   */
  read(node: JsonNode, previous: T, reading: Reading): T;
}

export const string: Kind<string> = {
  goType: "string",
  zero: () => "",
  isEmpty: (value) => value === "",
  write: encodeGoJson,
  tree: (value) => value,
  read(node, previous, reading) {
    if (node.type === "string") return node.value;
    return reading.mismatch(node, this.goType, previous);
  },
};

export const boolean: Kind<boolean> = {
  goType: "bool",
  zero: () => false,
  isEmpty: (value) => !value,
  write: String,
  tree: (value) => value,
  read(node, previous, reading) {
    if (node.type === "bool") return node.value;
    return reading.mismatch(node, this.goType, previous);
  },
};

/**
 * Integers of a width. Beyond 2^53 they lose precision, but the largest stays
 * the largest.
 */
function integer(goType: string, least: bigint, most: bigint): Kind<number> {
  const exactly = (value: number): number | bigint => {
    if (Number.isSafeInteger(value)) return value;
    const exact = BigInt(Math.trunc(value));
    return exact > most ? most : exact < least ? least : exact;
  };
  return {
    goType,
    zero: () => 0,
    isEmpty: (value) => value === 0,
    write: (value) => String(exactly(value)),
    tree: (value) => exactly(value),
    read(node, previous, reading) {
      if (node.type !== "number") {
        return reading.mismatch(node, goType, previous);
      }
      // More digits don't fit, and would take their time.
      if (/^-?\d{1,20}$/.test(node.raw)) {
        const exact = BigInt(node.raw);
        const fits = exact >= least && exact <= most &&
          (least < 0n || !node.raw.startsWith("-"));
        if (fits) return Number(exact);
      }
      return reading.mismatch(node, goType, previous, `number ${node.raw}`);
    },
  };
}

const signed = (bits: bigint): [bigint, bigint] => [
  -(2n ** (bits - 1n)),
  2n ** (bits - 1n) - 1n,
];

export const int: Kind<number> = integer("int", ...signed(64n));
export const int32: Kind<number> = integer("int32", ...signed(32n));
export const int64: Kind<number> = integer("int64", ...signed(64n));
export const uint64: Kind<number> = integer("uint64", 0n, 2n ** 64n - 1n);
/** Nanoseconds. */
export const duration: Kind<number> = integer("time.Duration", ...signed(64n));

/** Where Go has a pointer. */
export function nullable<T>(kind: Kind<T>): Kind<T | null> {
  return {
    goType: `*${kind.goType}`,
    zero: () => null,
    isEmpty: (value) => value === null,
    write: (value) => value === null ? "null" : kind.write(value),
    tree: (value) => value === null ? null : kind.tree(value),
    read(node, previous, reading) {
      if (node.type === "null") return null;
      return kind.read(node, previous ?? kind.zero(), reading);
    },
  };
}

/** A list; `null` reads as an empty one. */
export function list<T>(kind: Kind<T>, goType = `[]${kind.goType}`): Kind<T[]> {
  return {
    goType,
    zero: () => [],
    isEmpty: (value) => value.length === 0,
    write: (value) => `[${value.map((each) => kind.write(each)).join(",")}]`,
    tree: (value) => value.map((each) => kind.tree(each)),
    read(node, previous, reading) {
      if (node.type === "null") return [];
      if (node.type !== "array") {
        return reading.mismatch(node, goType, previous);
      }
      return node.items.map((item) => kind.read(item, kind.zero(), reading));
    },
  };
}

/** A map by text, written in the order of its keys. */
export function mapOf<T>(kind: Kind<T>): Kind<Map<string, T>> {
  const goType = `map[string]${kind.goType}`;
  return {
    goType,
    zero: () => new Map(),
    isEmpty: (value) => value.size === 0,
    write(value) {
      const entries = [...value].sort(([a], [b]) => compareBytes(a, b))
        .map(([key, each]) => `${encodeGoJson(key)}:${kind.write(each)}`);
      return `{${entries.join(",")}}`;
    },
    tree: (value) =>
      new Map([...value].map(([key, each]) => [key, kind.tree(each)])),
    read(node, previous, reading) {
      if (node.type === "null") return new Map();
      if (node.type !== "object") {
        return reading.mismatch(node, goType, previous);
      }
      const map = new Map(previous);
      for (const [key, value] of node.entries) {
        map.set(key, kind.read(value, kind.zero(), reading));
      }
      return map;
    },
  };
}

/**
 * One of some words, which a client must spell as they are.
 * @param others further spellings that are read
 * @param complaint of the JSON that is none of them
 */
export function oneOf<T extends string>(
  goType: string,
  words: readonly [T, ...T[]],
  { others = {}, complaint = "can not unmarshal", ignoreCase = false }: {
    readonly others?: Readonly<Record<string, T>>;
    readonly complaint?: "can not unmarshal" | `unknown ${string}:`;
    readonly ignoreCase?: boolean;
  } = {},
): Kind<T> {
  const spellings = new Map<string, T>([
    ...words.map((word): [string, T] => [`"${word}"`, word]),
    ...Object.entries(others).map(([word, meant]): [string, T] => [
      `"${word}"`,
      meant,
    ]),
  ]);
  return {
    goType,
    zero: () => words[0],
    isEmpty: (value) => value === words[0],
    write: (value) => `"${value}"`,
    tree: (value) => value,
    read(node, _previous, reading) {
      const raw = ignoreCase ? node.raw.toLowerCase() : node.raw;
      return spellings.get(raw) ?? reading.refuse(complaint, node);
    },
  };
}

/** Text in the order of its UTF-8 bytes, which is that of its code points. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points behind all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
