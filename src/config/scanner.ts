/**
 * Walks over a byte string rune by rune and keeps the place for messages.
 *
 * @module
 */

import { decodeRune, fromByteText } from "./byte_text.ts";
import { ConfigSyntaxError } from "./parsed_config.ts";

/** The rune at the end of the text. A NUL byte reads the same, as in Go. */
export const END = 0;

const NEWLINE = 0x0a;

/** Where a token stands. */
export interface Place {
  /** From 1. */
  readonly line: number;
  /** Bytes from the line's start, which is the newline that ends the line before. */
  readonly pos: number;
}

/**
 * A cursor over the text with the bounds of the token in progress.
 *
 * Positions are Go's to the byte, oddities included: looking at a newline
 * moves the start of the line even when the newline is put back, and a token
 * counts from the line on which its predecessor was left.
 */
export class Scanner {
  /** First byte of the token in progress. */
  start = 0;
  /** The byte after the last one read. */
  end = 0;
  line = 1;
  #width = 0;
  #lineStart = 0;
  #tokenLineStart = 0;

  constructor(readonly input: string) {}

  /** Reads a rune; {@linkcode END} when there is none. */
  next(): number {
    if (this.end >= this.input.length) {
      this.#width = 0;
      return END;
    }
    const { code, width } = decodeRune(this.input, this.end);
    if (code === NEWLINE) {
      this.line++;
      this.#lineStart = this.end;
    }
    this.#width = width;
    this.end += width;
    return code;
  }

  /** Steps back by the width of the rune read last. */
  back(): void {
    this.end -= this.#width;
    if (this.input.charCodeAt(this.end) === NEWLINE) this.line--;
  }

  /** The rune ahead. */
  peek(): number {
    const rune = this.next();
    this.back();
    return rune;
  }

  /** Begins a token here: what was read up to now is done with. */
  mark(): void {
    this.start = this.end;
    this.#tokenLineStart = this.#lineStart;
  }

  /** The token in progress, as a byte string. */
  text(): string {
    return this.input.slice(this.start, this.end);
  }

  /** Where a token of `length` bytes that ends here stands. */
  place(length: number): Place {
    return { line: this.line, pos: this.end - this.#tokenLineStart - length };
  }

  /** An error at the current line. Runes in `message` are written by {@linkcode show}. */
  error(message: string): ConfigSyntaxError {
    return new ConfigSyntaxError(
      `Parse error on line ${this.line}: '${message}'`,
    );
  }

  /** Text of bytes of the input, for messages. */
  excerpt(start: number, end: number): string {
    return fromByteText(this.input.slice(Math.max(start, 0), end));
  }
}

/** A rune inside a message. */
export function show(rune: number): string {
  return rune === NEWLINE ? "\\n" : String.fromCodePoint(rune);
}
