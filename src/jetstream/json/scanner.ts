/**
 * Finds values in JSON text, and what is wrong with it, in Go's words.
 *
 * @module
 */

import type { JsonNode } from "./node.ts";
import { JsonError } from "./reading.ts";

/** Levels that lists and objects may be nested. */
const MAX_DEPTH = 10_000;

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  "/": "/",
  '"': '"',
};

/** Text that is no JSON; the offset counts bytes up to and with the culprit. */
export class JsonSyntaxError extends JsonError {
  override readonly name: string = "JsonSyntaxError";
  constructor(text: string, readonly offset: number) {
    super(text);
  }
}

/** Text that ends too early. */
export class JsonEndError extends JsonError {
  override readonly name: string = "JsonEndError";
}

/** A list or an object whose end has not come yet. */
interface Open {
  readonly start: number;
  /** The byte that ends it. */
  readonly closing: number;
  /** Of the values of an object; null in lists. */
  readonly keys: string[] | null;
  readonly values: JsonNode[];
}

/** Reads one value after the other. */
export class JsonScanner {
  readonly #bytes: Uint8Array;
  #at = 0;
  static readonly #text = new TextDecoder();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * The next value; null when there is none any more.
   * @throws JsonSyntaxError, JsonEndError
   */
  next(): JsonNode | null {
    this.#skipSpace();
    return this.#at < this.#bytes.length ? this.#value() : null;
  }

  /** The only value. @throws JsonSyntaxError, JsonEndError */
  whole(): JsonNode {
    try {
      const node = this.#value();
      this.#skipSpace();
      if (this.#at < this.#bytes.length) this.#fail("after top-level value");
      return node;
    } catch (error) {
      if (!(error instanceof JsonEndError)) throw error;
      throw new JsonEndError("unexpected end of JSON input");
    }
  }

  /** However deep it is: only lists grow with that. */
  #value(): JsonNode {
    const open: Open[] = [];
    for (;;) {
      let node = this.#begin(open);
      while (node !== null) {
        const around = open.at(-1);
        if (around === undefined) return node;
        around.values.push(node);
        node = this.#goesOn(around) ? null : this.#end(open);
      }
    }
  }

  /** @returns null when what begins here has values of its own */
  #begin(open: Open[]): JsonNode | null {
    this.#skipSpace();
    const start = this.#at;
    const byte = this.#peek();
    if (byte === 0x7b || byte === 0x5b) { // { or [
      if (open.length === MAX_DEPTH) this.#fail("exceeded max depth");
      this.#at++;
      const closing = byte + 2;
      const keys: string[] | null = byte === 0x7b ? [] : null;
      const begun: Open = { start, closing, keys, values: [] };
      open.push(begun);
      this.#skipSpace();
      if (this.#peek() !== closing) {
        this.#key(begun);
        return null;
      }
      this.#at++;
      return this.#end(open);
    }
    return this.#scalar(start, byte);
  }

  #scalar(start: number, byte: number): JsonNode {
    switch (byte) {
      case 0x22: { // "
        const value = this.#string();
        return { type: "string", value, raw: this.#decode(start, this.#at) };
      }
      case 0x74: // t
        this.#literal("true");
        return { type: "bool", value: true, raw: "true" };
      case 0x66: // f
        this.#literal("false");
        return { type: "bool", value: false, raw: "false" };
      case 0x6e: // n
        this.#literal("null");
        return { type: "null", raw: "null" };
    }
    if (byte === 0x2d || isDigit(byte)) {
      this.#number();
      return { type: "number", raw: this.#decode(start, this.#at) };
    }
    return this.#fail("looking for beginning of value");
  }

  /** Whether another value follows. */
  #goesOn(around: Open): boolean {
    this.#skipSpace();
    const byte = this.#peek();
    if (byte !== 0x2c && byte !== around.closing) {
      const what = around.keys === null
        ? "array element"
        : "object key:value pair";
      this.#fail(`after ${what}`);
    }
    this.#at++;
    if (byte !== 0x2c) return false;
    this.#key(around);
    return true;
  }

  /** Values of objects have one. */
  #key({ keys }: Open): void {
    if (keys === null) return;
    this.#skipSpace();
    if (this.#peek() !== 0x22) {
      this.#fail("looking for beginning of object key string");
    }
    keys.push(this.#string());
    this.#skipSpace();
    if (this.#peek() !== 0x3a) this.#fail("after object key");
    this.#at++;
  }

  #end(open: Open[]): JsonNode | null {
    const ended = open.pop();
    if (ended === undefined) return null;
    const { start, keys, values } = ended;
    const end = this.#at;
    // Values in values in values would be decoded again and again.
    const raw = () => this.#decode(start, end);
    if (keys === null) {
      return {
        type: "array",
        items: values,
        get raw() {
          return raw();
        },
      };
    }
    const entries = values.map((value, i) => [keys[i] ?? "", value] as const);
    return {
      type: "object",
      entries,
      get raw() {
        return raw();
      },
    };
  }

  #literal(word: string): void {
    this.#at++;
    for (const char of word.slice(1)) {
      if (this.#peek() !== char.charCodeAt(0)) {
        this.#fail(`in literal ${word} (expecting '${char}')`);
      }
      this.#at++;
    }
  }

  #number(): void {
    if (this.#peek() === 0x2d) this.#at++;
    if (this.#peek() === 0x30) this.#at++;
    else this.#digits("in numeric literal");
    if (this.#bytes[this.#at] === 0x2e) {
      this.#at++;
      this.#digits("after decimal point in numeric literal");
    }
    const byte = this.#bytes[this.#at];
    if (byte !== 0x65 && byte !== 0x45) return;
    this.#at++;
    const sign = this.#peek();
    if (sign === 0x2b || sign === 0x2d) this.#at++;
    this.#digits("in exponent of numeric literal");
  }

  #digits(context: string): void {
    if (!isDigit(this.#peek())) this.#fail(context);
    while (isDigit(this.#bytes[this.#at])) this.#at++;
  }

  #string(): string {
    let text = "";
    let start = ++this.#at;
    for (;;) {
      const byte = this.#peek();
      if (byte === 0x22 || byte === 0x5c) {
        text += this.#decode(start, this.#at);
        this.#at++;
        if (byte === 0x22) return text.toWellFormed();
        text += this.#escape();
        start = this.#at;
      } else if (byte < 0x20) this.#fail("in string literal");
      else this.#at++;
    }
  }

  #escape(): string {
    const char = String.fromCharCode(this.#peek());
    const plain = ESCAPES[char];
    if (plain === undefined && char !== "u") {
      this.#fail("in string escape code");
    }
    this.#at++;
    if (plain !== undefined) return plain;
    let code = 0;
    for (let i = 0; i < 4; i++) {
      const digit = hexDigit(this.#peek());
      if (digit < 0) this.#fail("in \\u hexadecimal character escape");
      code = code * 16 + digit;
      this.#at++;
    }
    return String.fromCharCode(code);
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) {
        return;
      }
      this.#at++;
    }
  }

  /** @throws JsonEndError */
  #peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new JsonEndError("unexpected EOF");
    return byte;
  }

  #decode(start: number, end: number): string {
    return JsonScanner.#text.decode(this.#bytes.subarray(start, end));
  }

  #fail(context: string): never {
    const shown = quoteChar(this.#peek());
    throw new JsonSyntaxError(
      `invalid character ${shown} ${context}`,
      this.#at + 1,
    );
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** A byte as Go quotes the character of that code. */
function quoteChar(byte: number): string {
  switch (byte) {
    case 0x27:
      return `'\\''`;
    case 0x5c:
      return `'\\\\'`;
  }
  const named = { 7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r" };
  const escape = named[byte as keyof typeof named];
  if (escape !== undefined) return `'\\${escape}'`;
  const isControl = byte < 0x20 || byte === 0x7f;
  const hex = byte.toString(16).padStart(2, "0");
  if (isControl) return `'\\x${hex}'`;
  // Go prints characters from U+00A1 on, apart from the soft hyphen.
  const isHidden = byte >= 0x80 && (byte <= 0xa0 || byte === 0xad);
  return isHidden ? `'\\u00${hex}'` : `'${String.fromCharCode(byte)}'`;
}
