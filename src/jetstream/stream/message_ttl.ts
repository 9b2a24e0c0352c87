/**
 * How long messages live by their own wish.
 *
 * @module
 */

import { DurationError, parseDuration } from "../../config/mod.ts";
import { parseWrapping } from "./sequence_text.ts";

/** For ever, whatever the age limit of the stream. */
export const NEVER = -1;

/**
 * Reads the value of `Nats-TTL`: a duration of a second or more, whole
 * seconds, or `never`.
 * @returns seconds; 0: no limit of its own; {@link NEVER}; undefined: invalid
 */
export function parseMessageTtl(text: string): number | undefined {
  if (text === "") return 0;
  if (text.toLowerCase() === "never") return NEVER;
  try {
    const duration = parseDuration(text);
    return duration < 1000 ? undefined : Math.trunc(duration / 1000);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
  }
  const seconds = parseWrapping(text) ?? -1;
  return seconds < 0 ? undefined : Number(seconds);
}
