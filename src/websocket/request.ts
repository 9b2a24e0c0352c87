/**
 * The head of an HTTP/1 request, with Go's idea of what one is.
 *
 * The platform's HTTP server can't be used for upgrades: it answers by itself
 * what this server must answer, and does not give its connections away.
 *
 * @module
 */

/** A request as far as its head tells. */
export interface RequestHead {
  readonly method: string;
  /** Still escaped, without query. */
  readonly path: string;
  /** Empty if none is named. */
  readonly host: string;
  /** 0 or 1 in `HTTP/1.x`. */
  readonly minorVersion: number;
  /** Values in their order, by lower-case name. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/** A request that is none. */
export class BadRequest {
  /**
   * @param status such as `400 Bad Request`
   * @param detail what the peer is told in addition; empty: nothing
   */
  constructor(readonly status: string, readonly detail: string = "") {}
}

const MALFORMED = new BadRequest("400 Bad Request");
const TOKEN = /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/;
const HOST = /^[-!$%&'()*+,.:;=@[\]_~0-9A-Za-z]*$/;
// deno-lint-ignore no-control-regex -- control characters are what is refused
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** Position after the blank line that ends a head; -1 if it has not come yet. */
export function headEnd(bytes: Uint8Array, searched: number): number {
  for (let i = Math.max(0, searched - 3);; i++) {
    i = bytes.indexOf(10, i);
    if (i < 0) return -1;
    if (bytes[i + 1] === 10) return i + 2;
    if (bytes[i + 1] === 13 && bytes[i + 2] === 10) return i + 3;
  }
}

/**
 * Parses a head.
 * @param text with the blank line, one char per byte
 */
export function parseHead(text: string): RequestHead | BadRequest {
  const [requestLine = "", ...lines] = text.split("\n")
    .map((line) => line.replace(/\r$/, "")).slice(0, -2);
  const [method = "", target = "", version = "", ...more] = requestLine
    .split(" ");
  const number = /^HTTP\/(\d)\.(\d)$/.exec(version);
  const place = parseTarget(target);
  if (
    !TOKEN.test(method) || more.length > 0 || number === null ||
    place === undefined
  ) return MALFORMED;
  const headers = parseHeaders(lines);
  if (headers === undefined) return MALFORMED;
  if (number[1] !== "1") {
    return new BadRequest(
      "505 HTTP Version Not Supported",
      "unsupported protocol version",
    );
  }
  const minorVersion = Number(number[2]);
  const problem = headerProblem(headers, minorVersion);
  if (problem !== undefined) return problem;
  const host = place.host || (headers.get("host")?.[0] ?? "");
  return { method, path: place.path, host, minorVersion, headers };
}

/** Whether one of a header's values has `token` in its list, in any case. */
export function hasToken(
  { headers }: Pick<RequestHead, "headers">,
  name: string,
  token: string,
): boolean {
  return (headers.get(name) ?? []).some((value) =>
    value.split(",").some((item) => trim(item).toLowerCase() === token)
  );
}

/** The first value of a header, or nothing. */
export function header(
  { headers }: Pick<RequestHead, "headers">,
  name: string,
): string {
  return headers.get(name)?.[0] ?? "";
}

/** Without blanks and tabs at both ends. */
export function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** Whether a text is a token, such as the name of a header or cookie. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

function parseTarget(
  target: string,
): { readonly host: string; readonly path: string } | undefined {
  const absolute = /^[A-Za-z][-+.A-Za-z0-9]*:\/\/([^/?]*)([^?]*)/.exec(target);
  const [, host = "", path = ""] = absolute ??
    /^()(\/[^?]*|\*$)/.exec(target) ?? [];
  if (absolute === null && path === "") return undefined;
  if (CONTROL.test(target) || /%(?![0-9A-Fa-f]{2})/.test(path)) {
    return undefined;
  }
  return { host: host.slice(host.lastIndexOf("@") + 1), path };
}

function parseHeaders(
  lines: readonly string[],
): Map<string, string[]> | undefined {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!TOKEN.test(name)) return undefined;
    const values = headers.get(name) ?? [];
    values.push(trim(line.slice(colon + 1)));
    headers.set(name, values);
  }
  return headers;
}

function headerProblem(
  headers: ReadonlyMap<string, readonly string[]>,
  minorVersion: number,
): BadRequest | undefined {
  const hosts = headers.get("host") ?? [];
  const [host] = hosts;
  if (hosts.length > 1) return MALFORMED;
  if (host === undefined && minorVersion >= 1) {
    return malformed("missing required Host header");
  }
  if (host !== undefined && !HOST.test(host)) {
    return malformed("malformed Host header");
  }
  const isInvalid = [...headers.values()].flat().some((value) =>
    CONTROL.test(value)
  );
  return isInvalid ? malformed("invalid header value") : undefined;
}

function malformed(detail: string): BadRequest {
  return new BadRequest(MALFORMED.status, detail);
}
