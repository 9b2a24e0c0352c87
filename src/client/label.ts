/**
 * How logs name a client.
 *
 * @module
 */

import type { JwtOrigin } from "../auth/mod.ts";
import { quoteText } from "../log/mod.ts";
import type { ConnectOptions } from "../protocol/mod.ts";
import type { Endpoint } from "../runtime/mod.ts";
import type { WebOrigin } from "./web.ts";

/** `ip:port - cid:N`, or `wid:N` over WebSocket, and after CONNECT ` - "v<version>:<lang>:<name>" - "<account>/<user>"`. */
export class Label {
  readonly #remote: Endpoint;
  readonly #id: number;
  readonly #web: WebOrigin | null;
  // Texts are made when something is logged: most connections never are.
  #connect: ConnectOptions | null = null;
  #account = "";
  #jwt: JwtOrigin | null = null;

  constructor(remote: Endpoint, id: number, web: WebOrigin | null) {
    this.#remote = remote;
    this.#id = id;
    this.#web = web;
  }

  /** Adds what CONNECT told and the account that the client is in. */
  describe(
    connect: ConnectOptions,
    account: string,
    jwt: JwtOrigin | null,
  ): void {
    this.#connect = connect;
    this.#account = account;
    this.#jwt = jwt;
  }

  toString(): string {
    const base = this.#address;
    if (this.#connect === null) return base;
    const { version, lang, name } = this.#connect;
    const client = [version === "" ? "" : `v${version}`, lang, name]
      .filter((part) => part !== "").join(":");
    const user = credentials(this.#connect, this.#jwt);
    const identity = user === null ? "" : `${this.#account}/${user.label}`;
    return base + [client, identity].filter((part) => part !== "")
      .map((part) => ` - ${quoteText(part)}`).join("");
  }

  get #address(): string {
    const address = formatEndpoint(this.#remote);
    if (this.#web === null) return `${address} - cid:${this.#id}`;
    const { forwardedFor } = this.#web;
    const client = forwardedFor.includes(":")
      ? `[${forwardedFor}]/`
      : forwardedFor === ""
      ? ""
      : `${forwardedFor}/`;
    return `${client}${address} - wid:${this.#id}`;
  }
}

/** `host:port`, with an IPv6 address in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The credentials that a client presented, without secrets. */
export function credentials(
  connect: ConnectOptions,
  jwt: JwtOrigin | null,
): { readonly label: string; readonly text: string } | null {
  const { nkey, user, auth_token: token } = connect;
  if (nkey !== "") {
    return { label: `nkey:${nkey}`, text: `Nkey ${quoteText(nkey)}` };
  }
  if (user !== "") {
    return { label: `user:${user}`, text: `User ${quoteText(user)}` };
  }
  if (connect.jwt !== "") {
    const key = jwt?.user ?? "";
    return { label: `jwt:${key}`, text: `JWT User ${quoteText(key)}` };
  }
  if (token !== "") return { label: "token", text: 'Token "[REDACTED]"' };
  return null;
}
