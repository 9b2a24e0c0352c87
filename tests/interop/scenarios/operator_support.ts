/**
 * Servers of an operator with accounts that JWTs describe, and clients who
 * have JWTs of these accounts.
 *
 * @module
 */

import { encodeActivation } from "@nats-io/jwt";
import { createAccount, createUser, type KeyPair } from "@nats-io/nkeys";
import { TestOperator, type Times, userJwt } from "../../tools/operator.ts";
import {
  answer,
  expect,
  type Fixture,
  lines,
  open,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const operator = new TestOperator();

/** Claims as they stand in the JWT. */
export type ClaimFields = Readonly<Record<string, unknown>>;

/** An account and how it begins. */
export interface Tenant {
  readonly key: KeyPair;
  /** Public key, by which others name it. */
  readonly id: string;
  /** Key that signs for it. */
  readonly signer: KeyPair;
  readonly user: KeyPair;
}

export function tenant(): Tenant {
  const key = createAccount();
  return {
    key,
    id: key.getPublicKey(),
    signer: createAccount(),
    user: createUser(),
  };
}

/** The JWT of an account, with its signing key. */
export function accountJwt(
  { key, signer }: Tenant,
  claims: ClaimFields = {},
  times: Times = {},
): Promise<string> {
  const signing = { signing_keys: [signer.getPublicKey()] };
  return operator.account(key, { ...signing, ...claims }, times);
}

/** A JWT that lets `importer` import. */
export function activation(
  issuer: KeyPair,
  importer: Tenant,
  kind: "service" | "stream",
  subject: string,
  { account, ...times }: { account?: Tenant } & Times = {},
): Promise<string> {
  const by = account === undefined ? {} : { issuer_account: account.id };
  return encodeActivation(
    "activation",
    importer.key,
    issuer,
    kind,
    { subject, ...by },
    times,
  );
}

/** The system account of all these servers. */
const SYSTEM = tenant();
const SYSTEM_JWT = await accountJwt(SYSTEM);
const SYSTEM_USER = await userJwt(SYSTEM.key, {}, { user: SYSTEM.user });
const OPERATOR_JWT = await operator.jwt();

/** A server that knows accounts by their JWTs. */
export function operatorFixture(
  accounts: readonly (readonly [Tenant, string])[],
  ...settings: string[]
): Fixture {
  const preload = [[SYSTEM, SYSTEM_JWT] as const, ...accounts]
    .map(([{ id }, token]) => `${id}: "${token}"`);
  return server(
    "debug: true",
    `operator: "${OPERATOR_JWT}"`,
    `system_account: ${SYSTEM.id}`,
    ...(settings.some((line) => line.startsWith("resolver:"))
      ? []
      : ["resolver: MEMORY"]),
    `resolver_preload { ${preload.join("\n")} }`,
    ...settings,
  );
}

function sign(key: KeyPair, nonce: string): string {
  const signature = key.sign(new TextEncoder().encode(nonce));
  return btoa(String.fromCharCode(...signature)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}

/** INFO and a CONNECT with a JWT and the user's signature. */
export function presenting(on: string, jwt: string, key: KeyPair): Steps {
  return [
    open(on),
    answer(on, (nonce) => ({ jwt, sig: sign(key, nonce), headers: true })),
  ];
}

/** A user of an account, connected. */
export async function citizen(on: string, of: Tenant): Promise<Steps[]> {
  const jwt = await userJwt(of.key, {}, { user: of.user });
  return [presenting(on, jwt, of.user), sync(on)];
}

/** A user of the system account, connected and listening to `in.>`. */
export function administrator(on = "sys"): Steps[] {
  return [
    presenting(on, SYSTEM_USER, SYSTEM.user),
    lines(on, "SUB in.> 1"),
    sync(on),
  ];
}

/** A request of the administrator and its answer. */
export function asked(subject: string, body: string, on = "sys"): Steps[] {
  return [
    lines(on, `PUB ${subject} in.1 ${body.length}`, body),
    expect(on, "MSG in.1"),
  ];
}

/** Brings an account's new JWT, and the answer to it. */
export function pushed({ id }: Tenant, token: string): Steps[] {
  return asked(`$SYS.REQ.ACCOUNT.${id}.CLAIMS.UPDATE`, token);
}

export { operator as OPERATOR, SYSTEM };
