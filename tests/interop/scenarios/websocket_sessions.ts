/**
 * Clients over WebSocket: who they are, and how they are sent away.
 *
 * @module
 */

import { frame, upgradeRequest } from "../../tools/raw_websocket.ts";
import {
  CONNECT,
  text,
  UPGRADE,
  websocket,
  type WebsocketScenario,
} from "./websocket_support.ts";

const AUTH = {
  positive: ["websocket/auth-override"],
  edge: ["websocket/auth-override"],
};
const COOKIES = {
  positive: ["websocket/cookies"],
  edge: ["websocket/cookies"],
};
const TYPES = {
  positive: ["websocket/type-strings"],
  edge: ["websocket/type-strings"],
};
const CLOSE = { positive: ["websocket/close-codes"] };

const OWN_USER = `authorization { user: u, password: p }\n` +
  websocket("authorization { user: w, password: q }");
const OWN_TOKEN = websocket("authorization { token: secret }");
const USERS = `authorization { users: [
  {user: u, password: p}, {user: v, password: q}
  {user: s, password: p, allowed_connection_types: ["STANDARD"]}
  {user: w, password: p, allowed_connection_types: ["WEBSOCKET"]}
] }\n`;
const NOBODY = USERS + websocket("no_auth_user: v");
const BAKED = `authorization { user: u, password: p }\n` +
  websocket("user_cookie: usr, pass_cookie: pwd, token_cookie: tok");
const BAKED_TOKEN = `authorization { token: secret }\n` +
  websocket("user_cookie: usr, pass_cookie: pwd, token_cookie: tok");
const SLOW = websocket("authorization { token: secret, timeout: 0.1 }");
const FULL = `max_connections: -1\n${websocket()}`;

function session(
  name: string,
  proves: WebsocketScenario["proves"],
  config: string,
  request: string,
  ...operations: readonly string[]
): WebsocketScenario {
  return { name, proves, config, request, steps: operations.map(text) };
}

function connect(fields: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify({ verbose: false, protocol: 1, ...fields });
  return `CONNECT ${json}\r\nPING\r\n`;
}

const cookie = (value: string) => upgradeRequest({ Cookie: value });

export const SESSIONS: readonly WebsocketScenario[] = [
  session(
    "own user",
    AUTH,
    OWN_USER,
    UPGRADE,
    connect({ user: "w", pass: "q" }),
  ),
  session(
    "the server's user is not the listener's",
    AUTH,
    OWN_USER,
    UPGRADE,
    connect({ user: "u", pass: "p" }),
  ),
  session(
    "own token",
    AUTH,
    OWN_TOKEN,
    UPGRADE,
    connect({
      auth_token: "secret",
    }),
  ),
  session(
    "a wrong token",
    AUTH,
    OWN_TOKEN,
    UPGRADE,
    connect({
      auth_token: "guess",
    }),
  ),
  session("nothing where a token is due", AUTH, OWN_TOKEN, UPGRADE, "PING\r\n"),
  session("own no_auth_user", AUTH, NOBODY, UPGRADE, connect({})),
  session(
    "a user beside no_auth_user",
    AUTH,
    NOBODY,
    UPGRADE,
    connect({
      user: "u",
      pass: "p",
    }),
  ),
  session("too late", AUTH, SLOW, UPGRADE),
  session(
    "a user for this type",
    TYPES,
    NOBODY,
    UPGRADE,
    connect({
      user: "w",
      pass: "p",
    }),
  ),
  session(
    "a user for another type",
    TYPES,
    NOBODY,
    UPGRADE,
    connect({
      user: "s",
      pass: "p",
    }),
  ),
  session(
    "user and password in cookies",
    COOKIES,
    BAKED,
    cookie("usr=u; pwd=p"),
    connect({}),
  ),
  session(
    "quoted cookies among others",
    COOKIES,
    BAKED,
    cookie('a=b; usr="u";pwd="p"; c'),
    connect({}),
  ),
  session(
    "CONNECT comes before cookies",
    COOKIES,
    BAKED,
    cookie("usr=u; pwd=p"),
    connect({ pass: "wrong" }),
  ),
  session(
    "other cookies",
    COOKIES,
    BAKED,
    cookie("user=u; pass=p"),
    connect({}),
  ),
  session(
    "a token in a cookie",
    COOKIES,
    BAKED_TOKEN,
    cookie("tok=secret"),
    connect({}),
  ),
  session(
    "a wrong token in a cookie",
    COOKIES,
    BAKED_TOKEN,
    cookie("tok=guess"),
    connect({}),
  ),
  session(
    "no more connections",
    { edge: ["websocket/max-connections"], ...CLOSE },
    FULL,
    UPGRADE,
  ),
  session(
    "a client behind a proxy",
    { positive: ["websocket/x-forwarded-for"] },
    OWN_TOKEN,
    upgradeRequest({ "X-Forwarded-For": "192.0.2.7" }),
    connect({ auth_token: "secret" }),
  ),
  {
    ...session(
      "a violation behind a proxy",
      { positive: ["websocket/x-forwarded-for"] },
      websocket(),
      upgradeRequest({ "X-Forwarded-For": "2001:db8::7" }),
    ),
    steps: [text(CONNECT), frame({ opcode: 7 })],
  },
  {
    ...session(
      "a proxy that tells no address",
      { edge: ["websocket/x-forwarded-for"] },
      websocket(),
      upgradeRequest({ "X-Forwarded-For": "192.0.2.7, 192.0.2.8" }),
    ),
    steps: [text(CONNECT), frame({ opcode: 7 })],
  },
];
