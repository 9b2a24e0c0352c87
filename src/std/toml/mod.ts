/**
 * Stand-in for `jsr:@std/toml` over `smol-toml`.
 *
 * @module
 */
import * as smol from "smol-toml";

/** Parses TOML text. @throws Error naming line and column of a mistake */
export function parse(tomlString: string): Record<string, unknown> {
  return smol.parse(tomlString);
}

/** Renders an object as TOML text. */
export function stringify(obj: Record<string, unknown>): string {
  return smol.stringify(obj);
}
