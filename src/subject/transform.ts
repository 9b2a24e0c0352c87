/**
 * Transforms of subjects.
 *
 * @module
 */

import type { Random } from "../runtime/mod.ts";
import { MappingDestinationError, SubjectTransformError } from "./errors.ts";
import { fnv1a32 } from "./fnv.ts";
import { isSubsetMatchTokenized, tokenize } from "./tokens.ts";
import {
  cutToken,
  isKnownCall,
  looksLikeCall,
  parseFunction,
  splitToken,
  type TransformFunction,
} from "./transform_function.ts";
import { isValidLiteralSubject } from "./validation.ts";

const BAD_SUBJECT = "invalid subject";

/** How to make a transform. */
export interface TransformOptions {
  /** Where `random()` draws from. */
  readonly random: Random;
  /**
   * For imports, which must be reversible: no function but `wildcard`, and
   * every wildcard of the source used. Default false.
   */
  readonly strict?: boolean;
}

/** Turns subjects that match a source into others, see `createTransform`. */
export class SubjectTransform {
  readonly source: string;
  readonly destination: string;
  readonly #sourceTokens: readonly string[];
  /** Positions of the source's `*` tokens. */
  readonly #wildcards: readonly number[];
  readonly #functions: readonly TransformFunction[];
  /** Whether source and destination end in `>`. */
  readonly #open: boolean;
  readonly #random: Random;

  /** Use `createTransform`, which checks what it passes here. */
  constructor(
    source: string,
    destination: string,
    functions: readonly TransformFunction[],
    random: Random,
  ) {
    this.source = source;
    this.destination = destination;
    this.#sourceTokens = tokenize(source);
    this.#wildcards = wildcardPositions(this.#sourceTokens);
    this.#open = this.#sourceTokens.at(-1) === ">";
    this.#functions = this.#open ? functions.slice(0, -1) : functions;
    this.#random = random;
  }

  /**
   * Transforms a literal subject.
   * @throws SubjectTransformError `invalid subject` or, when the source does
   *   not match, `no matching transforms available`
   */
  match(subject: string): string {
    if (this.source === ">" && this.destination === ">") return subject;
    if (!isValidLiteralSubject(subject)) {
      throw new SubjectTransformError(BAD_SUBJECT);
    }
    const tokens = tokenize(subject);
    if (!isSubsetMatchTokenized(tokens, this.#sourceTokens)) {
      throw new SubjectTransformError("no matching transforms available");
    }
    return this.applyTokens(tokens);
  }

  /** Transforms a subject that is known to match the source. */
  apply(subject: string): string {
    return this.applyTokens(tokenize(subject));
  }

  /** The same for a subject split into tokens. */
  applyTokens(tokens: readonly string[]): string {
    const pieces: string[] = [];
    for (const fn of this.#functions) pieces.push(this.#evaluate(fn, tokens));
    if (this.#open) {
      pieces.push(tokens.slice(this.#sourceTokens.length - 1).join("."));
    }
    return pieces.join(".");
  }

  /**
   * The transform from destination to source, or `null` if it has none because
   * of a function or a wildcard that the destination does not use.
   */
  reverse(): SubjectTransform | null {
    const placeholders: number[] = [];
    const source: string[] = [];
    for (const fn of this.#functions) {
      if (fn.kind === "literal") source.push(fn.text);
      else if (fn.kind === "wildcard") {
        placeholders.push(fn.wildcard);
        source.push("*");
      } else return null;
    }
    let wildcard = 0;
    const destination: string[] = [];
    for (const token of this.#sourceTokens) {
      if (token !== "*") {
        destination.push(token);
        continue;
      }
      const place = placeholders.indexOf(++wildcard);
      if (place < 0) return null;
      destination.push(`$${place + 1}`);
    }
    if (this.#open) source.push(">");
    const options = { random: this.#random, strict: false };
    return createTransform(source.join("."), destination.join("."), options);
  }

  #evaluate(fn: TransformFunction, tokens: readonly string[]): string {
    switch (fn.kind) {
      case "literal":
        return fn.text;
      case "wildcard":
        return this.#token(fn.wildcard, tokens);
      case "split":
        return splitToken(this.#token(fn.wildcard, tokens), fn.delimiter);
      case "partition": {
        if (fn.buckets === 0) return "0";
        const key = fn.wildcards.length === 0
          ? tokens.join(".")
          : fn.wildcards.map((i) => this.#token(i, tokens)).join("");
        return String(fnv1a32(key) % (fn.buckets >>> 0));
      }
      case "random":
        if (fn.bound === 0) return "0";
        return String(this.#random.below(Math.abs(fn.bound)));
      default:
        return cutToken(fn.kind, this.#token(fn.wildcard, tokens), fn.size);
    }
  }

  /**
   * The token that a wildcard of the source stands for. The Go server takes
   * the first token for indexes below 1, and so do we.
   */
  #token(wildcard: number, tokens: readonly string[]): string {
    return tokens[this.#wildcards[wildcard - 1] ?? 0] ?? "";
  }
}

function wildcardPositions(tokens: readonly string[]): number[] {
  const positions: number[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token === "*") positions.push(i);
  }
  return positions;
}

/**
 * Makes a transform. An empty source is the same as `>`; an empty destination
 * means no transform, hence `null`.
 * @throws SubjectTransformError `invalid subject` when either side is malformed,
 *   the destination has a `*`, or only one side ends in `>`
 * @throws MappingDestinationError when a function of the destination is wrong
 */
export function createTransform(
  source: string,
  destination: string,
  options: TransformOptions,
): SubjectTransform | null {
  if (destination === "") return null;
  const from = source === "" ? ">" : source;
  const sourceTokens = tokensOf(from);
  const tokens = tokensOf(destination);
  const open = sourceTokens.at(-1) === ">";
  if (tokens.includes("*") || (tokens.at(-1) === ">") !== open) {
    throw new SubjectTransformError(BAD_SUBJECT);
  }
  const wildcards = wildcardPositions(sourceTokens).length;
  const functions: TransformFunction[] = [];
  for (const token of tokens) {
    const fn = parseFunction(token);
    if (options.strict && fn.kind !== "literal" && fn.kind !== "wildcard") {
      if (wildcards > 0 || open) {
        throw new MappingDestinationError(
          "the only mapping function allowed for import transforms is {{Wildcard()}}",
          token,
        );
      }
    }
    checkIndexes(token, fn, wildcards, wildcards > 0 || open);
    // Of a literal, all of it is hashed, whatever is asked for.
    const isWhole = wildcards === 0 && !open && fn.kind === "partition";
    functions.push(isWhole ? { ...fn, wildcards: [] } : fn);
  }
  if (options.strict && countPlaceholders(functions) < wildcards) {
    throw new MappingDestinationError(
      "not using all of the token wildcard(s)",
      destination,
    );
  }
  return new SubjectTransform(from, destination, functions, options.random);
}

/** Tokens of a well-formed subject; white space is allowed here. */
function tokensOf(subject: string): string[] {
  const tokens = tokenize(subject);
  const rest = tokens.indexOf(">");
  if (tokens.includes("") || (rest >= 0 && rest < tokens.length - 1)) {
    throw new SubjectTransformError(BAD_SUBJECT);
  }
  return tokens;
}

function checkIndexes(
  token: string,
  fn: TransformFunction,
  wildcards: number,
  sourceIsPattern: boolean,
): void {
  const reason = "wildcard index out of range";
  if (!sourceIsPattern) {
    // Partition and random make sense without wildcards; indexes are ignored.
    const allowed = fn.kind === "literal" || fn.kind === "partition" ||
      fn.kind === "random";
    if (!allowed) throw new MappingDestinationError(reason, token);
    return;
  }
  for (const index of indexesOf(fn)) {
    if (index > wildcards) {
      throw new MappingDestinationError(reason, `${token}: [${index}]`);
    }
  }
}

function indexesOf(fn: TransformFunction): readonly number[] {
  switch (fn.kind) {
    case "literal":
    case "random":
      return [];
    case "partition":
      return fn.wildcards;
    default:
      return [fn.wildcard];
  }
}

function countPlaceholders(functions: readonly TransformFunction[]): number {
  let count = 0;
  for (const fn of functions) count += indexesOf(fn).length;
  return count;
}

/**
 * Checks the destination of an account's mapping, which is held to more than
 * that of other transforms. An empty destination passes.
 * @throws SubjectTransformError
 */
export function validateMapping(
  source: string,
  destination: string,
  random: Random,
): void {
  if (destination === "") return;
  let ended = false;
  for (const token of tokenize(destination)) {
    if (token === "" || ended) {
      throw new MappingDestinationError("invalid transform", token);
    }
    if (looksLikeCall(token)) {
      if (!isKnownCall(token)) {
        throw new MappingDestinationError("unknown function", token);
      }
    } else if (token === ">") ended = true;
    else if (/[\t\n\f\r ]/.test(token)) {
      throw new MappingDestinationError("invalid transform", "");
    }
  }
  createTransform(source, destination, { random });
}

/** The destination that maps a pattern to itself: `a.*.*` gives `a.$1.$2`. */
export function identityDestination(pattern: string): string {
  let wildcard = 0;
  return tokenize(pattern)
    .map((token) => token === "*" ? `$${++wildcard}` : token)
    .join(".");
}

/**
 * The pattern of what a destination produces, and its placeholders in order:
 * `a.$2.$1` gives `a.*.*` and `$2`, `$1`.
 */
export function destinationPattern(
  destination: string,
): { pattern: string; placeholders: string[] } {
  const placeholders: string[] = [];
  const tokens = tokenize(destination).map((token) => {
    if (!isPlaceholder(token)) return token;
    placeholders.push(token);
    return "*";
  });
  return { pattern: tokens.join("."), placeholders };
}

/** Also for `$1x`, which a transform takes literally: as the Go server has it. */
function isPlaceholder(token: string): boolean {
  if (/^\$[1-9]/.test(token)) return true;
  return /\{\{[\t\n\f\r ]*[wW]ildcard[\t\n\f\r ]*\([^,\n]+\)[\t\n\f\r ]*\}\}/
    .test(token);
}
