/**
 * What a service that decides who a client is hears of the client's TLS
 * session and certificates.
 *
 * @module
 */

import { createAccount } from "@nats-io/nkeys";
import {
  connect,
  expect,
  type Fixture,
  lines,
  open,
  type Scenario,
  scenario,
  type Steps,
  sync,
  tls,
  type TlsChoice,
} from "../harness/mod.ts";
import {
  decideSeen,
  type Question,
  response,
  userToken,
} from "./callout_support.ts";
import {
  presenting,
  root,
  secured,
  tlsServer,
  trusting,
} from "./tls_servers.ts";

const ISSUER = createAccount();

function inCharge(tlsSettings: string): Fixture {
  return tlsServer(
    `timeout: 5, ${tlsSettings}`,
    `accounts {
      AUTH: { users: [{user: auth, password: x}] }
      APP: {}
    }`,
    `authorization {
      timeout: 1
      auth_callout {
        issuer: ${ISSUER.getPublicKey()}
        account: AUTH
        auth_users: [auth]
      }
    }`,
  );
}

function admit(question: Question): string {
  const jwt = userToken(question, ISSUER, {}, { aud: "APP" });
  return response(question, ISSUER, { jwt });
}

const SERVICE = presenting(root.client({ subject: "CN=service" }));
const DIRECT = presenting(root.client({ subject: "CN=direct" }));
const DEEP = presenting(
  root.intermediate("Callout Intermediate").client({ subject: "CN=deep" }),
);

function asked(name: string, fixture: Fixture, choice: TlsChoice): Scenario {
  const steps: Steps = [
    secured("auth", SERVICE, { user: "auth", pass: "x" }),
    lines("auth", "SUB $SYS.REQ.USER.AUTH 1"),
    sync("auth"),
    open("a"),
    expect("a", "INFO"),
    tls("a", choice),
    connect("a", { user: "anybody", name: "n" }),
    decideSeen("auth", admit),
    ...sync("a"),
  ];
  return scenario(
    fixture,
    `callout - ${name}`,
    { positive: ["auth/request"], edge: ["auth/request"] },
    steps,
  );
}

const VERIFYING = inCharge("verify: true");
const TRUSTING = inCharge("verify: false");

export const CALLOUT_TLS: readonly Scenario[] = [
  asked("a client whose certificate was verified", VERIFYING, DIRECT),
  asked("a certificate below an intermediate one", VERIFYING, DEEP),
  asked("a client without a certificate", TRUSTING, trusting),
  asked("a certificate that nobody asks for", TRUSTING, DIRECT),
];
