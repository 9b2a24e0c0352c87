/**
 * Credentials in cookies, for browsers that let no script see them.
 *
 * @module
 */

import type { WebsocketOptions } from "../config/mod.ts";
import { isToken, type RequestHead, trim } from "./request.ts";

/** What a CONNECT may leave out; empty: the cookies don't tell either. */
export interface WebCredentials {
  readonly jwt: string;
  readonly user: string;
  readonly pass: string;
  readonly token: string;
}

/** The options that name cookies. */
export type CookieNames = Pick<
  WebsocketOptions,
  "jwtCookie" | "usernameCookie" | "passwordCookie" | "tokenCookie"
>;

/** Reads the cookies that the options name; of several, the last. */
export function readCookies(
  request: Pick<RequestHead, "headers">,
  names: CookieNames,
): WebCredentials {
  const cookies = new Map(
    (request.headers.get("cookie") ?? []).flatMap((line) =>
      line.split(";").map(parseCookie).filter((pair) => pair !== undefined)
    ),
  );
  // A cookie has a name, so an option that is not set finds none.
  const value = (name: string) => cookies.get(name) ?? "";
  return {
    jwt: value(names.jwtCookie),
    user: value(names.usernameCookie),
    pass: value(names.passwordCookie),
    token: value(names.tokenCookie),
  };
}

function parseCookie(text: string): [string, string] | undefined {
  const pair = trim(text);
  const at = pair.indexOf("=");
  const name = trim(at < 0 ? pair : pair.slice(0, at));
  const raw = at < 0 ? "" : pair.slice(at + 1);
  const value = /^"(.*)"$/.exec(raw)?.[1] ?? raw;
  const isValid = /^[ !#-:<-[\]-~]*$/.test(value);
  return isToken(name) && isValid ? [name, value] : undefined;
}
