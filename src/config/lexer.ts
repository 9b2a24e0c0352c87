/**
 * Splits a configuration into tokens.
 *
 * A configuration is a list of statements, bare or in braces; a statement is
 * a key and a value, or `include` and a path. Statements at the top, in outer
 * braces and in maps follow slightly different rules, and Go's are kept to the
 * letter, because existing files lean on them: what starts a comment, which
 * separator may stand where, and where an error is noticed.
 *
 * @module
 */

import {
  includePath,
  isInclude,
  readBareKey,
  readToQuote,
} from "./key_lexer.ts";
import {
  bareString,
  blockString,
  doubleQuotedString,
  negativeNumber,
  number,
  quotedString,
  take,
  takeQuoted,
  unterminated,
} from "./scalar_lexer.ts";
import { END, Scanner, show } from "./scanner.ts";
import {
  isBlank,
  isDigit,
  isKeySeparator,
  isNewline,
  isSpace,
  rune,
  type Token,
} from "./token.ts";

/** Where the lexer stands between two tokens. */
type State =
  | "top" // before a statement outside of all braces
  | "top key read"
  | "top value read"
  | "block" // the same inside outer braces
  | "block value read"
  | "block read"
  | "map"
  | "map key read"
  | "map value read"
  | "array"
  | "array value read";

const MAP_START = rune("{");
const MAP_END = rune("}");
const ARRAY_START = rune("[");
const ARRAY_END = rune("]");
const BLOCK_START = rune("(");
const COMMA = rune(",");
const SEMICOLON = rune(";");
const HASH = rune("#");
const SLASH = rune("/");
const QUOTE = rune("'");
const DOUBLE_QUOTE = rune('"');
const DASH = rune("-");
const DOT = rune(".");

/** Reads tokens one by one, so that an error is found only when it is reached. */
export class Lexer {
  readonly #scanner: Scanner;
  #state: State = "top";
  /** Where to go on after the values and braces in progress. */
  readonly #after: State[] = [];

  /** @param input a byte string */
  constructor(input: string) {
    this.#scanner = new Scanner(input);
  }

  /** The next token; "end" is the last. @throws ConfigSyntaxError */
  next(): Token {
    let token: Token | undefined;
    while (token === undefined) token = this.#step();
    return token;
  }

  #step(): Token | undefined {
    switch (this.#state) {
      case "top":
      case "block":
        return this.#statement(this.#state);
      case "top key read":
        return this.#separator();
      case "top value read":
        return this.#afterTopValue();
      case "block value read":
        return this.#afterBlockValue();
      case "block read":
        return this.#afterBlock();
      case "map":
        return this.#mapEntry();
      case "map key read":
        return this.#mapSeparator();
      case "map value read":
        return this.#afterMapValue();
      case "array":
        return this.#arrayElement();
      case "array value read":
        return this.#afterArrayValue();
    }
  }

  // Statements outside of maps.

  #statement(place: "top" | "block"): Token | undefined {
    const scanner = this.#scanner;
    const code = scanner.next();
    if (isSpace(code)) {
      scanner.mark();
    } else if (code === MAP_START) {
      scanner.mark();
      this.#after.push(place === "top" ? "top" : "block read");
      this.#state = "block";
    } else if (code === MAP_END && place === "block") {
      scanner.mark();
      this.#resume();
    } else if (this.#beginsComment(code)) {
      this.#comment(place);
    } else if (code === SLASH || code === END) {
      return unterminated(scanner);
    } else {
      scanner.back();
      this.#after.push(
        place === "top" ? "top value read" : "block value read",
      );
      return this.#key();
    }
    return undefined;
  }

  #key(): Token {
    const scanner = this.#scanner;
    const first = scanner.peek();
    if (isKeySeparator(first)) {
      throw scanner.error(`Unexpected key separator '${show(first)}'`);
    }
    if (first === QUOTE || first === DOUBLE_QUOTE) {
      scanner.next();
      return this.#quotedKey(first);
    }
    const next = readBareKey(scanner);
    if (isSpace(next) && isInclude(scanner)) return this.#includePath();
    this.#state = "top key read";
    return take(scanner, "key");
  }

  #quotedKey(quote: number): Token {
    const scanner = this.#scanner;
    if (!readToQuote(scanner, quote)) return unterminated(scanner);
    this.#state = "top key read";
    return takeQuoted(scanner, "key");
  }

  #separator(): Token | undefined {
    const scanner = this.#scanner;
    const code = scanner.next();
    if (isSpace(code)) {
      scanner.mark();
      return undefined;
    }
    if (code === END) return take(scanner, "end");
    if (isKeySeparator(code)) scanner.mark();
    else scanner.back();
    return this.#value();
  }

  #afterTopValue(): undefined {
    const scanner = this.#scanner;
    const code = scanner.next();
    if (this.#beginsComment(code)) {
      this.#comment("top");
    } else if (isSeparator(code) || code === MAP_END || code === END) {
      scanner.mark();
      this.#state = "top";
    } else if (!isBlank(code) && code !== SLASH) {
      throw scanner.error(
        "Expected a top-level value to end with a new line, " +
          `comment or EOF, but got '${show(code)}' instead.`,
      );
    }
  }

  #afterBlockValue(): undefined {
    const scanner = this.#scanner;
    const code = scanner.next();
    if (this.#beginsComment(code)) {
      this.#comment("block value read");
    } else if (isSeparator(code)) {
      scanner.mark();
      this.#state = "block";
    } else if (code === MAP_END) {
      scanner.back();
      this.#state = "block read";
    } else if (!isBlank(code) && code !== SLASH) {
      throw scanner.error(
        "Expected a block-level value to end with a new line, " +
          `comment or EOF, but got '${show(code)}' instead.`,
      );
    }
  }

  #afterBlock(): undefined {
    const scanner = this.#scanner;
    const code = scanner.next();
    if (this.#beginsComment(code)) {
      this.#comment("block");
    } else if (code === SEMICOLON || code === COMMA) {
      scanner.mark();
      this.#state = "block";
    } else if (code === MAP_END) {
      scanner.mark();
      this.#resume();
    } else if (!isBlank(code) && !isNewline(code) && code !== SLASH) {
      throw scanner.error(
        `Expected a block-level to end with a '}', but got '${
          show(code)
        }' instead.`,
      );
    }
  }

  // Maps.

  #mapEntry(): Token | undefined {
    const scanner = this.#scanner;
    const first = scanner.next();
    if (isSpace(first)) {
      scanner.mark();
      return undefined;
    }
    if (first === MAP_END) return this.#mapEnd();
    if (this.#beginsComment(first)) return this.#comment("map");
    if (first === QUOTE || first === DOUBLE_QUOTE) {
      return this.#quotedMapKey(first);
    }
    // A lone slash is dropped: the key begins behind it.
    if (first !== SLASH) scanner.back();
    if (isKeySeparator(first)) {
      throw scanner.error(`Unexpected key separator '${show(first)}'.`);
    }
    if (first === ARRAY_END) {
      throw scanner.error(`Unexpected array end ']' processing map.`);
    }
    if (first === END) throw scanner.error("Unexpected EOF processing map.");
    return this.#mapKey();
  }

  #mapKey(): Token {
    const scanner = this.#scanner;
    const next = readBareKey(scanner);
    if (next === END) {
      throw scanner.error("Unexpected EOF processing map key.");
    }
    if (isSpace(next) && isInclude(scanner)) {
      this.#after.push("map value read");
      return this.#includePath();
    }
    this.#state = "map key read";
    return take(scanner, "key");
  }

  #quotedMapKey(quote: number): Token {
    const scanner = this.#scanner;
    if (!readToQuote(scanner, quote)) {
      const kind = quote === QUOTE ? "quoted" : "double quoted";
      throw scanner.error(`Unexpected EOF processing ${kind} map key.`);
    }
    this.#state = "map key read";
    return takeQuoted(scanner, "key");
  }

  /** White space, at most one separator, and more white space: new lines too. */
  #mapSeparator(): Token {
    const scanner = this.#scanner;
    let code = this.#nextAfterSpace();
    if (isKeySeparator(code)) {
      scanner.mark();
      code = this.#nextAfterSpace();
    }
    if (code === COMMA) {
      throw scanner.error('Unexpected map value terminator ",".');
    }
    if (code === MAP_END) return this.#mapEnd();
    scanner.back();
    this.#after.push("map value read");
    return this.#value();
  }

  #afterMapValue(): Token | undefined {
    const scanner = this.#scanner;
    const code = scanner.next();
    if (this.#beginsComment(code)) {
      return this.#comment("map value read");
    }
    if (code === MAP_END) return this.#mapEnd();
    if (isSeparator(code) || code === SLASH) this.#state = "map";
    else if (!isBlank(code)) {
      throw scanner.error(
        'Expected a map value terminator "," or a map ' +
          `terminator "}", but got '${show(code)}' instead.`,
      );
    }
    scanner.mark();
    return undefined;
  }

  #mapEnd(): Token {
    this.#scanner.mark();
    this.#resume();
    return take(this.#scanner, "map end");
  }

  // Arrays.

  #arrayElement(): Token | undefined {
    const scanner = this.#scanner;
    const code = scanner.next();
    if (isSpace(code)) {
      scanner.mark();
      return undefined;
    }
    if (this.#beginsComment(code)) return this.#comment("array");
    if (code === COMMA || code === SLASH) {
      throw scanner.error("Unexpected array value terminator ','.");
    }
    if (code === ARRAY_END) return this.#arrayEnd();
    scanner.back();
    this.#after.push("array value read");
    return this.#value();
  }

  #afterArrayValue(): Token | undefined {
    const scanner = this.#scanner;
    const code = scanner.next();
    if (this.#beginsComment(code)) {
      return this.#comment("array value read");
    }
    if (code === ARRAY_END) return this.#arrayEnd();
    if (code === COMMA || isNewline(code) || code === SLASH) {
      this.#state = "array";
    } else if (!isBlank(code)) {
      throw scanner.error(
        'Expected an array value terminator "," or an array ' +
          `terminator "]", but got '${show(code)}' instead.`,
      );
    }
    scanner.mark();
    return undefined;
  }

  #arrayEnd(): Token {
    this.#scanner.mark();
    this.#resume();
    return take(this.#scanner, "array end");
  }

  // Parts that all kinds of statements share.

  /** Reads a value, or the brace that begins one. */
  #value(): Token {
    const scanner = this.#scanner;
    let code = scanner.next();
    while (isBlank(code)) {
      scanner.mark();
      code = scanner.next();
    }
    if (code === ARRAY_START || code === MAP_START) {
      scanner.mark();
      this.#state = code === ARRAY_START ? "array" : "map";
      return take(scanner, code === ARRAY_START ? "array start" : "map start");
    }
    const token = this.#scalar(code);
    if (token.kind !== "end") this.#resume();
    return token;
  }

  /** Reads a scalar whose first rune has been read. */
  #scalar(first: number): Token {
    const scanner = this.#scanner;
    switch (first) {
      case QUOTE:
        return quotedString(scanner);
      case DOUBLE_QUOTE:
        return doubleQuotedString(scanner);
      case DASH:
        return negativeNumber(scanner);
      case BLOCK_START:
        return blockString(scanner);
      case DOT:
        throw scanner.error("Floats must start with a digit");
    }
    if (isNewline(first)) {
      throw scanner.error("Expected value but found new line");
    }
    scanner.back();
    return isDigit(first) ? number(scanner) : bareString(scanner);
  }

  /** Reads what follows the keyword `include`. */
  #includePath(): Token {
    this.#resume();
    return includePath(this.#scanner);
  }

  #nextAfterSpace(): number {
    const scanner = this.#scanner;
    let code = scanner.next();
    while (isSpace(code)) {
      scanner.mark();
      code = scanner.next();
    }
    return code;
  }

  /** Whether a rune just read, with the one after it, begins a comment. */
  #beginsComment(code: number): boolean {
    if (code === HASH) return true;
    if (code !== SLASH) return false;
    const isComment = this.#scanner.next() === SLASH;
    if (!isComment) this.#scanner.back();
    return isComment;
  }

  /** Skips to the end of the line, where `next` takes over. */
  #comment(next: State): undefined {
    const scanner = this.#scanner;
    let code = scanner.peek();
    while (!isNewline(code) && code !== END) {
      scanner.next();
      code = scanner.peek();
    }
    scanner.mark();
    this.#state = next;
  }

  /** Goes on with what surrounds the value or brace just ended. */
  #resume(): void {
    const state = this.#after.pop();
    if (state === undefined) throw new Error("a brace too many was popped");
    this.#state = state;
  }
}

/** Newline, `;` or `,`: what separates statements. */
function isSeparator(code: number): boolean {
  return isNewline(code) || code === SEMICOLON || code === COMMA;
}
