/**
 * The parsed form of a configuration: what the language parser hands to the
 * option schema.
 *
 * @module
 */

/** A value together with the place it was written. */
export interface ConfigNode {
  readonly value: ConfigValue;
  /** File name as given by the including configuration; empty for text input. */
  readonly file: string;
  /** Line of the key (or array element), from 1. */
  readonly line: number;
  /** Byte position on the line, counted as Go counts it (see docs/config.md). */
  readonly pos: number;
  /** Whether some `$name` refers to this key; such keys are never unknown. */
  readonly usedAsVariable: boolean;
}

/** Insertion order is the order of first appearance. */
export type ConfigMap = ReadonlyMap<string, ConfigNode>;

/** `bigint` is an int64, `number` a float64. Strings hold one char per byte only if the file did. */
export type ConfigValue =
  | string
  | bigint
  | number
  | boolean
  | Date
  | readonly ConfigNode[]
  | ConfigMap;

/** Go's name of a value's type, as it stands in error texts. */
export function goTypeName(value: ConfigValue): string {
  if (typeof value === "string") return "string";
  if (typeof value === "bigint") return "int64";
  if (typeof value === "number") return "float64";
  if (typeof value === "boolean") return "bool";
  if (value instanceof Date) return "time.Time";
  if (value instanceof Map) return "map[string]interface {}";
  return "[]interface {}";
}
