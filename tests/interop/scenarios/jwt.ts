/**
 * Operators, accounts and users that are known by JWTs.
 *
 * @module
 */

import { newScopedSigner } from "@nats-io/jwt";
import { createAccount, createOperator, createUser } from "@nats-io/nkeys";
import type { KeyPair } from "@nats-io/nkeys";
import {
  claimsOf,
  forge,
  inSeconds,
  NO_LIMITS,
  TestOperator,
  type UserFields,
  userJwt,
} from "../../tools/operator.ts";
import {
  aloneScenario,
  answer,
  closed,
  type Fixture,
  lines,
  logged,
  open,
  quiet,
  reload,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const operator = new TestOperator();
const OPERATOR_JWT = await operator.jwt();
const ACCOUNT = createAccount();
const USER = createUser();
const SIGNER = createAccount();
const SCOPED = createAccount();
const DENYING = createAccount();
const STRANGER = createAccount();
const EXPIRED = createAccount();
const FOREIGN = createAccount();
const STRICT = createAccount();
const TIGHT = createAccount();
const BEARERLESS = createAccount();
const SHORT = createAccount();
const CROWDED = createAccount();

const limits = { ...NO_LIMITS.limits };
const TOKENS: [KeyPair, string][] = [
  [
    ACCOUNT,
    await operator.account(ACCOUNT, {
      signing_keys: [
        SIGNER.getPublicKey(),
        newScopedSigner(SCOPED, "s", {
          pub: { allow: ["{{name()}}.>", "{{tag(team)}}.*.{{tag(role)}}"] },
          sub: { allow: ["{{subject()}}", "{{account-name()}}.>"] },
        }),
        newScopedSigner(DENYING, "d", { pub: { deny: ["{{tag(none)}}"] } }),
      ],
    }),
  ],
  [EXPIRED, await operator.account(EXPIRED, {}, { exp: inSeconds(-60) })],
  [FOREIGN, await operator.account(FOREIGN, {}, { signer: createOperator() })],
  [
    TIGHT,
    await operator.account(TIGHT, {
      limits: { ...limits, subs: 2, payload: 16 },
      default_permissions: { pub: { allow: ["open.>"] } },
    }),
  ],
  [
    BEARERLESS,
    await operator.account(BEARERLESS, {
      limits: { ...limits, disallow_bearer: true },
    }),
  ],
  [
    CROWDED,
    await operator.account(CROWDED, { limits: { ...limits, conn: 1 } }),
  ],
  [
    STRICT,
    await operator.account(STRICT, {
      revocations: { [USER.getPublicKey()]: inSeconds(60) },
    }),
  ],
  [SHORT, await operator.account(SHORT, {}, { exp: inSeconds(3600) })],
];

/** A server of the operator that knows all accounts. */
function operated(
  tokens: readonly [KeyPair, string][],
  ...settings: string[]
): Fixture {
  const preload = tokens.map(([key, token]) =>
    `${key.getPublicKey()}: "${token}"`
  );
  return server(
    "debug: true",
    `operator: "${OPERATOR_JWT}"`,
    "resolver: MEMORY",
    `resolver_preload { ${preload.join("\n")} }`,
    ...settings,
  );
}

const SERVER = operated(TOKENS);
const SENTINEL = operated(
  TOKENS,
  `default_sentinel: "${await userJwt(ACCOUNT, { bearer_token: true })}"`,
);
const PINNED = operated(
  TOKENS,
  `resolver_pinned_accounts: [${ACCOUNT.getPublicKey()}]`,
);

function sign(key: KeyPair, nonce: string): string {
  const signature = key.sign(new TextEncoder().encode(nonce));
  return btoa(String.fromCharCode(...signature)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}

/** INFO and a CONNECT with the token and, by default, the user's signature. */
function presented(jwt: string, key: KeyPair | null = USER, on = "a"): Steps {
  return [
    open(on),
    answer(
      on,
      (nonce) => ({ jwt, ...(key === null ? {} : { sig: sign(key, nonce) }) }),
    ),
  ];
}

function admitted(
  name: string,
  proves: Scenario["proves"],
  jwt: string,
  key: KeyPair | null = USER,
  fixture = SERVER,
): Scenario {
  return scenario(fixture, name, proves, presented(jwt, key), sync("a"));
}

function refused(
  name: string,
  proves: Scenario["proves"],
  jwt: string,
  log?: RegExp,
  key: KeyPair | null = USER,
  fixture = SERVER,
): Scenario {
  return scenario(
    fixture,
    name,
    proves,
    presented(jwt, key),
    closed("a"),
    log === undefined ? [] : logged(log),
  );
}

function user(
  signer = ACCOUNT,
  claims: UserFields = {},
  options: Parameters<typeof userJwt>[2] = {},
): Promise<string> {
  return userJwt(signer, claims, { user: USER, ...options });
}

const issuer_account = ACCOUNT.getPublicKey();
const good = await user();
const validation = { edge: ["auth/user-jwt-validation"] };

export const JWT: readonly Scenario[] = [
  admitted("a user of an account", {
    positive: [
      "auth/user-jwt-validation",
      "auth/operator-option",
      "auth/syntax",
    ],
  }, good),
  refused("no JWT", validation, "", /Authentication requires a user JWT/),
  refused("no JWT but text", validation, "x.y.z", /requires a user JWT/),
  refused("no signature", validation, good, /Signature missing/, null),
  refused(
    "another's signature",
    validation,
    good,
    /Signature not verified/,
    createUser(),
  ),
  refused(
    "an altered JWT",
    validation,
    good.replace(
      /\.[^.]+\./,
      () =>
        forge(ACCOUNT, { ...claimsOf(good), name: "x" }).match(/\.[^.]+\./)
          ?.[0] ?? "",
    ),
    /requires a user JWT/,
  ),
  refused(
    "an expired JWT",
    validation,
    await user(ACCOUNT, {}, { exp: inSeconds(-60) }),
    /User JWT no longer valid/,
  ),
  refused(
    "a JWT of the future",
    validation,
    await user(ACCOUNT, {}, { nbf: inSeconds(3600) }),
    /User JWT no longer valid/,
  ),
  refused(
    "an unknown account",
    validation,
    await user(STRANGER),
    /Account JWT lookup error: account missing/,
  ),
  refused(
    "an expired account",
    validation,
    await user(EXPIRED),
    /Account JWT lookup error: account validation failed/,
  ),
  refused(
    "an account of another operator",
    { edge: ["auth/operator-option"] },
    await user(FOREIGN),
    /Account JWT lookup error: account validation failed/,
  ),
  refused(
    "a signer that the account does not know",
    validation,
    await user(STRANGER, { issuer_account }),
    /User JWT issuer is not known/,
  ),
  admitted(
    "a signing key",
    { positive: ["auth/user-jwt-validation"] },
    await user(SIGNER, { issuer_account }),
  ),
  admitted(
    "a bearer token",
    { positive: ["auth/user-jwt-validation"] },
    await user(ACCOUNT, { bearer_token: true }),
    null,
  ),
  refused(
    "a bearer token of an account without",
    validation,
    await user(BEARERLESS, { bearer_token: true }),
    /Account does not allow bearer tokens/,
    null,
  ),
  refused(
    "a revoked user",
    { edge: ["auth/revocation"] },
    await user(STRICT),
    /User authentication revoked/,
  ),
  scenario(
    SERVER,
    "a scoped user may do what the key's template says",
    { positive: ["auth/templates-in-scoped-keys"] },
    presented(
      await user(SCOPED, {
        issuer_account,
        tags: ["team:red", "team:blue", "role:dev"],
      }, { name: "bob", scoped: true }),
    ),
    lines(
      "a",
      `SUB ${USER.getPublicKey()} 1`,
      "SUB A.x 2",
      "SUB B.x 3",
      ...["bob.x", "red.1.dev", "blue.1.dev", "red.1.ops", "eve.x"].flatMap((
        subject,
      ) => [`PUB ${subject} 0`, ""]),
    ),
    sync("a"),
  ),
  refused(
    "a scoped user with permissions of its own",
    { edge: ["auth/templates-in-scoped-keys"] },
    await user(SCOPED, { issuer_account }),
    /User JWT is not valid: scoped users require no permissions or limits set/,
  ),
  refused(
    "a denied subject with a tag that the user does not have",
    { edge: ["auth/templates-in-scoped-keys"] },
    await user(DENYING, { issuer_account }, { scoped: true }),
    /User JWT generated invalid permissions/,
  ),
  scenario(
    SERVER,
    "permissions of the JWT",
    { positive: ["auth/user-jwt-validation"] },
    presented(
      await user(ACCOUNT, {
        pub: { allow: ["a"], deny: [] },
        sub: { allow: ["s q"], deny: ["t"] },
        resp: { max: 1, ttl: 0 },
      }),
    ),
    lines("a", "SUB s 1", "SUB s q 2", "SUB t 3", "PUB a 0", "", "PUB b 0", ""),
    sync("a"),
  ),
  scenario(
    SERVER,
    "default permissions and limits of the account",
    { positive: ["auth/limits", "auth/account-update-effects"] },
    presented(await user(TIGHT)),
    lines("a", "PUB open.x 0", "", "PUB shut 0", ""),
    lines("a", "SUB a 1", "SUB b 2", "SUB c 3"),
    sync("a"),
    lines("a", "PUB open.x 17"),
    closed("a"),
  ),
  scenario(
    SERVER,
    "limits of the user",
    { edge: ["auth/limits"] },
    presented(await user(ACCOUNT, { subs: 1, payload: 4 })),
    lines("a", "SUB a 1", "SUB b 2", "PUB x 4", "1234"),
    sync("a"),
    lines("a", "PUB x 5"),
    closed("a"),
  ),
  scenario(
    SERVER,
    "a user that may have no subscription",
    { edge: ["auth/limits"] },
    presented(await user(ACCOUNT, { subs: 0 })),
    closed("a"),
  ),
  scenario(
    SERVER,
    "an account that is full",
    { edge: ["auth/limits", "client-protocol/account-expiry-etc"] },
    presented(await user(CROWDED)),
    sync("a"),
    presented(await user(CROWDED), USER, "b"),
    closed("b"),
    sync("a"),
  ),
  scenario(
    SERVER,
    "accounts are apart",
    { positive: ["auth/user-jwt-validation"] },
    presented(good),
    presented(await user(SHORT), USER, "b"),
    lines("a", "SUB x 1"),
    sync("a"),
    lines("b", "PUB x 1", "y"),
    sync("b"),
    sync("a"),
  ),
  scenario(
    SERVER,
    "a user that expires while connected",
    { positive: ["client-protocol/account-expiry-etc"] },
    open("a"),
    answer("a", (nonce) => ({
      jwt: forge(ACCOUNT, {
        ...claimsOf(good),
        exp: inSeconds(1),
      }),
      sig: sign(USER, nonce),
    })),
    sync("a"),
    closed("a", { within: 4_000 }),
  ),
  admitted(
    "an address in the networks of the user",
    { positive: ["auth/src-cidr-times"] },
    await user(ACCOUNT, { src: ["10.0.0.0/8", "127.0.0.0/8"] }),
  ),
  refused(
    "an address outside of the networks of the user",
    { edge: ["auth/src-cidr-times"] },
    await user(ACCOUNT, { src: ["10.0.0.0/8"] }),
    /Bad src Ip 127.0.0.1/,
  ),
  refused(
    "a network that is none",
    { edge: ["auth/src-cidr-times"] },
    await user(ACCOUNT, { src: ["127.0.0.1"] }),
    /User JWT no longer valid/,
  ),
  admitted(
    "a time of day that is always",
    { positive: ["auth/src-cidr-times"] },
    await user(ACCOUNT, {
      times: [
        { start: "00:00:00", end: "12:30:00" },
        { start: "12:00:00", end: "23:59:59" },
      ],
      times_location: "Asia/Tokyo",
    }),
  ),
  refused(
    "a time of day that is never",
    { edge: ["auth/src-cidr-times"] },
    await user(ACCOUNT, { times: [{ start: "00:00:00", end: "00:00:00" }] }),
    /Outside connect times/,
  ),
  admitted(
    "one of the connection types",
    { positive: ["auth/connection-types"] },
    await user(
      ACCOUNT,
      Object({
        allowed_connection_types: ["standard", "PIGEON"],
      }),
    ),
  ),
  refused(
    "other connection types",
    { edge: ["auth/connection-types"] },
    await user(ACCOUNT, { allowed_connection_types: ["WEBSOCKET"] }),
    /Connection type not allowed/,
  ),
  refused(
    "unknown connection types",
    { edge: ["auth/connection-types"] },
    await user(ACCOUNT, Object({ allowed_connection_types: ["PIGEON"] })),
  ),
  admitted(
    "the default sentinel of those without JWT",
    { positive: ["auth/default-sentinel"] },
    "",
    null,
    SENTINEL,
  ),
  refused(
    "a bad JWT beside the default sentinel",
    { edge: ["auth/default-sentinel"] },
    await user(STRANGER),
    /Account JWT lookup error/,
    USER,
    SENTINEL,
  ),
  admitted(
    "a pinned account",
    { positive: ["auth/pinned-accounts"] },
    good,
    USER,
    PINNED,
  ),
  refused(
    "an account that is not pinned",
    { edge: ["auth/pinned-accounts"] },
    await user(SHORT),
    /not listed as operator pinned account/,
    USER,
    PINNED,
  ),
  aloneScenario(
    SERVER,
    "accounts that a reload changes or takes away",
    { positive: ["auth/account-update-effects"], edge: ["auth/revocation"] },
    presented(good),
    presented(await user(SHORT), USER, "b"),
    presented(await user(TIGHT, { bearer_token: true }), null, "c"),
    sync("a", "b", "c"),
    reload(
      operated([
        [
          ACCOUNT,
          await operator.account(ACCOUNT, {
            revocations: { "*": inSeconds(60) },
          }),
        ],
        ...TOKENS.filter(([key]) => key === TIGHT),
      ]).config,
    ),
    closed("a"),
    closed("b"),
    sync("c"),
    quiet("c", 100),
  ),
];
