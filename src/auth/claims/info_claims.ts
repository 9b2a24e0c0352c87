/**
 * What claims say for people to read.
 *
 * @module
 */

import type { ClaimReader } from "./reader.ts";
import type { Issues } from "./validation.ts";

/** A text and a page about an account or an export. */
export interface InfoClaim {
  readonly description: string;
  readonly url: string;
}

/** Characters of a text or URL. */
const MAX_LENGTH = 8 * 1024;

/** Reads the fields. @throws JwtError */
export function readInfo(reader: ClaimReader): InfoClaim {
  return {
    description: reader.string("description"),
    url: reader.string("info_url"),
  };
}

export function checkInfo(
  { description, url }: InfoClaim,
  issues: Issues,
): void {
  const tooLong = (text: string) =>
    new TextEncoder().encode(text).length > MAX_LENGTH;
  if (tooLong(description)) issues.error("Description is too long");
  if (url === "") return;
  if (tooLong(url)) issues.error("Info URL is too long");
  if (!/^[A-Za-z][-+.A-Za-z0-9]*:\/\/[^/?#]/.test(url)) {
    issues.error("error parsing info url: no hostname or scheme");
  }
}
