/**
 * Takes secrets out of what is about to be logged.
 *
 * @module
 */

const REDACTED = "[REDACTED]";

/**
 * Values behind `pass…` and `auth_token…`, and behind exactly `proxy_sig`,
 * `nkey` and `sig` (client.go, `removeSecretsFromTrace`). White space is
 * spelled out because JavaScript's `\s` takes in more than Go's.
 */
const SECRETS = [
  /(?:auth_token|pass)[^\t\n\f\r ]*?"?[\t\n\f\r ]*[:=][\t\n\f\r ]*"?([^",\r\n}]*)/dg,
  /(?:^|[^A-Za-z0-9_])(?:proxy_sig|nkey|sig)"?[\t\n\f\r ]*[:=][\t\n\f\r ]*"?([^",\r\n}]*)/dg,
];

/**
 * The argument of a CONNECT with `[REDACTED]` in place of every secret.
 *
 * @returns `argument` itself when it holds no secret; it is never changed
 */
export function redactSecrets(argument: Uint8Array): Uint8Array {
  return SECRETS.reduce(redactMatches, argument);
}

/** A URL with `xxxxx` for its password; any other text is returned as it is. */
export function redactUrl(url: string): string {
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)([^/?#]*)@/.exec(url);
  if (parts === null) return url;
  const [whole, scheme, userInfo] = parts;
  const colon = userInfo?.indexOf(":") ?? -1;
  if (colon < 0) return url;
  return `${scheme}${userInfo?.slice(0, colon)}:xxxxx@${
    url.slice(whole.length)
  }`;
}

/** Replaces what the first group of `pattern` captures, wherever it matches. */
function redactMatches(bytes: Uint8Array, pattern: RegExp): Uint8Array {
  // One character per byte keeps the offsets of text and bytes the same.
  const text = byteString(bytes);
  let result = "";
  let copied = 0;
  for (const match of text.matchAll(pattern)) {
    const [start, end] = match.indices?.[1] ?? [0, 0];
    result += text.slice(copied, start) + REDACTED;
    copied = end;
  }
  if (copied === 0) return bytes;
  return Uint8Array.from(
    result + text.slice(copied),
    (char) => char.charCodeAt(0),
  );
}

function byteString(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
