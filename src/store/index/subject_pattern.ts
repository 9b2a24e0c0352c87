/**
 * Patterns compared with subjects that are bytes in an arena.
 *
 * @module
 */

const DOT = 0x2e;

/** What all subjects that `pattern` matches start with; all of a literal. */
export function prefixOf(pattern: string): string {
  let start = 0;
  for (;;) {
    const dot = pattern.indexOf(".", start);
    const end = dot < 0 ? pattern.length : dot;
    const wild = end - start === 1 &&
      (pattern[start] === "*" || (pattern[start] === ">" && dot < 0));
    if (wild) return pattern.slice(0, start);
    if (dot < 0) return pattern;
    start = dot + 1;
  }
}

/** One pattern, taken apart. */
export class SubjectPattern {
  /** Null for a wildcard. */
  readonly #tokens: readonly (Uint8Array | null)[];
  readonly #open: boolean;
  /** Whether it matches whatever starts as it does. */
  readonly isPrefix: boolean;

  constructor(pattern: string) {
    const tokens = pattern.split(".");
    this.#open = tokens.at(-1) === ">";
    if (this.#open) tokens.pop();
    this.isPrefix = this.#open && !tokens.includes("*");
    this.#tokens = tokens.map((token) =>
      token === "*"
        ? null
        : Uint8Array.from(token, (char) => char.charCodeAt(0))
    );
  }

  /** @param start of a valid literal subject in `bytes` */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    for (const token of this.#tokens) {
      if (at > end) return false;
      const tokenStart = at;
      while (at < end && bytes[at] !== DOT) at++;
      if (token !== null && !equals(token, bytes, tokenStart, at)) return false;
      at++; // the dot
    }
    return this.#open ? at <= end : at === end + 1;
  }
}

function equals(
  token: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (token.length !== end - start) return false;
  for (let i = 0; i < token.length; i++) {
    if (token[i] !== bytes[start + i]) return false;
  }
  return true;
}
