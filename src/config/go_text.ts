/**
 * Texts as Go prints them: error messages quote values, numbers and durations
 * in Go's forms.
 *
 * @module
 */

import { quoteText } from "../log/mod.ts";
import { type ConfigValue, goTypeName } from "./value.ts";

/** A string in double quotes, as Go's `%q`. */
export const quote = quoteText;

/** A value as Go's `%q`. */
export function quoteValue(value: ConfigValue): string {
  if (typeof value === "string") return quote(value);
  if (value instanceof Date) return quote(formatValue(value));
  if (typeof value === "number" || typeof value === "boolean") {
    return `%!q(${goTypeName(value)}=${formatValue(value)})`;
  }
  if (typeof value !== "bigint") return formatValue(value);
  // Integers are quoted as the characters that they number.
  const isCharacter = value >= 0n && value <= 0x10ffffn;
  return `'${
    quote(isCharacter ? String.fromCodePoint(Number(value)) : "\ufffd").slice(
      1,
      -1,
    )
  }'`;
}

/** Strings in brackets and double quotes, as Go's `%q` of a list. */
export function quoteAll(texts: readonly string[]): string {
  return "[" + texts.map(quote).join(" ") + "]";
}

/** A float as Go's `%v`. */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 21) return String(value);
  const sign = power < 0 ? "-" : "+";
  return `${digits}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** A configuration value as Go's `%v`; elements of lists and maps stay unnamed. */
export function formatValue(value: ConfigValue): string {
  if (typeof value === "number") return formatFloat(value);
  if (value instanceof Date) {
    return value.toISOString().replace("T", " ").replace(
      /\.\d+Z$/,
      " +0000 UTC",
    );
  }
  if (Array.isArray(value)) return "[" + value.map(() => "...").join(" ") + "]";
  if (value instanceof Map) {
    return "map[" + [...value.keys()].sort().map((key) =>
      `${key}:...`
    ).join(" ") + "]";
  }
  return String(value);
}
