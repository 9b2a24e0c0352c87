/**
 * Distinguished names: the text form of RFC 4514, and when two are the same.
 *
 * @module
 */

import type { SubjectAttribute } from "./names.ts";

/** One attribute, such as `CN=www.example.com`. */
export interface Attribute {
  readonly type: string;
  readonly value: string;
}

/** Relative distinguished names, from the most particular; each a set of attributes. */
export type DistinguishedName = readonly (readonly Attribute[])[];

/** A text that is no distinguished name. */
export class NameSyntaxError extends Error {
  override readonly name = "NameSyntaxError";
}

/** Attribute types that can be matched; a subject with others can't. */
const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.17", "POSTALCODE"],
  ["0.9.2342.19200300.100.1.25", "DC"],
]);

/** The name that a certificate's subject is, or undefined when it has attributes of unknown type. */
export function nameOfSubject(
  subject: readonly (readonly SubjectAttribute[])[],
): DistinguishedName | undefined {
  const name: Attribute[][] = [];
  for (const relative of subject.toReversed()) {
    if (relative.length === 0) continue;
    const attributes: Attribute[] = [];
    for (const { oid, value } of relative.toReversed()) {
      const type = TYPE_NAMES.get(oid);
      if (type === undefined || value === undefined) return undefined;
      attributes.push({ type, value });
    }
    name.push(attributes);
  }
  return name;
}

/** Characters that a backslash takes literally; others are two hex digits. */
const ESCAPABLE = ' "#+,;<=>\\';

/** Reads `CN=www,OU=a+OU=b,O=c`. @throws NameSyntaxError */
export function parseDistinguishedName(text: string): DistinguishedName {
  const name: Attribute[][] = [];
  let attributes: Attribute[] = [];
  let type = "";
  const part = new PartReader(text);
  while (!part.atEnd) {
    const delimiter = part.read();
    if (delimiter === "=") {
      type = part.take();
      if (part.next === "#") {
        throw new NameSyntaxError("unsupported BER encoding");
      }
      continue;
    }
    if (delimiter === "") break;
    if (type === "") throw new NameSyntaxError("incomplete type, value pair");
    attributes.push({ type, value: part.take() });
    type = "";
    if (delimiter === "+") continue;
    name.push(attributes);
    attributes = [];
  }
  if (!part.empty) {
    if (type === "") {
      throw new NameSyntaxError("DN ended with incomplete type, value pair");
    }
    attributes.push({ type, value: part.take() });
    name.push(attributes);
  }
  return name;
}

/** Collects characters between delimiters, as UTF-8 since escapes are bytes. */
class PartReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #collected: number[] = [];
  /** Blanks at the end of what was collected that were not escaped. */
  #trailing = 0;

  constructor(text: string) {
    this.#bytes = new TextEncoder().encode(text);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get empty(): boolean {
    return this.#collected.length === 0;
  }

  /** The character that comes next. */
  get next(): string {
    return this.atEnd ? "" : String.fromCharCode(this.#byte());
  }

  /** Collects up to a delimiter, and returns that; empty at the end. */
  read(): string {
    while (!this.atEnd) {
      const char = this.next;
      this.#at++;
      if ("=,+".includes(char)) return char;
      if (char === "\\") this.#escaped();
      else if (char !== " ") this.#collect(char.charCodeAt(0), 0);
      else if (!this.empty) {
        this.#collect(char.charCodeAt(0), this.#trailing + 1);
      }
    }
    return "";
  }

  /** What was collected, without unescaped blanks around it. */
  take(): string {
    const { length } = this.#collected;
    const kept = this.#collected.slice(0, length - this.#trailing);
    this.#collected = [];
    this.#trailing = 0;
    return new TextDecoder().decode(Uint8Array.from(kept));
  }

  #escaped(): void {
    const char = this.next;
    this.#trailing = 0;
    // A lone backslash at the end stands for nothing.
    if (char === "") return;
    if (ESCAPABLE.includes(char)) {
      this.#collect(this.#byte(), 0);
      this.#at++;
      return;
    }
    const digits = String.fromCharCode(
      ...this.#bytes.subarray(this.#at, this.#at + 2),
    );
    if (digits.length < 2) {
      throw new NameSyntaxError("got corrupted escaped character");
    }
    if (!/^[0-9a-fA-F]{2}$/.test(digits)) {
      throw new NameSyntaxError("failed to decode escaped character");
    }
    this.#collect(parseInt(digits, 16), 0);
    this.#at += 2;
  }

  #collect(byte: number, trailing: number): void {
    this.#collected.push(byte);
    this.#trailing = trailing;
  }

  #byte(): number {
    return this.#bytes[this.#at] ?? 0;
  }
}

/** Whether two names have the same relative names in the same order. */
export function sameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return a.length === b.length &&
    a.every((relative, i) => sameRelativeName(relative, b[i] ?? []));
}

/** Whether two names have the same relative names in whatever order. */
export function sameRelativeNames(
  a: DistinguishedName,
  b: DistinguishedName,
): boolean {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((relative) => {
    const at = left.findIndex((other) => sameRelativeName(relative, other));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** Whether `b` ends with all of `a`, and has more. */
export function isAncestor(
  a: DistinguishedName,
  b: DistinguishedName,
): boolean {
  return a.length < b.length && sameName(a, b.slice(b.length - a.length));
}

function sameRelativeName(
  a: readonly Attribute[],
  b: readonly Attribute[],
): boolean {
  const covers = (some: readonly Attribute[], others: readonly Attribute[]) =>
    others.every((other) => some.some((one) => sameAttribute(one, other)));
  return a.length === b.length && covers(a, b) && covers(b, a);
}

function sameAttribute(a: Attribute, b: Attribute): boolean {
  return a.type.toLowerCase() === b.type.toLowerCase() && a.value === b.value;
}
