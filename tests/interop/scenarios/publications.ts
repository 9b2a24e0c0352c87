/**
 * Publishing several payloads at once.
 *
 * @module
 */

/** `PUB subject` once per payload. */
export function publications(subject: string, ...payloads: string[]): string[] {
  return payloads.flatMap((
    payload,
  ) => [`PUB ${subject} ${payload.length}`, payload]);
}
