/**
 * Checks of operator mode before a server starts.
 *
 * @module
 */

import { refuse } from "./checks.ts";
import { decodeJwt, type JsonObject, JwtError, text } from "./jwt.ts";
import type { Options } from "./options.ts";
import type { TrustedOperator } from "./options_accounts.ts";

/** The parity level, which operators may ask for. */
const SERVER_VERSION = [2, 15, 2] as const;

/** @throws OptionsError */
export function checkOperators(options: Options): void {
  const { trustedOperators, defaultSentinel, resolver } = options;
  const [first] = trustedOperators;
  if (first === undefined) {
    if (defaultSentinel !== "") {
      refuse("default sentinel requires operators and accounts");
    }
    return;
  }
  if (defaultSentinel !== "") refuse(sentinelProblem(defaultSentinel));
  if (resolver === undefined) {
    refuse("operators require an account resolver to be configured");
  }
  if (options.accounts.length > 0 || options.mappings.length > 0) {
    refuse("operators do not allow Accounts to be configured directly");
  }
  if (options.users.length > 0 || options.nkeys.length > 0) {
    refuse("operators do not allow users to be configured directly");
  }
  if (options.trustedKeys.length > 0) {
    refuse("conflicting options for 'TrustedKeys' and 'TrustedOperators'");
  }
  checkSystemAccount(options, first);
  for (const operator of trustedOperators) refuse(versionProblem(operator));
}

function checkSystemAccount(options: Options, first: TrustedOperator): void {
  const { systemAccount, trustedOperators, resolver } = options;
  if (systemAccount !== "") {
    const named = trustedOperators.map((operator) => operator.systemAccount);
    if (named.some((name) => name !== "") && !named.includes(systemAccount)) {
      refuse("system_account in config and operator JWT must be identical");
    }
    return;
  }
  const needsSystem = resolver?.kind === "full" || resolver?.kind === "cache";
  if (first.systemAccount === "" && needsSystem) {
    refuse(
      "using nats based account resolver - the system account needs to be specified " +
        "in configuration or the operator jwt",
    );
  }
}

/** What is wrong with the JWT of connections that bring none, or undefined. */
function sentinelProblem(token: string): string | undefined {
  let nats: JsonObject;
  try {
    const claims = decodeJwt(token);
    if (claims.kind !== "user") return "default sentinel JWT not valid";
    nats = claims.nats;
  } catch (error) {
    if (error instanceof JwtError) return "default sentinel JWT not valid";
    throw error;
  }
  if (nats.bearer_token === true) return undefined;
  // A user with a scoped key takes its permissions from the account.
  const scoped = text(nats.issuer_account) !== "" && isEmpty(nats.pub) &&
    isEmpty(nats.sub);
  return scoped ? undefined : "default sentinel must be a bearer token";
}

function isEmpty(value: unknown): boolean {
  return typeof value !== "object" || value === null ||
    Object.keys(value).length === 0;
}

function versionProblem(
  { subject, assertServerVersion }: TrustedOperator,
): string | undefined {
  if (assertServerVersion === "") return undefined;
  const parts = assertServerVersion.split(".");
  const wrong = parts.find((part) => !/^[-+]?\d+$/.test(part));
  const problem = parts.length !== 3
    ? "asserted server version must be of the form <major>.<minor>.<update>"
    : wrong !== undefined
    ? `asserted server version cant parse ${wrong} to int`
    : undefined;
  if (problem !== undefined) {
    return `operator ${subject} expects version ${assertServerVersion} got error instead: ${problem}`;
  }
  const names = ["major", "minor", "update"];
  for (const [index, own] of SERVER_VERSION.entries()) {
    const wanted = Number(parts[index]);
    if (wanted < own) return undefined;
    if (wanted > own) {
      const name = names[index];
      return `operator ${subject} expected ${name} version ${wanted} > server ${name} version ${own}`;
    }
  }
  return undefined;
}

/** Keys that operators vouch for: their own unless it must not sign, and signing keys. */
export function operatorKeys({ trustedOperators }: Options): string[] {
  return trustedOperators.flatMap((
    { strictSigningKeyUsage, subject, signingKeys },
  ) => strictSigningKeyUsage ? signingKeys : [subject, ...signingKeys]);
}
