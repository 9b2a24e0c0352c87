/**
 * Authentication by JWTs that accounts of trusted operators issue.
 *
 * @module
 */

import { JwtError, type Options } from "../../config/mod.ts";
import type { Logger } from "../../log/mod.ts";
import { quoteText } from "../../log/mod.ts";
import type { Clock, Random } from "../../runtime/mod.ts";
import type { UserPermissionLimits } from "../claims/permission_claims.ts";
import {
  decodeUserClaims,
  type UserClaims,
  validateUserClaims,
} from "../claims/user_claims.ts";
import {
  type AuthRequest,
  NOT_AUTHENTICATED,
  type Verdict,
} from "../identity.ts";
import { isInNetworks } from "../networks.ts";
import { demandProxy } from "../proxies.ts";
import { signatureProblem } from "../signature.ts";
import type { ClaimedAccount } from "./claimed_account.ts";
import {
  AccountLookupError,
  type ClaimedAccounts,
} from "./claimed_accounts.ts";
import {
  admittedUntil,
  allowsType,
  identityOf,
  limitsOf,
} from "./user_rules.ts";

/** The options that concern users with JWTs. */
export type JwtUserOptions = Pick<
  Options,
  | "defaultSentinel"
  | "resolverPinnedAccounts"
  | "systemAccount"
>;

/** What the checks need of the server. */
export interface JwtUsersContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What came of a JWT; user and account are there once they are known. */
export interface Examined {
  readonly verdict: Verdict;
  readonly user?: UserClaims;
  readonly account?: ClaimedAccount;
}

/** Limits are kept in 32 bits. */
const LARGEST_LIMIT = 2 ** 31 - 1;

/** Replaced as a whole when the configuration is reloaded. */
export class JwtUsers {
  readonly #options: JwtUserOptions;
  readonly #accounts: ClaimedAccounts;
  readonly #context: JwtUsersContext;

  constructor(
    options: JwtUserOptions,
    accounts: ClaimedAccounts,
    context: JwtUsersContext,
  ) {
    this.#options = options;
    this.#accounts = accounts;
    this.#context = context;
  }

  /** @param proxy key of the trusted proxy that the client came through, or empty */
  async examine(request: AuthRequest, proxy: string): Promise<Examined> {
    const { log } = request;
    const user = this.#decode(request);
    if (typeof user === "string") {
      log.debug(user);
      return { verdict: NOT_AUTHENTICATED };
    }
    if (user.limits.proxyRequired && proxy === "") {
      return { verdict: demandProxy(log) };
    }
    const account = await this.#findAccount(user);
    if (typeof account === "string") {
      log.debug(account);
      return { verdict: NOT_AUTHENTICATED };
    }
    const verdict = this.#judge(user, account, request, proxy);
    return { verdict, user, account };
  }

  /** The account of a user whose claims hold, or why there is none. */
  #findAccount(user: UserClaims): string | Promise<ClaimedAccount | string> {
    const issues = validateUserClaims(user, this.#context.clock.now());
    if (issues.isBlocking()) {
      const complaints = issues.all.map(({ description }) => description);
      return `User JWT no longer valid: ${complaints.join("; ")}`;
    }
    return this.#accountOf(user);
  }

  #judge(
    user: UserClaims,
    account: ClaimedAccount,
    request: AuthRequest,
    proxy: string,
  ): Verdict {
    const { log, host } = request;
    const refuse = (why: string) => {
      log.debug(why);
      return NOT_AUTHENTICATED;
    };
    const limits = limitsOf(user, account);
    if (typeof limits === "string") return refuse(limits);
    if (limits.proxyRequired && proxy === "") return demandProxy(log);
    const problem = this.#problem(user, limits, account, request);
    if (problem !== undefined) return refuse(problem);
    if (limits.sources.length > 0 && !isInNetworks(host, limits.sources)) {
      log.error(`Bad src Ip ${host}`);
      return NOT_AUTHENTICATED;
    }
    const until = admittedUntil(user, limits, this.#context.clock);
    if (until === "never") {
      log.error("Outside connect times");
      return NOT_AUTHENTICATED;
    }
    log.debug(describe(user, account));
    return {
      ...identityOf(user, limits, account, this.#context),
      limits: {
        maxPayload: Math.min(limits.payload, LARGEST_LIMIT),
        maxSubscriptions: Math.min(limits.subscriptions, LARGEST_LIMIT),
      },
      expires: until,
      proxy,
    };
  }

  /** The claims that the client brought, or why there are none. */
  #decode({ connect }: AuthRequest): UserClaims | string {
    const given = decodeOr(connect.jwt);
    if (typeof given !== "string") return given;
    const { defaultSentinel } = this.#options;
    if (defaultSentinel === "") return "Authentication requires a user JWT";
    connect.jwt = defaultSentinel;
    const sentinel = decodeOr(defaultSentinel);
    return typeof sentinel === "string"
      ? `User JWT not valid: ${sentinel}`
      : sentinel;
  }

  async #accountOf(user: UserClaims): Promise<ClaimedAccount | string> {
    const key = user.issuerAccount || user.claims.issuer;
    const { resolverPinnedAccounts: pinned, systemAccount } = this.#options;
    if (pinned.size > 0 && !pinned.has(key) && key !== systemAccount) {
      this.#accounts.pinnedFailures++;
      return `Account ${key} not listed as operator pinned account`;
    }
    try {
      const account = await this.#accounts.lookup(key);
      return this.#accounts.trust.includes(account.issuer)
        ? account
        : "Account JWT not signed by trusted operator";
    } catch (error) {
      if (!(error instanceof AccountLookupError)) throw error;
      return `Account JWT lookup error: ${error.message}`;
    }
  }

  /** What else speaks against the user, or undefined. */
  #problem(
    { claims }: UserClaims,
    limits: UserPermissionLimits,
    account: ClaimedAccount,
    { connect, connectionType, nonce, log }: AuthRequest,
  ): string | undefined {
    if (account.expired) return "Account JWT has expired";
    if (limits.bearerToken && account.claims.limits.disallowBearer) {
      return "Account does not allow bearer tokens";
    }
    if (!allowsType(limits, connectionType, log)) {
      return "Connection type not allowed";
    }
    if (!limits.bearerToken) {
      const problem = signatureProblem(claims.subject, connect.sig, nonce);
      if (problem !== undefined) return problem;
    }
    return account.revokes(claims.subject, claims.issuedAt)
      ? "User authentication revoked"
      : undefined;
  }
}

/** The claims of a token, or what is wrong with it. */
function decodeOr(token: string): UserClaims | string {
  try {
    return decodeUserClaims(token);
  } catch (error) {
    if (error instanceof JwtError) return error.message;
    throw error;
  }
}

function describe(
  { claims, tags }: UserClaims,
  account: ClaimedAccount,
): string {
  const list = (items: readonly string[]) =>
    `[${items.map(quoteText).join(" ")}]`;
  return `Authenticated JWT: Client ${quoteText(claims.subject)} ` +
    `(claim-name: ${quoteText(claims.name)}, claim-tags: ${list(tags)}) ` +
    `signed with ${quoteText(claims.issuer)} by Account ${
      quoteText(account.key)
    } ` +
    `(claim-name: ${quoteText(account.title)}, claim-tags: ${
      list(account.claims.tags)
    }) ` +
    `signed with ${quoteText(account.issuer)}`;
}
