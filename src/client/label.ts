/**
 * How logs name a client.
 *
 * @module
 */

import type { JwtOrigin } from "../auth/mod.ts";
import { quoteText } from "../log/mod.ts";
import type { ConnectOptions } from "../protocol/mod.ts";
import type { Endpoint } from "../runtime/mod.ts";

/** `ip:port - cid:N`, and after CONNECT ` - "v<version>:<lang>:<name>" - "<account>/<user>"`. */
export class Label {
  readonly #base: string;
  #details = "";

  constructor(remote: Endpoint, id: number) {
    this.#base = `${formatEndpoint(remote)} - cid:${id}`;
  }

  /** Adds what CONNECT told and the account that the client is in. */
  describe(
    connect: ConnectOptions,
    account: string,
    jwt: JwtOrigin | null,
  ): void {
    const { version, lang, name } = connect;
    const client = [version === "" ? "" : `v${version}`, lang, name]
      .filter((part) => part !== "").join(":");
    const user = credentials(connect, jwt);
    const identity = user === null ? "" : `${account}/${user.label}`;
    this.#details = [client, identity].filter((part) => part !== "")
      .map((part) => ` - ${quoteText(part)}`).join("");
  }

  toString(): string {
    return this.#base + this.#details;
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
