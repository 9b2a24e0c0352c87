/**
 * Takes secrets out of the command line before anybody can ask for it.
 *
 * @module
 */

/** How to show the value of a flag. */
type Redaction = (value: string) => string;

const FLAGS: readonly (readonly [RegExp, Redaction])[] = [
  [/^--?(?:user|pass|auth)(?:=.*)?$/s, () => "[REDACTED]"],
  [
    /^--?routes(?:=.*)?$/s,
    (urls) => urls.split(",").map(withoutUser).join(","),
  ],
  [/^--?(?:cluster|cluster_listen)(?:=.*)?$/s, withoutUser],
];

/** `args` with `[REDACTED]` for users, passwords, tokens and the users of URLs. */
export function redactArguments(args: readonly string[]): string[] {
  const shown = [...args];
  for (const [at, argument] of shown.entries()) {
    const redaction = FLAGS.find(([pattern]) => pattern.test(argument))?.[1];
    if (redaction === undefined) continue;
    const equals = argument.indexOf("=");
    if (equals >= 0) {
      shown[at] = argument.slice(0, equals + 1) +
        redaction(argument.slice(equals + 1));
    } else if (at + 1 < shown.length) {
      shown[at + 1] = redaction(shown[at + 1] ?? "");
    }
  }
  return shown;
}

function withoutUser(url: string): string {
  const parts = /^\s*([A-Za-z][A-Za-z0-9+.-]*:)?\/\/[^/?#]*@(.*?)\s*$/s.exec(
    url,
  );
  return parts === null ? url : `${parts[1] ?? ""}//[REDACTED]@${parts[2]}`;
}
