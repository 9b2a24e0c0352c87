/**
 * Which leafnode settings make sense together.
 *
 * @module
 */

import { quote, quoteAll } from "./go_text.ts";
import type { LeafnodeOptions, RemoteLeafOptions } from "./options_network.ts";
import { parseUrl, redactedUrl, urlText } from "./url.ts";

/** What is wrong with the users that may connect as leafs, or undefined. */
export function leafUsersProblem(
  leafnodes: Pick<LeafnodeOptions, "users" | "username" | "nkey">,
): string | undefined {
  if (leafnodes.users.length === 0) return undefined;
  if (leafnodes.username !== "") {
    return "can not have a single user/pass and a users array";
  }
  if (leafnodes.nkey !== "") {
    return "can not have a single nkey and a users array";
  }
  const names = new Set<string>();
  for (const { username } of leafnodes.users) {
    if (names.has(username)) {
      return `duplicate user ${
        quote(username)
      } detected in leafnode authorization`;
    }
    names.add(username);
  }
  return undefined;
}

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[-.0-9A-Za-z]+)?(?:\+[-.0-9A-Za-z]+)?$/;

/** What is wrong with the lowest version that leafs may have, or undefined. */
export function minVersionProblem(version: string): string | undefined {
  const match = SEMVER.exec(version);
  if (match === null) {
    return "invalid leafnode's minimum version: invalid semver";
  }
  const [major = 0, minor = 0] = match.slice(1).map(Number);
  if (major > 2 || (major === 2 && minor >= 8)) return undefined;
  return "the minimum version should be at least 2.8.0";
}

/** What is wrong with the proxy of a remote, or undefined. */
export function proxyProblem(remote: RemoteLeafOptions): string | undefined {
  const { proxy } = remote;
  if (proxy === undefined) return undefined;
  if (proxy.url === "") {
    const set = proxy.username !== "" || proxy.password !== "" ||
      proxy.timeout !== 0 ||
      proxy.tls !== undefined;
    return set
      ? "proxy URL must be specified when other proxy options are set"
      : undefined;
  }
  const url = parseUrl(proxy.url);
  if (url === undefined) {
    return `invalid proxy URL: parse ${quote(proxy.url)}: invalid URL`;
  }
  if (url.scheme !== "http" && url.scheme !== "https") {
    return `proxy URL scheme must be http or https, got: ${url.scheme}`;
  }
  if (url.host === "" && url.port === "") {
    return "proxy URL must specify a host";
  }
  if (proxy.tls !== undefined && url.scheme !== "https") {
    return `proxy TLS configuration requires an https proxy URL, got: ${url.scheme}`;
  }
  if (proxy.timeout < 0) return "proxy timeout must be >= 0";
  if ((proxy.tls?.timeout ?? 0) < 0) return "proxy TLS timeout must be >= 0";
  if ((proxy.username === "") !== (proxy.password === "")) {
    return "proxy username and password must both be specified or both be empty";
  }
  const secure = remote.tls === undefined
    ? remote.urls.find(({ scheme }) => scheme === "wss")
    : undefined;
  if (secure === undefined) return undefined;
  return `proxy is configured but remote URL ${
    urlText(secure)
  } requires TLS and ` +
    "no TLS configuration is provided. When using proxy with TLS endpoints, " +
    "ensure TLS is properly configured for the leafnode remote";
}

/** What identifies a remote: no two may have the same. */
export function remoteName(remote: RemoteLeafOptions): string {
  return describeRemote(remote, urlText, quote(remote.nkey));
}

/** The name of a remote without its secrets. */
export function safeRemoteName(remote: RemoteLeafOptions): string {
  return describeRemote(remote, redactedUrl, '"[REDACTED]"');
}

function describeRemote(
  remote: RemoteLeafOptions,
  text: typeof urlText,
  nkey: string,
): string {
  const identity = remote.credentials !== ""
    ? `, credentials=${quote(remote.credentials)}`
    : remote.nkey !== ""
    ? `, nkey=${nkey}`
    : "";
  const urls = quoteAll(remote.urls.map(text));
  return `urls=${urls}, account=${quote(remote.account || "$G")}${identity}`;
}
