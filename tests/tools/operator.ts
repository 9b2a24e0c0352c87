/**
 * An operator with accounts and users, and the JWTs that they issue.
 *
 * @module
 */

import {
  type Account,
  encodeAccount,
  encodeOperator,
  encodeUser,
  type User,
} from "@nats-io/jwt";
import {
  createAccount,
  createOperator,
  createUser,
  type KeyPair,
} from "@nats-io/nkeys";
import type { Options } from "../../src/mod.ts";

/** Claims of an account without limits. */
export const NO_LIMITS: Partial<Account> = {
  limits: {
    conn: -1,
    leaf: -1,
    subs: -1,
    payload: -1,
    data: -1,
    imports: -1,
    exports: -1,
    wildcards: true,
  },
};

/** Times in seconds since the epoch. */
export interface Times {
  readonly exp?: number;
  readonly nbf?: number;
}

/** An operator and its keys. */
export class TestOperator {
  readonly key: KeyPair = createOperator();
  readonly signingKey: KeyPair = createOperator();

  /** The operator's own JWT. */
  jwt(strict = false): Promise<string> {
    const claims = {
      signing_keys: [this.signingKey.getPublicKey()],
      strict_signing_key_usage: strict,
    };
    return encodeOperator("O", this.key, claims);
  }

  /** An account's JWT, by the operator's own key unless another one signs. */
  account(
    account: KeyPair,
    claims: Partial<Account> = {},
    { name = "A", signer = this.key, ...times }:
      & { name?: string; signer?: KeyPair }
      & Times = {},
  ): Promise<string> {
    return encodeAccount(name, account, { ...NO_LIMITS, ...claims }, {
      signer,
      ...times,
    });
  }

  /** Options of a server that trusts the operator and knows the accounts. */
  async options(
    accounts: Readonly<Record<string, string>>,
    strict = false,
  ): Promise<Partial<Options>> {
    return {
      port: -1,
      trustedOperators: [{
        jwt: await this.jwt(strict),
        subject: this.key.getPublicKey(),
        issuer: this.key.getPublicKey(),
        name: "O",
        signingKeys: [this.signingKey.getPublicKey()],
        accountServerUrl: "",
        systemAccount: "",
        assertServerVersion: "",
        strictSigningKeyUsage: strict,
        expires: 0,
      }],
      resolver: { kind: "memory" },
      resolverPreload: new Map(Object.entries(accounts)),
    };
  }
}

/** Claims of a user, as far as tests set them. */
export type UserFields = Partial<User> & Readonly<Record<string, unknown>>;

/** A user's JWT by `signer`; `issuer_account` tells whom a signing key signs for. */
export function userJwt(
  signer: KeyPair,
  claims: UserFields = {},
  { user = createUser(), name = "U", scoped = false, ...times }:
    & { user?: KeyPair; name?: string; scoped?: boolean; aud?: string }
    & Times = {},
): Promise<string> {
  return encodeUser(name, user, signer, claims, {
    scopedUser: scoped,
    ...times,
  });
}

/** Keys that most tests need. */
export function keys(): { account: KeyPair; user: KeyPair } {
  return { account: createAccount(), user: createUser() };
}

/** Seconds since the epoch, some seconds from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A token with header and claims as given, signed as version 2 is. */
export function forge(
  signer: KeyPair,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {
    typ: "JWT",
    alg: "ed25519-nkey",
  },
): string {
  const encode = (value: unknown) =>
    chunk(new TextEncoder().encode(JSON.stringify(value)));
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${chunk(signer.sign(new TextEncoder().encode(signed)))}`;
}

/** The claims of a token, to be altered. */
export function claimsOf(token: string): Record<string, unknown> {
  const [, payload = ""] = token.split(".");
  const base64 = payload.replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(base64));
}

function chunk(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}
