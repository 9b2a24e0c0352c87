/**
 * Reading typed values out of parsed configuration: a `Field` is one entry, a
 * `Schema` says which entries a block may have and what each sets.
 *
 * @module
 */

import type { Disk } from "../runtime/ports.ts";
import { DurationError, parseDuration } from "./duration.ts";
import { quote } from "./go_text.ts";
import type { WriteTimeoutPolicy } from "./options_network.ts";
import { FieldError, type Report, TypeMismatch } from "./report.ts";
import {
  type ConfigMap,
  type ConfigNode,
  type ConfigValue,
  goTypeName,
} from "./value.ts";

/** The files that a configuration may name. */
export type ConfigDisk = Pick<Disk, "readFile" | "exists" | "stat">;

/** What reading a configuration may use. */
export interface Scope {
  readonly report: Report;
  readonly disk: ConfigDisk;
  /** Value of an environment variable. */
  readonly env: (name: string) => string | undefined;
}

/** One entry of a block. The typed getters throw `TypeMismatch`. */
export class Field {
  constructor(
    /** As written. */
    readonly key: string,
    readonly node: ConfigNode,
    readonly scope: Scope,
  ) {}

  get value(): ConfigValue {
    return this.node.value;
  }

  string(): string {
    if (typeof this.value !== "string") return this.#mismatch("string");
    return this.value;
  }

  boolean(): boolean {
    if (typeof this.value !== "boolean") return this.#mismatch("bool");
    return this.value;
  }

  /** An integer; precision beyond 2^53 is lost. */
  integer(): number {
    return Number(this.int64());
  }

  int64(): bigint {
    if (typeof this.value !== "bigint") return this.#mismatch("int64");
    return this.value;
  }

  list(): readonly ConfigNode[] {
    if (!isList(this.value)) return this.#mismatch("[]interface {}");
    return this.value;
  }

  map(): ConfigMap {
    if (!isMap(this.value)) return this.#mismatch("map[string]interface {}");
    return this.value;
  }

  /** Another entry, read in the same scope. */
  at(node: ConfigNode, key: string = this.key): Field {
    return new Field(key, node, this.scope);
  }

  /** Go's name of the value's type. */
  get typeName(): string {
    return goTypeName(this.value);
  }

  /** Ends the reading of this field. */
  fail(reason: string): never {
    throw new FieldError(this.node, reason);
  }

  /** Notes an error; reading goes on. */
  error(reason: string): void {
    this.scope.report.error(this.node, reason);
  }

  #mismatch(wanted: string): never {
    throw new TypeMismatch(
      `interface conversion: interface {} is ${this.typeName}, not ${wanted}`,
      this.node,
    );
  }
}

/** Whether a value is a list. */
export function isList(value: ConfigValue): value is readonly ConfigNode[] {
  return Array.isArray(value);
}

/** Whether a value is a map. */
export function isMap(value: ConfigValue): value is ConfigMap {
  return value instanceof Map;
}

/** Takes one entry into the options of its block. */
export type FieldReader<T> = (field: Field, target: T) => void;

/** Entries of a block by lower-case key. */
export type Schema<T> = ReadonlyMap<string, FieldReader<T>>;

/** Builds a schema; a row's key lists the option's names, separated by blanks. */
export function schema<T>(
  rows: Readonly<Record<string, FieldReader<T>>>,
): Schema<T> {
  const result = new Map<string, FieldReader<T>>();
  for (const [names, read] of Object.entries(rows)) {
    for (const name of names.split(" ")) result.set(name, read);
  }
  return result;
}

/** Rows that read a field and assign it: `set("host", string)`. */
export function setter<T>(): <K extends keyof T>(
  name: K,
  read: (field: Field) => T[K],
) => FieldReader<T> {
  return (name, read) => (field, target) => {
    target[name] = read(field);
  };
}

/** How a block treats bad entries. By default all are reported where they stand. */
export interface BlockRules {
  /** The first bad entry ends the block. */
  readonly stopAtError?: boolean;
  /** Type mismatches end the block and are reported where an outer block catches them. */
  readonly mismatchAtHolder?: boolean;
  /** Text for an unknown entry instead of the usual one. */
  readonly unknown?: (key: string) => string;
  /** Unknown entries are errors like others, even those that variables refer to. */
  readonly strict?: boolean;
}

/** Reads all entries of a block. */
export function readBlock<T>(
  block: Field,
  entries: Schema<T>,
  target: T,
  rules: BlockRules = {},
): void {
  const { report } = block.scope;
  const unknown = rules.unknown ?? ((key) => `unknown field ${quote(key)}`);
  for (const [key, node] of block.map()) {
    const field = block.at(node, key);
    try {
      const read = entries.get(key.toLowerCase());
      if (read !== undefined) read(field, target);
      else if (rules.strict) field.fail(unknown(key));
      else if (!node.usedAsVariable) field.error(unknown(key));
    } catch (error) {
      if (rules.mismatchAtHolder && error instanceof TypeMismatch) {
        throw new TypeMismatch(error.message);
      }
      const problem = fieldError(error, node);
      if (rules.stopAtError) throw problem;
      report.error(problem.node, problem.message);
    }
  }
}

/** The last entry of a block, or what holds an empty block. */
export function lastEntry(block: Field): ConfigNode {
  return [...block.map().values()].at(-1) ?? block.node;
}

/**
 * The error to report for what reading `node` threw.
 * @throws whatever is not about the configuration
 */
export function fieldError(error: unknown, node: ConfigNode): FieldError {
  if (error instanceof FieldError) return error;
  if (error instanceof TypeMismatch) {
    return new FieldError(error.node ?? node, error.message);
  }
  throw error;
}

/** Runs `read`; reports a bad entry and answers undefined. */
export function attempt<R>(field: Field, read: () => R): R | undefined {
  try {
    return read();
  } catch (error) {
    const problem = fieldError(error, field.node);
    field.scope.report.error(problem.node, problem.message);
    return undefined;
  }
}

/**
 * A reader whose errors about the field itself are reported without their
 * place, as Go does where it hands on a value instead of the entry.
 */
export function unplaced<R, A extends unknown[]>(
  read: (field: Field, ...rest: A) => R,
): (field: Field, ...rest: A) => R {
  return (field, ...rest) => {
    try {
      return read(field, ...rest);
    } catch (error) {
      if (!(error instanceof FieldError) || error.node !== field.node) {
        throw error;
      }
      throw new FieldError(undefined, error.message);
    }
  };
}

/** A reader whose type mismatches are reported at the field, wherever they are. */
export function mismatchHere<R>(
  read: (field: Field) => R,
): (field: Field) => R {
  return (field) => {
    try {
      return read(field);
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error;
      throw new TypeMismatch(error.message, field.node);
    }
  };
}

/** Reads a text. */
export function string(field: Field): string {
  return field.string();
}

/** Reads a boolean. */
export function boolean(field: Field): boolean {
  return field.boolean();
}

/** Reads an integer. */
export function integer(field: Field): number {
  return field.integer();
}

/**
 * Reads a duration that may also be a number of seconds, which is out of date
 * and draws a warning. `name` is the option's name in messages.
 */
export function duration(name?: string): (field: Field) => number {
  return (field) => {
    const label = name ?? field.key;
    if (typeof field.value === "string") {
      try {
        return parseDuration(field.value);
      } catch (error) {
        if (!(error instanceof DurationError)) throw error;
        field.error(`error parsing ${label}: ${error.message}`);
        return 0;
      }
    }
    field.scope.report.misuse(
      field.node,
      label,
      `${label} should be converted to a duration`,
    );
    return field.integer() * 1000;
  };
}

/** Parses a duration; `describe` words the error around Go's message. */
export function durationOf(
  field: Field,
  text: string,
  describe: (message: string) => string = (message) => message,
): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    return field.fail(describe(error.message));
  }
}

/** Elements that all must be texts, in a list; mismatches are reported at the element. */
export function strings(field: Field): string[] {
  return field.list().map((node) => field.at(node).string());
}

/** A text or a list of texts; bad elements are reported and left out. */
export function textOrTexts(label: string): (field: Field) => string[] {
  return (field) => {
    if (typeof field.value === "string") return [field.value];
    if (!isList(field.value)) {
      field.error(`error parsing ${label}: unsupported type ${field.typeName}`);
      return [];
    }
    const texts: string[] = [];
    for (const node of field.value) {
      if (typeof node.value === "string") texts.push(node.value);
      else {
        field.at(node).error(
          `error parsing ${label}: unsupported type in array ${
            goTypeName(node.value)
          }`,
        );
      }
    }
    return texts;
  };
}

/** Host and port of a `listen` option. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `port` or `host:port`. */
export function hostAndPort(field: Field): HostAndPort {
  const { value } = field;
  if (typeof value === "bigint") return { host: "", port: Number(value) };
  if (typeof value !== "string") {
    return field.fail(`expected port or host:port, got ${field.typeName}`);
  }
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(value);
  if (match === null) {
    return field.fail(`could not parse address string ${quote(value)}`);
  }
  const port = match[3] ?? "";
  if (!/^[-+]?\d+$/.test(port) || !Number.isSafeInteger(Number(port))) {
    return field.fail(`could not parse port ${quote(port)}`);
  }
  return { host: match[1] ?? match[2] ?? "", port: Number(port) };
}

/** Reads a `listen` option into its block. */
export function listen(
  field: Field,
  target: { host: string; port: number },
): void {
  const { host, port } = hostAndPort(field);
  target.host = host;
  target.port = port;
}

/**
 * Reads a time that may be a number of seconds or a duration.
 * @param label what the error message calls it
 * @returns milliseconds
 */
export function secondsOrDuration(field: Field, label: string): number {
  const { value } = field;
  if (typeof value === "bigint" || typeof value === "number") {
    return Number(value) * 1000;
  }
  if (typeof value !== "string") return field.fail(`${label} wrong type`);
  return durationOf(field, value, (message) => `${label} ${message}`);
}

/** Reads what to do when a write deadline passes. */
export function writeTimeout(field: Field): WriteTimeoutPolicy {
  const policy = field.string();
  if (policy === "default" || policy === "close" || policy === "retry") {
    return policy;
  }
  field.error("write_timeout must be 'default', 'close' or 'retry'");
  return "default";
}
