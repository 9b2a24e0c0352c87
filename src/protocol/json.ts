/**
 * JSON as Go's encoder writes it, since its bytes are visible on the wire.
 *
 * @module
 */

const ESCAPED = /[<>&\u2028\u2029]/g;

function escape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * Encodes a value like Go's `json.Marshal`: no blanks, and `<`, `>`, `&`,
 * U+2028 and U+2029 escaped. Fields that are `undefined` are left out.
 */
export function encodeGoJson(value: unknown): string {
  return JSON.stringify(value).replace(ESCAPED, escape);
}
