/**
 * Of how many acknowledgements a metric is published.
 *
 * @module
 */

import { quoteText } from "../../../log/mod.ts";

const INT64_MAX = 9_223_372_036_854_775_807n;

/**
 * Reads `50` or `50%`.
 * @returns per cent, or what is wrong with it
 */
export function parseSampling(text: string): number | { readonly err: string } {
  if (text === "") return 0;
  const digits = text.endsWith("%") ? text.slice(0, -1) : text;
  const complain = (why: string) => ({
    err: `strconv.Atoi: parsing ${quoteText(digits)}: ${why}`,
  });
  if (!/^[+-]?\d+$/.test(digits)) return complain("invalid syntax");
  const value = BigInt(digits.replace("+", ""));
  if (value > INT64_MAX || value < -INT64_MAX - 1n) {
    return complain("value out of range");
  }
  // Go has no error to tell of here, and tells so.
  return value < 0n ? { err: "<nil>" } : Number(value);
}
