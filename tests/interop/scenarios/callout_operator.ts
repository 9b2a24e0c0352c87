/**
 * Accounts of an operator that have a service decide who their users are.
 *
 * @module
 */

import { newScopedSigner } from "@nats-io/jwt";
import { createAccount, createUser, type KeyPair } from "@nats-io/nkeys";
import { TestOperator, userJwt } from "../../tools/operator.ts";
import {
  aloneScenario,
  answer,
  closed,
  expect,
  lines,
  logged,
  open,
  quiet,
  reloadLog,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import {
  type Answer,
  bytes,
  CURVE,
  decide,
  decideSealed,
  decideSeen,
  type Question,
  response,
  userToken,
} from "./callout_support.ts";
import { server } from "./fixtures.ts";

const operator = new TestOperator();
const CENTRAL = createAccount();
const CENTRAL_SIGNER = createAccount();
const ALLOWED = createAccount();
const SCOPED = createAccount();
const FORBIDDEN = createAccount();
const STRANGER = createAccount();
const SEALED = createAccount();
const OPEN = createAccount();
const SYSTEM = createAccount();
const GUARDIAN = createUser();
const ASKER = createUser();

function authorization(allowed: KeyPair[] | "*", xkey = ""): object {
  return {
    authorization: {
      auth_users: [GUARDIAN.getPublicKey()],
      allowed_accounts: allowed === "*"
        ? ["*"]
        : allowed.map((key) => key.getPublicKey()),
      ...(xkey === "" ? {} : { xkey }),
    },
  };
}

const TOKENS: [KeyPair, string][] = [
  [SYSTEM, await operator.account(SYSTEM)],
  [
    CENTRAL,
    await operator.account(
      CENTRAL,
      Object({
        signing_keys: [CENTRAL_SIGNER.getPublicKey()],
        ...authorization([ALLOWED]),
      }),
    ),
  ],
  [
    ALLOWED,
    await operator.account(ALLOWED, {
      signing_keys: [
        newScopedSigner(SCOPED, "s", {
          pub: { allow: ["{{name()}}.>"] },
          allowed_connection_types: [],
        }),
      ],
    }),
  ],
  [FORBIDDEN, await operator.account(FORBIDDEN)],
  [
    SEALED,
    await operator.account(
      SEALED,
      Object(authorization([ALLOWED], CURVE.getPublicKey())),
    ),
  ],
  [OPEN, await operator.account(OPEN, Object(authorization("*")))],
];

const SERVER = server(
  "debug: true",
  "authorization { timeout: 1 }",
  `operator: "${await operator.jwt()}"`,
  "resolver: MEMORY",
  `system_account: ${SYSTEM.getPublicKey()}`,
  `resolver_preload { ${
    TOKENS.map(([key, token]) => `${key.getPublicKey()}: "${token}"`)
      .join("\n")
  } }`,
);

const OBSERVER = createUser();
const OBSERVER_JWT = await userJwt(SYSTEM, {}, { user: OBSERVER });

function sign(key: KeyPair, nonce: string): string {
  return btoa(String.fromCharCode(...key.sign(bytes(nonce))))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A client with a JWT; a key signs the nonce. */
function enter(
  on: string,
  jwt: string,
  key: KeyPair | null = null,
  fields = {},
): Steps {
  return [
    open(on),
    answer(on, (nonce) => ({
      jwt,
      headers: true,
      ...(key === null ? {} : { sig: sign(key, nonce) }),
      ...fields,
    })),
  ];
}

/** What a callout account is made of. */
interface Guarded {
  readonly account: KeyPair;
  readonly guardian: string;
  /** A bearer token with which anybody may ask to be let in. */
  readonly sentinel: string;
}

async function guarded(account: KeyPair): Promise<Guarded> {
  return {
    account,
    guardian: await userJwt(account, {}, { user: GUARDIAN, name: "guardian" }),
    sentinel: await userJwt(
      account,
      { bearer_token: true, tags: ["one", "two"] },
      { user: ASKER, name: "sentinel" },
    ),
  };
}

const central = await guarded(CENTRAL);
const sealed = await guarded(SEALED);
const free = await guarded(OPEN);
const NOT_BEARER = await userJwt(CENTRAL, {}, { user: ASKER });

/** The service is there, and so are those who hear of refusals. */
function audience({ guardian }: Guarded): Steps {
  return [
    enter("service", guardian, GUARDIAN),
    lines("service", "SUB $SYS.REQ.USER.AUTH 1"),
    sync("service"),
    enter("watch", guardian, GUARDIAN),
    lines("watch", "SUB $SYS.ACCOUNT.CLIENT.AUTH.ERR 1"),
    sync("watch"),
    enter("s", OBSERVER_JWT, OBSERVER),
    lines("s", "SUB $SYS.SERVER.*.CLIENT.AUTH.ERR 1"),
    sync("s"),
  ];
}

function knock({ sentinel }: Guarded, fields = { user: "x", pass: "y" }) {
  return enter("a", sentinel, null, fields);
}

const KEPT_OUT: Steps = [
  closed("a"),
  expect("watch", '"reason"'),
  ...sync("watch"),
  expect("s", '"reason"'),
  ...sync("s"),
];

/** Lets a user of `signer` in. */
function admit(
  question: Question,
  { user = ALLOWED, answering = CENTRAL, nats = {}, about = {}, claims = {} }: {
    user?: KeyPair;
    answering?: KeyPair;
    /** Fields of the user's JWT. */
    nats?: object;
    /** Fields of the answer. */
    about?: object;
    claims?: Readonly<Record<string, unknown>>;
  } = {},
): string {
  const jwt = userToken(question, user, { ...nats }, claims);
  return response(question, answering, { jwt, ...about });
}

function admission(
  name: string,
  place: Guarded,
  reply: Answer,
  ...after: Steps[]
): Scenario {
  return scenario(
    SERVER,
    `callout of an account - ${name}`,
    { positive: ["auth/request", "auth/response-checks"] },
    audience(place),
    knock(place),
    decideSeen("service", reply),
    ...sync("a"),
    lines("a", "PUB free.one 0", "", "PUB $SYS.REQ.USER.AUTH 0", ""),
    ...sync("a"),
    ...after,
  );
}

function refusal(
  name: string,
  reply: Answer,
  place = central,
): Scenario {
  return scenario(
    SERVER,
    `callout of an account - ${name}`,
    { edge: ["auth/request", "auth/response-checks"] },
    audience(place),
    knock(place),
    decide("service", reply),
    KEPT_OUT,
  );
}

const ADMISSIONS: readonly Scenario[] = [
  aloneScenario(
    SERVER,
    "callout of an account - a reload",
    { positive: ["reload/re-authentication"], edge: ["auth/request"] },
    audience(central),
    knock(central),
    decide("service", (q) => admit(q)),
    ...sync("a"),
    reloadLog(`${SERVER.config}\nping_max: 7`),
    quiet("service", 400),
    quiet("a", 100),
  ),
  admission(
    "what a user may know of itself",
    central,
    (q) => admit(q, { nats: { tags: ["three"] }, claims: { name: "new" } }),
    lines("a", "SUB inbox 1", "PUB $SYS.REQ.USER.INFO inbox 0", ""),
    expect("a", '"user"'),
  ),
  admission("a user of an allowed account", central, (q) => admit(q)),
  admission(
    "a user of its own",
    central,
    (q) => admit(q, { user: CENTRAL }),
  ),
  admission(
    "answers by a signing key",
    central,
    (q) =>
      admit(q, {
        answering: CENTRAL_SIGNER,
        about: { issuer_account: CENTRAL.getPublicKey() },
      }),
  ),
  admission(
    "answers by a signing key that does not tell whose",
    central,
    (q) => admit(q, { answering: CENTRAL_SIGNER }),
  ),
  admission(
    "a user within a scope",
    central,
    (q) =>
      admit(q, {
        user: SCOPED,
        nats: {
          issuer_account: ALLOWED.getPublicKey(),
          subs: 0,
          data: 0,
          payload: 0,
        },
        claims: { name: "free" },
      }),
  ),
  admission(
    "any account",
    free,
    (q) => admit(q, { user: FORBIDDEN, answering: OPEN }),
  ),
  scenario(
    SERVER,
    "callout of an account - its own users are not asked about",
    { positive: ["auth/bypass"] },
    audience(central),
    enter("a", central.guardian, GUARDIAN),
    sync("a"),
    quiet("service"),
  ),
];

const REFUSALS: readonly Scenario[] = [
  refusal("an error", (q) => response(q, CENTRAL, { error: "not you" })),
  refusal("a user of another account", (q) => admit(q, { user: FORBIDDEN })),
  refusal("a user of no account", (q) => admit(q, { user: STRANGER })),
  refusal(
    "no such account, where all are allowed",
    (q) => admit(q, { user: STRANGER, answering: OPEN }),
    free,
  ),
  refusal("an answer by another", (q) => admit(q, { answering: STRANGER })),
  refusal(
    "an answer in another account's name",
    (q) => admit(q, { about: { issuer_account: ALLOWED.getPublicKey() } }),
  ),
  refusal(
    "an answer in the name of what is no account",
    (q) => admit(q, { about: { issuer_account: "X" } }),
  ),
  refusal(
    "a key that does not sign for the account",
    (q) =>
      admit(q, {
        user: STRANGER,
        nats: { issuer_account: ALLOWED.getPublicKey() },
      }),
  ),
  refusal(
    "a user beyond its scope",
    (q) =>
      admit(q, {
        user: SCOPED,
        nats: { issuer_account: ALLOWED.getPublicKey(), subs: 3 },
      }),
  ),
  refusal(
    "connection types",
    (q) => admit(q, { nats: { allowed_connection_types: ["MQTT"] } }),
  ),
  scenario(
    SERVER,
    "callout of an account - a service that says nothing",
    { positive: ["auth/timeout"], edge: ["auth/timeout"] },
    audience(central),
    knock(central),
    decide("service", () => null),
    KEPT_OUT,
    logged(/callout response not received in time/),
  ),
  scenario(
    SERVER,
    "callout of an account - its own users without their signature",
    { edge: ["auth/bypass"] },
    audience(central),
    enter("a", central.guardian),
    KEPT_OUT,
    quiet("service"),
  ),
  scenario(
    SERVER,
    "callout of an account - a JWT that does not admit is not asked about",
    { edge: ["auth/bypass"] },
    audience(central),
    enter("a", NOT_BEARER),
    KEPT_OUT,
    quiet("service"),
  ),
];

const ENCRYPTED: readonly Scenario[] = [
  ["a sealed answer", true],
  ["a plain answer", false],
].map(([name, seals]) =>
  scenario(
    SERVER,
    `callout of an account - a sealed request, ${name}`,
    { positive: ["auth/encryption"] },
    audience(sealed),
    knock(sealed),
    decideSealed("service", (question) => {
      const text = admit(question, { answering: SEALED });
      return seals ? CURVE.seal(bytes(text), question.serverCurve) : text;
    }),
    ...sync("a"),
  )
);

export const CALLOUT_OPERATOR: readonly Scenario[] = [
  ...ADMISSIONS,
  ...REFUSALS,
  ...ENCRYPTED,
];
