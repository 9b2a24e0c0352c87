/**
 * Typed reading of the JSON in claims, as Go's decoder does it: names match
 * without regard to case, `null` and missing fields keep their zero, any other
 * type than a field's is an error.
 *
 * @module
 */

import { isObject, type JsonObject, JwtError } from "../../config/mod.ts";

/** Reads the fields of one object. All methods throw `JwtError`. */
export class ClaimReader {
  readonly #fields = new Map<string, unknown>();
  readonly #path: string;

  constructor(fields: JsonObject, path: string) {
    this.#path = path;
    for (const [name, value] of Object.entries(fields)) {
      this.#fields.set(name.toLowerCase(), value);
    }
  }

  string(name: string): string {
    const value = this.#value(name) ?? "";
    if (typeof value === "string") return value;
    throw this.#mismatch(name, "string");
  }

  boolean(name: string): boolean {
    const value = this.#value(name) ?? false;
    if (typeof value === "boolean") return value;
    throw this.#mismatch(name, "bool");
  }

  /** An integer; `missing` is what its absence means. */
  integer(name: string, missing = 0): number {
    const value = this.#value(name) ?? missing;
    if (typeof value === "number" && Number.isInteger(value)) return value;
    throw this.#mismatch(name, "int64");
  }

  strings(name: string): string[] {
    return this.list(name).map((item) => {
      if (typeof item === "string") return item;
      throw this.#mismatch(name, "string");
    });
  }

  list(name: string): readonly unknown[] {
    const value = this.#value(name) ?? [];
    if (Array.isArray(value)) return value;
    throw this.#mismatch(name, "array");
  }

  /** A nested object; an empty one when it is missing. */
  object(name: string): ClaimReader {
    return this.optional(name) ?? new ClaimReader({}, this.#nested(name));
  }

  /** A nested object, or undefined when it is missing. */
  optional(name: string): ClaimReader | undefined {
    const value = this.#value(name);
    if (value === undefined || value === null) return undefined;
    if (isObject(value)) return new ClaimReader(value, this.#nested(name));
    throw this.#mismatch(name, "object");
  }

  /** Objects in a list; `null` items are undefined. */
  objects(name: string): (ClaimReader | undefined)[] {
    return this.list(name).map((item) => {
      if (item === null) return undefined;
      if (isObject(item)) return new ClaimReader(item, this.#nested(name));
      throw this.#mismatch(name, "object");
    });
  }

  /** The members of an object whose names are data, as they were written. */
  entries(name: string): [string, unknown][] {
    const value = this.#value(name) ?? {};
    if (isObject(value)) return Object.entries(value);
    throw this.#mismatch(name, "object");
  }

  /** Whatever stands there. */
  raw(name: string): unknown {
    return this.#value(name);
  }

  #value(name: string): unknown {
    return this.#fields.get(name);
  }

  #nested(name: string): string {
    return `${this.#path}.${name}`;
  }

  #mismatch(name: string, type: string): JwtError {
    return new JwtError(
      `json: cannot unmarshal into field ${this.#nested(name)} of type ${type}`,
    );
  }
}
