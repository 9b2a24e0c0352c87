/**
 * Servers in operator mode and clients with JWTs.
 *
 * @module
 */

import type { Account } from "@nats-io/jwt";
import type { KeyPair } from "@nats-io/nkeys";
import { type Options, type Server, startServer } from "../../../src/mod.ts";
import { keys, TestOperator, type Times } from "../../tools/operator.ts";
import { greet, type Greeted, outcome, sign } from "./support.ts";

/** A server that trusts an operator with one account. */
export interface OperatorServer extends AsyncDisposable {
  readonly server: Server;
  readonly operator: TestOperator;
  readonly account: KeyPair;
  /** Gives the account new claims, as a resolver does that hears of them. */
  update(claims: Partial<Account>, times?: Times): Promise<void>;
}

/** Starts a server; `options` come on top of those of operator mode. */
export async function operatorServer(
  claims: Partial<Account> = {},
  { options = {}, strict = false, signer, ...times }: {
    options?: Partial<Options>;
    strict?: boolean;
    signer?: (operator: TestOperator) => KeyPair;
  } & Times = {},
): Promise<OperatorServer> {
  const operator = new TestOperator();
  const { account } = keys();
  const by = signer === undefined ? {} : { signer: signer(operator) };
  const token = await operator.account(account, claims, { ...by, ...times });
  const key = account.getPublicKey();
  const server = await startServer({
    ...await operator.options({ [key]: token }, strict),
    ...options,
  });
  return {
    server,
    operator,
    account,
    update: async (changed, changedTimes = {}) => {
      const accounts = server.state.claimedAccounts;
      const claimed = accounts?.get(key);
      if (claimed === undefined) throw new Error("the account is not in use");
      const next = await operator.account(account, changed, {
        ...by,
        ...changedTimes,
      });
      accounts?.update(claimed, next);
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A client that has sent a CONNECT with a JWT. */
export interface JwtClient extends Greeted {
  /** Empty when it is in, else what the server said. */
  readonly said: string;
}

/** Connects with a JWT, signing the nonce with the user's key. */
export async function join(
  server: Server,
  jwt: string,
  user: KeyPair | null,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<JwtClient> {
  const greeted = await greet(server);
  const { client, info } = greeted;
  const sig = user === null ? {} : { sig: sign(user, info.nonce) };
  const said = await outcome(client, { jwt, ...sig, ...fields });
  return {
    client,
    info,
    said,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** What a server says to a CONNECT with a JWT; the connection is closed thereafter. */
export async function tryJoin(
  ...args: Parameters<typeof join>
): Promise<string> {
  await using client = await join(...args);
  return client.said;
}
