/**
 * Accounts whose JWTs say which messages are traced.
 *
 * @module
 */

import { createAccount, createUser } from "@nats-io/nkeys";
import { TestOperator, userJwt } from "../../tools/operator.ts";
import {
  aloneScenario,
  answer,
  lines,
  open,
  pause,
  reload,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { headed } from "./accounts_services.ts";
import { server } from "./fixtures.ts";

const operator = new TestOperator();
const OPERATOR = await operator.jwt();
const ACCOUNT = createAccount();
const SYSTEM = createAccount();
const SYSTEM_TOKEN = await operator.account(SYSTEM);
const USER = createUser();
const USER_JWT = await userJwt(ACCOUNT, {}, { user: USER });

/** A server with an account that has these traces. */
async function traced(
  trace: { dest: string; sampling: number } | null,
  ...settings: string[]
) {
  const claims = trace === null ? {} : { trace };
  const token = await operator.account(ACCOUNT, claims as object);
  return server(
    `operator: "${OPERATOR}"`,
    "resolver: MEMORY",
    `resolver_preload {
      ${ACCOUNT.getPublicKey()}: "${token}"
      ${SYSTEM.getPublicKey()}: "${SYSTEM_TOKEN}"
    }`,
    ...settings,
  );
}

function sign(nonce: string): string {
  const signature = USER.sign(new TextEncoder().encode(nonce));
  return btoa(String.fromCharCode(...signature)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}

function member(on: string): Steps[] {
  return [
    open(on),
    answer(on, (nonce) => ({
      jwt: USER_JWT,
      sig: sign(nonce),
      headers: true,
    })),
    ...sync(on),
  ];
}

const PARENT =
  "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function ask(on: string): Steps[] {
  return [
    lines(on, ...headed("foo", [PARENT], "payload")),
    pause(100),
    ...sync(on),
  ];
}

const system = `system_account: ${SYSTEM.getPublicKey()}`;
const before = await traced({ dest: "traces", sampling: 100 }, system);
const after = await traced({ dest: "elsewhere", sampling: 100 }, system);
const none = await traced(null, system);
const silent = await traced({ dest: "traces", sampling: 100 });

export const MESSAGE_TRACING_JWT: readonly Scenario[] = [
  aloneScenario(
    before,
    "trace - an account's JWT says where traces go, and then another place",
    { positive: ["system-events/jwt"] },
    member("a"),
    lines("a", "SUB traces 1", "SUB elsewhere 2", "SUB foo 3"),
    ask("a"),
    reload(after.config),
    ask("a"),
  ),
  aloneScenario(
    before,
    "trace - an account's JWT says no more where traces go",
    { edge: ["system-events/jwt"] },
    member("a"),
    lines("a", "SUB traces 1", "SUB foo 3"),
    ask("a"),
    reload(none.config),
    ask("a"),
  ),
  scenario(
    silent,
    "trace - a server without a system account traces nothing",
    { edge: ["system-events/jwt"] },
    member("a"),
    lines("a", "SUB traces 1", "SUB foo 3"),
    ask("a"),
  ),
];
