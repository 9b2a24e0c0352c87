/**
 * A service that a configuration puts in charge of who may connect.
 *
 * @module
 */

import { createAccount, createCurve, createUser } from "@nats-io/nkeys";
import { inSeconds } from "../../tools/operator.ts";
import {
  aloneScenario,
  closed,
  connect,
  expect,
  type Fixture,
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
import { member } from "./accounts_streams.ts";
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

const ISSUER = createAccount();
const STRANGER = createAccount();
const EVENTS = "$SYS.ACCOUNT.CLIENT.AUTH.ERR";
const REFUSALS = "$SYS.SERVER.*.CLIENT.AUTH.ERR";

function inCharge(...settings: string[]): Fixture {
  return server(
    "debug: true",
    `accounts {
      AUTH: { users: [{user: auth, password: x}, {user: helper, password: x}] }
      APP: { users: [{user: app, password: x}] }
      OTHER: { users: [{user: other, password: x}] }
      SYS: { users: [{user: s, password: x}] }
    }
    system_account: SYS`,
    `authorization {
      timeout: 1
      auth_callout {
        issuer: ${ISSUER.getPublicKey()}
        account: AUTH
        auth_users: [auth, helper, s]
        ${settings.join("\n")}
      }
    }`,
    "server_tags: [one, two]",
  );
}

const SERVER = inCharge();
const SEALED = inCharge(`xkey: ${CURVE.getPublicKey()}`);
const PARTLY = inCharge("allowed_accounts: [APP]");

/** Lets a user into `account`. */
function admit(
  question: Question,
  account = "APP",
  nats = {},
  claims = {},
): string {
  const jwt = userToken(question, ISSUER, nats, { aud: account, ...claims });
  return response(question, ISSUER, { jwt });
}

/** The service is there, and so are those who hear of refusals. */
const AUDIENCE: Steps = [
  ...member("auth"),
  lines("auth", "SUB $SYS.REQ.USER.AUTH 1"),
  ...sync("auth"),
  ...member("helper"),
  lines("helper", `SUB ${EVENTS} 1`),
  ...sync("helper"),
  ...member("s"),
  lines("s", `SUB ${REFUSALS} 1`),
  ...sync("s"),
];

const ASKER = {
  user: "anybody",
  pass: "secret",
  name: "n",
  lang: "l",
  version: "1.2",
  protocol: 1,
};

/** Somebody wants in. */
function knock(fields: Readonly<Record<string, unknown>> = ASKER): Steps {
  return [open("a"), connect("a", fields)];
}

/** Somebody is kept out, and everybody concerned hears why. */
const KEPT_OUT: Steps = [
  closed("a"),
  expect("helper", '"reason"'),
  ...sync("helper"),
  expect("s", '"reason"'),
  ...sync("s"),
];

/** An answer that lets nobody in. */
function refusal(name: string, answer: Answer, log?: RegExp): Scenario {
  return scenario(
    SERVER,
    `callout - ${name}`,
    {
      edge: ["auth/request", "auth/response-checks"],
    },
    AUDIENCE,
    knock(),
    decide("auth", answer),
    KEPT_OUT,
    log === undefined ? [] : logged(log),
  );
}

const ADMISSIONS: readonly Scenario[] = [
  scenario(
    SERVER,
    "callout - a request tells all of a client",
    { positive: ["auth/request", "auth/config"] },
    AUDIENCE,
    knock(),
    decideSeen(
      "auth",
      (question) => admit(question, "APP", { pub: { allow: ["open"] } }),
    ),
    ...sync("a"),
    lines("a", "PUB open 0", "", "PUB shut 0", ""),
    ...sync("a"),
  ),
  scenario(
    SERVER,
    "callout - what a user may know of itself",
    {
      positive: ["system-events/user-info"],
      edge: ["system-events/user-info"],
    },
    AUDIENCE,
    knock({ ...ASKER, jwt: "not.a-.jwt", headers: true }),
    decide(
      "auth",
      (question) => admit(question, "APP", {}, { name: "as the service says" }),
    ),
    ...sync("a"),
    lines("a", "SUB inbox 1", "PUB $SYS.REQ.USER.INFO inbox 0", ""),
    expect("a", '"user"'),
  ),
  scenario(
    SERVER,
    "callout - a client that says nothing of itself",
    { edge: ["auth/request"] },
    AUDIENCE,
    knock({}),
    decideSeen("auth", (question) => admit(question)),
    ...sync("a"),
  ),
  scenario(
    SERVER,
    "callout - a client with a token",
    { positive: ["auth/request"] },
    AUDIENCE,
    knock({ auth_token: "secret" }),
    decideSeen("auth", (question) => admit(question)),
    ...sync("a"),
  ),
  scenario(
    SERVER,
    "callout - a client with key, JWT and signature",
    { edge: ["auth/request"] },
    AUDIENCE,
    knock({ nkey: createUser().getPublicKey(), jwt: "x", sig: "sig" }),
    decideSeen("auth", (question) => admit(question)),
    ...sync("a"),
  ),
  scenario(
    SERVER,
    "callout - a configured user is asked about too",
    { positive: ["auth/request"] },
    AUDIENCE,
    knock({ user: "app", pass: "x" }),
    decideSeen("auth", (question) => admit(question, "OTHER")),
    ...sync("a"),
  ),
  scenario(
    SERVER,
    "callout - users in the service's account can't pretend to be the server",
    { positive: ["auth/deny"], edge: ["auth/deny"] },
    AUDIENCE,
    knock(),
    decide("auth", (question) => admit(question, "AUTH")),
    ...sync("a"),
    lines("a", "PUB $SYS.REQ.USER.AUTH 0", "", "PUB free 0", ""),
    ...sync("a"),
    lines("helper", "PUB $SYS.REQ.USER.AUTH 0", ""),
    ...sync("helper"),
  ),
  scenario(
    SERVER,
    "callout - the service's users have to know their passwords",
    { positive: ["auth/bypass"], edge: ["auth/bypass"] },
    AUDIENCE,
    knock({ user: "helper", pass: "wrong" }),
    KEPT_OUT,
    quiet("auth"),
  ),
  scenario(
    PARTLY,
    "callout - users of other accounts are not asked about",
    { positive: ["auth/config"], edge: ["auth/config"] },
    AUDIENCE,
    knock({ user: "other", pass: "x" }),
    ...sync("a"),
    quiet("auth"),
    open("b"),
    connect("b", { user: "app", pass: "x" }),
    decide("auth", (question) => admit(question)),
    ...sync("b"),
  ),
];

const REFUSALS_OF_ANSWERS: readonly Scenario[] = [
  refusal(
    "an error",
    (question) => response(question, ISSUER, { error: "not you" }),
    /Auth callout service returned an error: not you/,
  ),
  refusal("nothing in it", () => ""),
  refusal("garbage", () => "garbage"),
  refusal("garbage in three parts", () => "x.y.z"),
  refusal("the request itself", ({ token }) => token),
  refusal(
    "neither user nor error",
    (question) => response(question, ISSUER, {}),
  ),
  refusal(
    "both user and error",
    (question) =>
      response(question, ISSUER, {
        jwt: userToken(question, ISSUER, {}, { aud: "APP" }),
        error: "no",
      }),
  ),
  refusal(
    "a bad user JWT",
    (question) => response(question, ISSUER, { jwt: "x.y.z" }),
  ),
  refusal(
    "another's signature",
    (question) =>
      response(question, STRANGER, {
        jwt: userToken(question, ISSUER, {}, { aud: "APP" }),
      }),
  ),
  refusal(
    "a signature that does not fit",
    (question) => `${admit(question).slice(0, -6)}AAAAAA`,
  ),
  refusal(
    "an answer for another user",
    (question) => admit({ ...question, user: createUser().getPublicKey() }),
  ),
  refusal(
    "an answer for another server",
    (question) => {
      const jwt = userToken(question, ISSUER, {}, { aud: "APP" });
      const server = STRANGER.getPublicKey();
      return response(question, ISSUER, { jwt }, { aud: server });
    },
  ),
  refusal("an expired answer", (question) => {
    const jwt = userToken(question, ISSUER, {}, { aud: "APP" });
    return response(question, ISSUER, { jwt }, { exp: inSeconds(-5) });
  }),
  refusal("an answer of the future", (question) => {
    const jwt = userToken(question, ISSUER, {}, { aud: "APP" });
    return response(question, ISSUER, { jwt }, { nbf: inSeconds(60) });
  }),
  refusal("the JWT of another user", (question) => {
    const other = { ...question, user: createUser().getPublicKey() };
    const jwt = userToken(other, ISSUER, {}, { aud: "APP" });
    return response(question, ISSUER, { jwt });
  }),
  refusal("a JWT of another issuer", (question) => {
    const jwt = userToken(question, STRANGER, {}, { aud: "APP" });
    return response(question, ISSUER, { jwt });
  }),
  refusal(
    "an expired JWT",
    (question) => admit(question, "APP", {}, { exp: inSeconds(-5) }),
  ),
  refusal("no such account", (question) => admit(question, "NONE")),
  refusal("no account", (question) => admit(question, "")),
  refusal(
    "an issuer account",
    (question) =>
      admit(question, "APP", { issuer_account: STRANGER.getPublicKey() }),
  ),
  refusal(
    "other connection types",
    (question) =>
      admit(question, "APP", { allowed_connection_types: ["WEBSOCKET"] }),
  ),
  refusal(
    "connection types that nobody knows",
    (question) =>
      admit(question, "APP", { allowed_connection_types: ["PIGEON"] }),
  ),
  refusal(
    "other times",
    (question) =>
      admit(question, "APP", {
        times: [{ start: "00:00:00", end: "00:00:00" }],
      }),
  ),
  refusal(
    "a proxy",
    (question) => admit(question, "APP", { proxy_required: true }),
  ),
  scenario(
    PARTLY,
    "callout - a user out of the service's reach with a wrong password",
    { edge: ["auth/config"] },
    AUDIENCE,
    knock({ user: "other", pass: "wrong" }),
    decide("auth", (question) => response(question, ISSUER, { error: "no" })),
    KEPT_OUT,
  ),
];

const SILENCE: readonly Scenario[] = [
  scenario(
    SERVER,
    "callout - a service that says nothing",
    { positive: ["auth/timeout"], edge: ["auth/timeout"] },
    AUDIENCE,
    knock(),
    decide("auth", () => null),
    KEPT_OUT,
    logged(/callout response not received in time on account "AUTH"/),
  ),
  scenario(
    SERVER,
    "callout - a service that is not there",
    { edge: ["auth/timeout"] },
    AUDIENCE,
    lines("auth", "UNSUB 1"),
    ...sync("auth"),
    knock(),
    KEPT_OUT,
  ),
];

const ENCRYPTED: readonly Scenario[] = [
  scenario(
    SEALED,
    "callout - a sealed request, a sealed answer",
    { positive: ["auth/encryption"] },
    AUDIENCE,
    knock(),
    decideSealed(
      "auth",
      (question) => CURVE.seal(bytes(admit(question)), question.serverCurve),
    ),
    ...sync("a"),
  ),
  scenario(
    SEALED,
    "callout - a sealed request, a plain answer",
    { positive: ["auth/encryption"] },
    AUDIENCE,
    knock(),
    decideSealed("auth", (question) => admit(question)),
    ...sync("a"),
  ),
  ...([
    [
      "sealed by another",
      (question) =>
        createCurve().seal(bytes(admit(question)), question.serverCurve),
    ],
    [
      "sealed for another",
      (question) =>
        CURVE.seal(bytes(admit(question)), createCurve().getPublicKey()),
    ],
    ["too short to be sealed", () => "x"],
    [
      "that is sealed and refuses",
      (question) =>
        CURVE.seal(
          bytes(response(question, ISSUER, { error: "no" })),
          question.serverCurve,
        ),
    ],
    [
      "that is sealed and signed by whomever",
      (question) => {
        const jwt = userToken(question, STRANGER, {}, { aud: "APP" });
        const answer = response(question, STRANGER, { jwt });
        return CURVE.seal(bytes(answer), question.serverCurve);
      },
    ],
    [
      "that is plain and signed by another",
      (question) => {
        const jwt = userToken(question, ISSUER, {}, { aud: "APP" });
        return response(question, STRANGER, { jwt });
      },
    ],
  ] satisfies [string, Answer][]).map(([name, answer]) =>
    scenario(
      SEALED,
      `callout - an answer ${name}`,
      { edge: ["auth/encryption"] },
      AUDIENCE,
      knock(),
      decideSealed("auth", answer),
      KEPT_OUT,
    )
  ),
];

const RELOADED: readonly Scenario[] = [
  aloneScenario(
    SERVER,
    "callout - a reload",
    { positive: ["reload/re-authentication"], edge: ["auth/request"] },
    AUDIENCE,
    knock(),
    decide("auth", (question) => admit(question)),
    ...sync("a"),
    reloadLog(`${SERVER.config}\nping_max: 7`),
    quiet("auth", 400),
    quiet("a", 100),
  ),
];

export const CALLOUT: readonly Scenario[] = [
  ...RELOADED,
  ...ADMISSIONS,
  ...REFUSALS_OF_ANSWERS,
  ...SILENCE,
  ...ENCRYPTED,
];
