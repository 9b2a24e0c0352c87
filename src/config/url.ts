/**
 * URLs of servers, with Go's idea of what a URL is: looser than the web's, and
 * ports stay as written.
 *
 * @module
 */

import { attempt, type Field } from "./field.ts";
import { quote } from "./go_text.ts";
import type { ServerUrl } from "./options_network.ts";

/**
 * Parses a URL.
 * @returns undefined when the text is no URL
 */
export function parseUrl(text: string): ServerUrl | undefined {
  const trimmed = text.trim();
  // deno-lint-ignore no-control-regex -- control characters are what is refused
  if (/[\x00-\x1f\x7f]/.test(trimmed)) return undefined;
  const withoutFragment = trimmed.replace(/#.*$/, "");
  const match = /^([A-Za-z][-+.A-Za-z0-9]*):(.*)$/.exec(withoutFragment);
  const scheme = match?.[1]?.toLowerCase() ?? "";
  const rest = (match?.[2] ?? withoutFragment).replace(/\?.*$/, "");
  if (match === null && /^[^/]*:/.test(rest)) return undefined;
  const empty = {
    text: trimmed,
    scheme,
    username: "",
    password: undefined,
    host: "",
    port: "",
  };
  if (!rest.startsWith("//")) {
    return isEscaped(rest) ? { ...empty, path: rest } : undefined;
  }
  const [, authority = "", path = ""] = /^\/\/([^/]*)(.*)$/.exec(rest) ?? [];
  const at = authority.lastIndexOf("@");
  const user = userInfo(at < 0 ? "" : authority.slice(0, at));
  const place = hostPort(authority.slice(at + 1));
  if (user === undefined || place === undefined || !isEscaped(path)) {
    return undefined;
  }
  return { ...empty, ...user, ...place, path };
}

/** Whether every `%` begins an escape. */
function isEscaped(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text);
}

function userInfo(
  text: string,
): Pick<ServerUrl, "username" | "password"> | undefined {
  if (!/^[-A-Za-z0-9._:~!$&'()*+,;=%@]*$/.test(text) || !isEscaped(text)) {
    return undefined;
  }
  const colon = text.indexOf(":");
  return {
    username: unescape(colon < 0 ? text : text.slice(0, colon)),
    password: colon < 0 ? undefined : unescape(text.slice(colon + 1)),
  };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hostPort(text: string): Pick<ServerUrl, "host" | "port"> | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(text);
  if (match === null) return undefined;
  const host = match[1] ?? match[2] ?? "";
  if (/[\s"<>\\^`{|}]/.test(host) || !isEscaped(host)) return undefined;
  return { host, port: match[3] ?? "" };
}

/** The URL with the host in front of `port`. */
export function withPort(url: ServerUrl, port: string): ServerUrl {
  return { ...url, port };
}

/** The URL as text, with `xxxxx` for the password. */
export function redactedUrl(url: ServerUrl): string {
  return url.password === undefined
    ? urlText(url)
    : urlText({ ...url, password: "xxxxx" });
}

/** The URL as text. */
export function urlText(url: ServerUrl): string {
  const scheme = url.scheme === "" ? "" : url.scheme + ":";
  const password = url.password === undefined
    ? ""
    : ":" + encodeURIComponent(url.password);
  const user = url.username === "" && password === ""
    ? ""
    : encodeURIComponent(url.username) + password + "@";
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  const port = url.port === "" ? "" : ":" + url.port;
  const authority = user + host + port;
  return scheme + (authority === "" ? "" : "//" + authority) + url.path;
}

/** Reads one URL; `kind` names it in errors. */
export function serverUrl(field: Field, kind: string): ServerUrl {
  const text = field.string();
  return parseUrl(text) ??
    field.fail(`error parsing ${kind} url [${quote(text.trim())}]`);
}

/**
 * Reads a list of URLs and warns about repeated ones.
 * @returns undefined when one of them is bad
 */
export function serverUrls(
  field: Field,
  kind: string,
): ServerUrl[] | undefined {
  const urls: ServerUrl[] = [];
  const seen = new Set<string>();
  let bad = false;
  for (const node of field.list()) {
    const element = field.at(node);
    if (typeof node.value === "string" && seen.has(node.value)) {
      field.scope.report.misuse(
        node,
        node.value,
        `Duplicate ${kind} entry detected`,
      );
      continue;
    }
    if (typeof node.value === "string") seen.add(node.value);
    const url = attempt(element, () => serverUrl(element, kind));
    if (url === undefined) bad = true;
    else urls.push(url);
  }
  return bad ? undefined : urls;
}
