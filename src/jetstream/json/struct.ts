/**
 * Structures: named fields in a fixed order.
 *
 * @module
 */

import { encodeGoJson } from "../../protocol/mod.ts";
import type { Kind } from "./kind.ts";
import type { Reading } from "./reading.ts";

/** A field of a structure. */
export interface Field<T> {
  readonly kind: Kind<T>;
  readonly omitEmpty: boolean;
  /** The structure that it comes from, where Go embeds one; else empty. */
  readonly embedded: string;
}

/** All fields of `T` in the order in which they are written. */
export type Fields<T> = {
  readonly [Name in keyof T]-?: Kind<T[Name]> | Field<T[Name]>;
};

/** A structure. */
export interface StructKind<T> extends Kind<T> {
  /** Without its package. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field<unknown>>;
  /** The fields as they are written, without the braces around them. */
  writeFields(value: T): string;
}

/** A field that is not written when it is empty. */
export function omit<T>(kind: Kind<T>): Field<T> {
  return { kind, omitEmpty: true, embedded: "" };
}

/** A structure of the server's package. */
export function struct<T extends object>(
  name: string,
  fields: Fields<T>,
): StructKind<T> {
  const table = new Map(
    Object.entries<Kind<unknown> | Field<unknown>>(
      fields as Record<string, Kind<unknown> | Field<unknown>>,
    ).map(([key, each]): [string, Field<unknown>] => [key, asField(each)]),
  );
  return structOf<T>(name, table);
}

/** Go's embedding: all fields of `base`, then others. */
export function extend<Base extends object, More extends object>(
  name: string,
  base: StructKind<Base>,
  more: Fields<More>,
): StructKind<Base & More> {
  const own = struct("", more).fields;
  return structOf(name, new Map([...embeddedFields(base), ...own]));
}

/** The same with the others first. */
export function prefix<Base extends object, More extends object>(
  name: string,
  more: Fields<More>,
  base: StructKind<Base>,
): StructKind<More & Base> {
  const own = struct("", more).fields;
  return structOf(name, new Map([...own, ...embeddedFields(base)]));
}

function embeddedFields<T>(
  { name, fields }: StructKind<T>,
): [string, Field<unknown>][] {
  return [...fields].map(([key, field]) => {
    const embedded = field.embedded === "" ? name : `${name}.${field.embedded}`;
    return [key, { ...field, embedded }];
  });
}

function structOf<T extends object>(
  name: string,
  fields: ReadonlyMap<string, Field<unknown>>,
): StructKind<T> {
  const goType = `server.${name}`;
  const writeFields = (value: T): string => {
    const record = value as Record<string, unknown>;
    const parts: string[] = [];
    for (const [key, { kind, omitEmpty }] of fields) {
      const each = record[key];
      if (omitEmpty && kind.isEmpty(each)) continue;
      parts.push(`${encodeGoJson(key)}:${kind.write(each)}`);
    }
    return parts.join(",");
  };
  const folded = new Map(
    [...fields.keys()].reverse().map((key) => [fold(key), key]),
  );
  return {
    name,
    goType,
    fields,
    zero: () => zeroOf<T>(fields),
    isEmpty: () => false,
    writeFields,
    write: (value) => `{${writeFields(value)}}`,
    tree: (value) => treeOf(fields, value),
    read(node, previous, reading) {
      if (node.type !== "object") {
        return reading.mismatch(node, goType, previous);
      }
      const record = { ...previous } as Record<string, unknown>;
      for (const [key, value] of node.entries) {
        const known = fields.has(key) ? key : folded.get(fold(key));
        const field = known === undefined ? undefined : fields.get(known);
        if (known === undefined || field === undefined) {
          reading.unknownField(key);
          continue;
        }
        within(reading, name, field.embedded, known, () => {
          record[known] = field.kind.read(value, record[known], reading);
        });
      }
      return record as T;
    },
  };
}

function treeOf(
  fields: ReadonlyMap<string, Field<unknown>>,
  value: object,
): object {
  const record = value as Record<string, unknown>;
  const tree: Record<string, unknown> = {};
  for (const [key, { kind, omitEmpty }] of fields) {
    const each = record[key];
    if (!omitEmpty || !kind.isEmpty(each)) tree[key] = kind.tree(each);
  }
  return tree;
}

/** Reads a field while errors tell where it is. */
function within(
  reading: Reading,
  name: string,
  embedded: string,
  key: string,
  read: () => void,
): void {
  const { struct: outer, path: { length } } = reading;
  reading.struct = name;
  if (embedded !== "") reading.path.push(embedded);
  reading.path.push(key);
  read();
  reading.path.length = length;
  reading.struct = outer;
}

function zeroOf<T>(fields: ReadonlyMap<string, Field<unknown>>): T {
  const record: Record<string, unknown> = {};
  for (const [key, { kind }] of fields) record[key] = kind.zero();
  return record as T;
}

/** Names of fields differ by more than their case. */
function fold(name: string): string {
  return name.toLowerCase();
}

function asField<T>(each: Kind<T> | Field<T>): Field<T> {
  return "kind" in each ? each : { kind: each, omitEmpty: false, embedded: "" };
}
