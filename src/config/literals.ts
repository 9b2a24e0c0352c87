/**
 * Turns written scalars into values.
 *
 * @module
 */

import { fromByteText } from "./byte_text.ts";
import { ConfigSyntaxError } from "./parsed_config.ts";
import type { Token } from "./token.ts";

/** What a size suffix multiplies by. */
const MULTIPLIERS: ReadonlyMap<string, bigint> = new Map([
  ["", 1n],
  ...["k", "m", "g", "t", "p", "e"].flatMap((letter, index) => {
    const power = BigInt(index + 1);
    const binary = ["b", "i", "ib"].map((unit): [string, bigint] => [
      letter + unit,
      1024n ** power,
    ]);
    const decimal: [string, bigint] = [letter, 1000n ** power];
    return [decimal, ...binary];
  }),
]);

/**
 * The value of a scalar token.
 * @returns undefined for a number whose suffix means nothing (`1kbi`); as in
 *   Go, such a value is dropped without a word
 * @throws ConfigSyntaxError
 */
export function literal(
  token: Token,
): string | bigint | number | boolean | Date | undefined {
  const text = fromByteText(token.text);
  switch (token.kind) {
    case "boolean":
      return ["true", "yes", "on"].includes(text.toLowerCase());
    case "integer":
      return integer(text);
    case "float":
      return float(text);
    case "date":
      return date(text);
    default:
      return text;
  }
}

/** An int64; a suffix that carries it out of range makes it wrap around. */
function integer(text: string): bigint | undefined {
  const [, sign, digits, suffix] = /^(-?)0*(\d+)([a-z]*)$/i.exec(text) ?? [];
  if (digits === undefined) {
    throw new ConfigSyntaxError(`expected integer, but got '${text}'`);
  }
  const magnitude = digits.length > 19 ? undefined : BigInt(sign + digits);
  if (magnitude === undefined || BigInt.asIntN(64, magnitude) !== magnitude) {
    throw new ConfigSyntaxError(`integer '${text}' is out of the range`);
  }
  const multiplier = MULTIPLIERS.get((suffix ?? "").toLowerCase());
  if (multiplier === undefined) return undefined;
  return BigInt.asIntN(64, magnitude * multiplier);
}

function float(text: string): number {
  if (!/^-?\d+\.\d+$/.test(text)) {
    throw new ConfigSyntaxError(`expected float, but got '${text}'`);
  }
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new ConfigSyntaxError(`float '${text}' is out of the range`);
  }
  return value;
}

function date(text: string): Date {
  const value = new Date(text);
  // Days and hours that carry over (30 February, 24:00) come back changed.
  const isExact = !Number.isNaN(value.getTime()) &&
    value.toISOString() === text.replace("Z", ".000Z");
  if (isExact) return value;
  throw new ConfigSyntaxError(
    `expected Zulu formatted DateTime, but got '${text}'`,
  );
}
