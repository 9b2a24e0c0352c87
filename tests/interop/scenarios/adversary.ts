/**
 * Clients who try to get where they don't belong.
 *
 * @module
 */

import { createAccount, createUser, type KeyPair } from "@nats-io/nkeys";
import {
  claimsOf,
  forge,
  inSeconds,
  type UserFields,
  userJwt,
} from "../../tools/operator.ts";
import {
  answer,
  client,
  closed,
  expect,
  lines,
  open,
  quiet,
  respond,
  type Scenario,
  scenario,
  send,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";
import {
  accountJwt,
  citizen,
  operatorFixture,
  tenant,
} from "./operator_support.ts";

const edge = (...rows: string[]) => ({ edge: rows });
const as = (on: string, user: string) =>
  client(on, { user, pass: "p", headers: true });

const ACCOUNTS = server(
  `accounts {
    A { users: [ {user: a, password: p} ]
      exports: [ {service: "svc"}, {stream: "open.>"}, {service: "own", accounts: [B]}, {stream: "own.>", accounts: [B]} ] }
    B { users: [ {user: b, password: p} ]
      imports: [ {service: {account: A, subject: svc}}, {stream: {account: A, subject: "open.>"}} ] }
    C { users: [ {user: c, password: p} ] }
  }`,
);

const CONFINED = server(
  `authorization { users: [
    { user: free, password: p }
    { user: bound, password: p, permissions {
      publish { allow: ["ok.>", "map.me"], deny: ["ok.secret", "ok.*.secret"] }
      subscribe { allow: ["ok.>", "q.> fine", "_INBOX.bound.>"], deny: ["ok.secret.>", "ok.shared evil"] } } }
    { user: replier, password: p, permissions {
      subscribe: "ask", allow_responses: { max: 1, expires: "1m" } } }
  ] }`,
  "mappings { map.me: secret.place, ok.mapped: secret.place }",
);

/** A third party that listens to everything while two accounts talk. */
const EAVESDROPPING: Steps = [
  as("a", "a"),
  as("b", "b"),
  as("c", "c"),
  lines("a", "SUB svc 1"),
  lines("b", "SUB in.> 1"),
  lines("c", "SUB > 1", "SUB _R_.> 2", "SUB *.* 3"),
  sync("a", "b", "c"),
  lines("b", "PUB svc in.1 3", "ask"),
  sync("b", "a"),
];

const publishes = (on: string, ...subjects: string[]) => [
  lines(on, ...subjects.flatMap((subject) => [`PUB ${subject} 1`, "x"])),
  sync(on),
];

/** A request that claims to come from somebody else. */
function forgedRequest(): string[] {
  const claim = 'Nats-Request-Info: {"acc":"A","user":"admin","id":1}';
  const size = `NATS/1.0\r\n${claim}\r\n\r\n`.length;
  return [`HPUB svc in.1 ${size} ${size + 1}`, "NATS/1.0", claim, "", "x"];
}

const BORDERS: readonly Scenario[] = [
  scenario(
    ACCOUNTS,
    "adversary - a third account hears nothing of requests and replies",
    edge("accounts/isolation", "accounts/reply-rewrite"),
    EAVESDROPPING,
    respond("a", "a", "PUB {{reply}} 2", "ok"),
    sync("a", "b", "c"),
  ),
  scenario(
    ACCOUNTS,
    "adversary - a third account can't answer, even if it knows the subject",
    edge("accounts/isolation", "accounts/reply-rewrite"),
    EAVESDROPPING,
    respond("c", "a", "PUB {{reply}} 4", "evil", "PUB in.1 4", "evil"),
    sync("c", "b"),
    respond("b", "a", "PUB {{reply}} 4", "self"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 4", "real"),
    sync("a", "b"),
  ),
  scenario(
    ACCOUNTS,
    "adversary - an answer comes once",
    edge("accounts/response-types", "accounts/reply-rewrite"),
    EAVESDROPPING,
    respond("a", "a", "PUB {{reply}} 1", "1", "PUB {{reply}} 1", "2"),
    sync("a", "b"),
  ),
  scenario(
    ACCOUNTS,
    "adversary - what others may import is no use to those who may not",
    edge("accounts/isolation", "accounts/authorization-order"),
    as("a", "a"),
    as("c", "c"),
    as("b", "b"),
    lines("a", "SUB own 1", "SUB svc 2"),
    lines("c", "SUB own.> 1", "SUB open.> 2"),
    lines("b", "SUB own.> 1", "SUB open.> 2"),
    sync("a", "b", "c"),
    publishes("c", "own", "svc", "own.x", "open.x"),
    publishes("b", "own", "own.x"),
    publishes("a", "own.y", "open.y"),
    sync("a", "b", "c"),
  ),
  scenario(
    ACCOUNTS,
    "adversary - headers don't carry a request across the border",
    edge("accounts/isolation", "accounts/client-info-header"),
    as("a", "a"),
    as("b", "b"),
    lines("a", "SUB svc 1"),
    lines("b", "SUB in.> 1"),
    sync("a", "b"),
    lines("b", ...forgedRequest()),
    sync("b", "a"),
  ),
];

const RULES: readonly Scenario[] = [
  scenario(
    CONFINED,
    "adversary - wildcards don't widen what may be published",
    edge("auth/evaluation"),
    as("f", "free"),
    lines("f", "SUB > 1"),
    as("b", "bound"),
    publishes("b", "ok.x", "ok.secret", "ok.a.secret", "ok.>", "*.x", ">"),
    publishes("b", "OK.x", "okx", "ok", "ok..x", "secret.place"),
    sync("f"),
  ),
  scenario(
    CONFINED,
    "adversary - mappings are no way around rules",
    edge("auth/evaluation"),
    as("f", "free"),
    lines("f", "SUB > 1"),
    as("b", "bound"),
    publishes("b", "map.me", "ok.mapped", "secret.place"),
    sync("f"),
  ),
  scenario(
    CONFINED,
    "adversary - subscriptions that are wider than allowed",
    edge("auth/evaluation"),
    as("b", "bound"),
    lines(
      "b",
      "SUB > 1",
      "SUB * 2",
      "SUB ok.* 3",
      "SUB ok.secret.x 4",
      "SUB ok.> 5",
      "SUB *.x 6",
      "SUB ok.secret.> 7",
    ),
    sync("b"),
    as("f", "free"),
    publishes("f", "ok.x", "ok.secret.x", "secret.place"),
    sync("b"),
  ),
  scenario(
    CONFINED,
    "adversary - queue names are no way around rules",
    edge("auth/queue-permissions"),
    as("b", "bound"),
    lines(
      "b",
      "SUB q.x 1",
      "SUB q.x other 2",
      "SUB q.x fine 3",
      "SUB ok.shared evil 4",
      "SUB ok.shared good 5",
      "SUB q.y.> fine 6",
      "SUB q.x fin* 7",
      "SUB q.x > 8",
    ),
    sync("b"),
    as("f", "free"),
    publishes("f", "q.x", "ok.shared"),
    sync("b"),
  ),
  scenario(
    CONFINED,
    "adversary - replies may be given to those who asked, and once",
    edge("auth/allow-responses"),
    as("f", "free"),
    as("r", "replier"),
    lines("f", "SUB in.> 1", "SUB else 2"),
    lines("r", "SUB ask 1"),
    sync("f", "r"),
    publishes("r", "in.1", "else"),
    lines("f", "PUB ask in.1 1", "x"),
    sync("f", "r"),
    publishes("r", "in.2", "in.1", "in.1", "else"),
    sync("f"),
  ),
  scenario(
    CONFINED,
    "adversary - a reply subject is not subject to a wildcard",
    edge("auth/allow-responses"),
    as("f", "free"),
    as("r", "replier"),
    lines("r", "SUB ask 1"),
    sync("r"),
    lines("f", "SUB > 1", "PUB ask in.> 1", "x"),
    sync("f", "r"),
    publishes("r", "in.>", "in.x"),
    sync("f"),
  ),
];

const ACCOUNT = tenant();
const OTHER = tenant();
const REVOKED = createUser();
const OPERATED = operatorFixture([
  [
    ACCOUNT,
    await accountJwt(ACCOUNT, {
      revocations: { [REVOKED.getPublicKey()]: inSeconds(60) },
    }),
  ],
  [OTHER, await accountJwt(OTHER)],
]);

function sign(key: KeyPair, nonce: string): string {
  const signature = key.sign(new TextEncoder().encode(nonce));
  return btoa(String.fromCharCode(...signature)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}

/** Comes with a JWT and a signature, and is turned away. */
function turnedAway(
  name: string,
  jwt: string,
  key: KeyPair,
  signed: (nonce: string) => string = (nonce) => nonce,
): Scenario {
  return scenario(
    OPERATED,
    `adversary - ${name}`,
    edge("auth/user-jwt-validation"),
    open("x"),
    answer("x", (nonce) => ({ jwt, sig: sign(key, signed(nonce)) })),
    closed("x"),
  );
}

const USER = createUser();
const good = await userJwt(ACCOUNT.key, {}, { user: USER });
const fields = claimsOf(good);
const withClaims = (changes: UserFields, key: KeyPair = ACCOUNT.key) =>
  forge(key, { ...fields, ...changes });
const [header = "", payload = "", signature = ""] = good.split(".");
const swapped = (await userJwt(ACCOUNT.key)).split(".");

const TOKENS: readonly Scenario[] = [
  turnedAway("a nonce of yesterday", good, USER, () => "aaaaaaaaaaaaaaa"),
  turnedAway("a nonce with more behind it", good, USER, (nonce) => `${nonce}x`),
  turnedAway("nothing signed", good, USER, () => ""),
  turnedAway("somebody else's signature", good, createUser()),
  turnedAway(
    "a JWT with another signature",
    `${header}.${payload}.${swapped[2]}`,
    USER,
  ),
  turnedAway(
    "a JWT with another payload",
    `${header}.${swapped[1]}.${signature}`,
    USER,
  ),
  turnedAway("a JWT without signature", `${header}.${payload}.`, USER),
  turnedAway(
    "a JWT without algorithm",
    forge(ACCOUNT.key, fields, { typ: "JWT", alg: "none" }),
    USER,
  ),
  turnedAway(
    "a JWT of another type",
    forge(ACCOUNT.key, fields, { typ: "JWS", alg: "ed25519-nkey" }),
    USER,
  ),
  turnedAway(
    "a JWT by the user itself",
    withClaims({ iss: USER.getPublicKey() }, USER),
    USER,
  ),
  turnedAway(
    "a JWT that names another issuer",
    withClaims({ iss: OTHER.id }),
    USER,
  ),
  turnedAway(
    "a JWT by an unknown account",
    await userJwt(createAccount(), {}, { user: USER }),
    USER,
  ),
  turnedAway(
    "a JWT that has expired",
    await userJwt(ACCOUNT.key, {}, { user: USER, exp: inSeconds(-1) }),
    USER,
  ),
  turnedAway(
    "a JWT of tomorrow",
    await userJwt(ACCOUNT.key, {}, { user: USER, nbf: inSeconds(86400) }),
    USER,
  ),
  turnedAway(
    "a user who was revoked",
    await userJwt(ACCOUNT.key, {}, { user: REVOKED }),
    REVOKED,
  ),
  turnedAway("an account's JWT as a user's", await accountJwt(ACCOUNT), USER),
  turnedAway(
    "a signing key of another account",
    await userJwt(OTHER.signer, { issuer_account: ACCOUNT.id }, { user: USER }),
    USER,
  ),
  turnedAway(
    "an account that signs for another",
    await userJwt(OTHER.key, { issuer_account: ACCOUNT.id }, { user: USER }),
    USER,
  ),
  turnedAway("text that is no JWT", "a.b.c", USER),
  turnedAway("a very long JWT", `${good}${"A".repeat(2000)}`, USER),
  scenario(
    OPERATED,
    "adversary - one nonce serves one connection",
    edge("auth/user-jwt-validation", "auth/nkeys"),
    await citizen("a", ACCOUNT),
    open("x"),
    answer("x", () => ({ jwt: good, sig: sign(USER, "") })),
    closed("x"),
    sync("a"),
  ),
];

const GUARDED = server("authorization { user: a, password: p, timeout: 1 }");
const CONNECTS: readonly (readonly [string, string])[] = [
  ["no JSON", "CONNECT x"],
  ["nothing", "CONNECT"],
  ["an array", "CONNECT []"],
  ["null", "CONNECT null"],
  ["a text", 'CONNECT "user"'],
  ["JSON that does not end", 'CONNECT {"user":"a"'],
  ["JSON with more behind it", 'CONNECT {"user":"a","pass":"p"} x'],
  ["a number for a name", 'CONNECT {"user":5}'],
  ["an object for a password", 'CONNECT {"user":"a","pass":{}}'],
  ["a name twice", 'CONNECT {"user":"a","pass":"x","pass":"p"}'],
  ["other cases", 'CONNECT {"USER":"a","Pass":"p"}'],
  ["null for a password", 'CONNECT {"user":"a","pass":null}'],
  ["a NUL in the password", 'CONNECT {"user":"a","pass":"p\\u0000"}'],
  [
    "a deep nest",
    `CONNECT {"user":"a","x":${"[".repeat(300)}${"]".repeat(300)}}`,
  ],
  ["an empty password", 'CONNECT {"user":"a","pass":""}'],
  ["a token instead", 'CONNECT {"auth_token":"p"}'],
  ["too many bytes", `CONNECT {"user":"${"a".repeat(5000)}"}`],
  ["bytes that are no text", 'CONNECT {"user":"\xff\xfe","pass":"p"}'],
];

/** Sends a first line; PING follows if it may. */
const GREETINGS: readonly Scenario[] = CONNECTS.map(([name, line]) =>
  scenario(
    GUARDED,
    `adversary - CONNECT with ${name}`,
    edge("client-protocol/connect-fields", "auth/failure"),
    open("x"),
    expect("x", "INFO"),
    send(
      "x",
      Uint8Array.from(`${line}\r\nPING\r\n`, (char) => char.charCodeAt(0)),
    ),
    quiet("x", 1_500),
  )
);

export const ADVERSARY: readonly Scenario[] = [
  ...BORDERS,
  ...RULES,
  ...TOKENS,
  ...GREETINGS,
];
