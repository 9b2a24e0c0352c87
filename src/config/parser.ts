/**
 * Parses configurations: builds the tree of values, resolves variables and
 * reads included files.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { bytesToByteText, fromByteText, toByteText } from "./byte_text.ts";
import { digest } from "./digest.ts";
import { readFailure } from "./file_error.ts";
import { Lexer } from "./lexer.ts";
import { literal } from "./literals.ts";
import {
  type ConfigSources,
  ConfigSyntaxError,
  type ParsedConfig,
} from "./parsed_config.ts";
import type { Place } from "./scanner.ts";
import type { Token } from "./token.ts";
import type { ConfigMap, ConfigNode, ConfigValue } from "./value.ts";

/**
 * Parses the file at `path`. Included files are looked for from the folder of
 * the file that includes them.
 * @throws ConfigSyntaxError also when the file or an included one can't be read
 */
export function parseConfigFile(
  path: string,
  sources: ConfigSources,
): ParsedConfig {
  return withDigest(parseFile(path, { sources, open: [] }));
}

/**
 * Parses text that stands in no file; nodes name the empty file.
 * `directory` (default: the working directory) is where includes start from.
 * @throws ConfigSyntaxError
 */
export function parseConfigText(
  text: string,
  sources: ConfigSources & { readonly directory?: string },
): ParsedConfig {
  const directory = sources.directory ?? ".";
  const scope = {
    sources,
    open: [],
    file: "",
    directory,
    lookups: new Set<string>(),
  };
  return withDigest(new Parser(toByteText(text), scope).parse());
}

function withDigest(root: ConfigMap): ParsedConfig {
  return { root, digest: digest(root) };
}

/** What a parser knows of its surroundings. */
interface Scope {
  readonly sources: ConfigSources;
  /** Files being parsed, outermost first. */
  readonly open: readonly string[];
  /** File name for messages; empty for text. */
  readonly file: string;
  /** Where includes start from. */
  readonly directory: string;
  /** Environment variables whose values are being parsed. */
  readonly lookups: Set<string>;
  /** The reference that led to an environment variable, whose text has no place of its own. */
  readonly reference?: Place & { readonly file: string };
}

type FileScope = Pick<Scope, "sources" | "open" | "reference">;

type MutableNode = { -readonly [Name in keyof ConfigNode]: ConfigNode[Name] };
type MutableMap = Map<string, MutableNode>;

/** Words that differ where Go reads a file on behalf of an environment variable. */
const READ_FAILURE_IN_ENVIRONMENT = "error opening config file: ";

/** The key under which the value of an environment variable is parsed. */
const ENVIRONMENT_KEY = "pk";

function parseFile(path: string, scope: FileScope): MutableMap {
  let bytes: Uint8Array;
  try {
    bytes = scope.sources.disk.readFile(path);
  } catch (error) {
    const lead = scope.reference === undefined
      ? ""
      : READ_FAILURE_IN_ENVIRONMENT;
    throw new ConfigSyntaxError(lead + readFailure(error, path), {
      cause: error,
    });
  }
  const parser = new Parser(bytesToByteText(bytes), {
    ...scope,
    open: [...scope.open, path],
    file: path,
    directory: dirname(path),
    lookups: new Set<string>(),
  });
  return parser.parse();
}

/** Parses one text. */
class Parser {
  readonly #lexer: Lexer;
  readonly #scope: Scope;
  readonly #root: MutableMap = new Map();
  /** The maps and arrays in progress, innermost last. */
  readonly #containers: (MutableMap | MutableNode[])[] = [this.#root];
  /**
   * Keys whose values are not there yet. A key that never gets one stays and
   * goes to the next value that has no key of its own, as in Go:
   * `a { b }` means `b {}`.
   */
  readonly #keys: Token[] = [];

  constructor(text: string, scope: Scope) {
    this.#lexer = new Lexer(text);
    this.#scope = scope;
  }

  /** Parses to the end. @throws ConfigSyntaxError */
  parse(): MutableMap {
    let previous: Token | undefined;
    while (true) {
      const token = this.#lexer.next();
      if (token.kind === "end") {
        this.#checkEnd(previous, token);
        return this.#root;
      }
      this.#accept(token);
      previous = token;
    }
  }

  /** A key must not be last, except for a closing brace too many. */
  #checkEnd(last: Token | undefined, end: Token): void {
    if (last?.kind !== "key" || last.text === "}") return;
    const { file } = this.#scope;
    throw new ConfigSyntaxError(
      `config is invalid (${file}:${end.line}:${end.pos})`,
    );
  }

  #accept(token: Token): void {
    switch (token.kind) {
      case "key":
        this.#keys.push(token);
        break;
      case "map start":
        this.#containers.push(new Map());
        break;
      case "array start":
        this.#containers.push([]);
        break;
      case "map end":
      case "array end": {
        const container = this.#containers.pop();
        if (container !== undefined) this.#add(token, container);
        break;
      }
      case "variable":
        this.#add(token, this.#variable(token));
        break;
      case "include":
        this.#include(fromByteText(token.text));
        break;
      default: {
        const value = literal(token);
        if (value !== undefined) this.#add(token, value);
      }
    }
  }

  /** Adds a value to the container in progress. */
  #add(token: Token, value: ConfigValue): void {
    const container = this.#containers.at(-1);
    if (Array.isArray(container)) {
      container.push(this.#node(token, value));
      return;
    }
    const key = this.#keys.pop();
    if (key === undefined) return;
    container?.set(fromByteText(key.text), this.#node(key, value));
  }

  #node({ line, pos }: Place, value: ConfigValue): MutableNode {
    const { file, reference = { file, line, pos } } = this.#scope;
    return { value, usedAsVariable: false, ...reference };
  }

  #variable(token: Token): ConfigValue {
    const name = fromByteText(token.text);
    // Bcrypt hashes need no quotes.
    if (name.startsWith("2a$")) return "$" + name;
    const node = this.#keyInScope(name);
    if (node !== undefined) {
      node.usedAsVariable = true;
      return node.value;
    }
    const subject = `variable reference for '${name}' on line ${token.line}`;
    const value = this.#environment(name, token, subject);
    if (value !== undefined) return value;
    throw new ConfigSyntaxError(`${subject} can not be found`);
  }

  /** A key already parsed, in the innermost surrounding map that has it. */
  #keyInScope(name: string): MutableNode | undefined {
    return this.#containers.reduceRight<MutableNode | undefined>(
      (found, container) =>
        found ?? (container instanceof Map ? container.get(name) : undefined),
      undefined,
    );
  }

  /** The value of an environment variable, whose text is parsed like a file's. */
  #environment(
    name: string,
    { line, pos }: Place,
    subject: string,
  ): ConfigValue | undefined {
    const { sources, open, file, lookups } = this.#scope;
    if (lookups.has(name)) {
      throw new ConfigSyntaxError(
        `${subject} could not be parsed: variable reference cycle for '${name}'`,
      );
    }
    const text = isVariableName(name) ? sources.env(name) : undefined;
    if (text === undefined) return undefined;
    const { reference = { file, line, pos } } = this.#scope;
    const scope = { sources, open, file: "", directory: ".", lookups };
    lookups.add(name);
    try {
      const source = toByteText(`${ENVIRONMENT_KEY}=${text}`);
      const parser = new Parser(source, { ...scope, reference });
      return parser.parse().get(ENVIRONMENT_KEY)?.value;
    } catch (error) {
      if (!(error instanceof ConfigSyntaxError)) throw error;
      const message = `${subject} could not be parsed: ${error.message}`;
      throw new ConfigSyntaxError(message, { cause: error });
    } finally {
      lookups.delete(name);
    }
  }

  /** Sets the keys of another file as if they stood here. */
  #include(name: string): void {
    const path = join(this.#scope.directory, name).replace(/(?<=.)\/$/, "");
    let included: MutableMap;
    try {
      if (this.#scope.open.includes(path)) {
        throw new ConfigSyntaxError(`include cycle for '${path}'`);
      }
      included = parseFile(path, this.#scope);
    } catch (error) {
      if (!(error instanceof ConfigSyntaxError)) throw error;
      const message = `error parsing include file '${name}', ${error.message}`;
      throw new ConfigSyntaxError(message, { cause: error });
    }
    const container = this.#containers.at(-1);
    if (!(container instanceof Map)) return;
    for (const [key, node] of included) container.set(key, node);
  }
}

/** Whether an environment variable can have this name. */
function isVariableName(name: string): boolean {
  return name !== "" && !name.includes("=") && !name.includes("\0");
}
