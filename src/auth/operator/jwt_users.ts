/**
 * Authentication by JWTs that accounts of trusted operators issue.
 *
 * @module
 */

import {
  type ConnectionType,
  isConnectionType,
  JwtError,
  type Options,
} from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";
import type { Logger } from "../../log/mod.ts";
import type { Clock, Random } from "../../runtime/mod.ts";
import type { UserPermissionLimits } from "../claims/permission_claims.ts";
import { scopeProblem } from "../claims/signing_keys.ts";
import { fillTemplate, TemplateError } from "../claims/template.ts";
import {
  decodeUserClaims,
  type UserClaims,
  validateUserClaims,
} from "../claims/user_claims.ts";
import {
  ANONYMOUS,
  type AuthRequest,
  type ConnectionLog,
  type Identity,
  NOT_AUTHENTICATED,
  type Verdict,
} from "../identity.ts";
import { isInNetworks } from "../networks.ts";
import { demandProxy } from "../proxies.ts";
import { signatureProblem } from "../signature.ts";
import { remainingTime, zoneOffset } from "../time_ranges.ts";
import { allowsConnection, compilePermissions } from "../user_table.ts";
import type { ClaimedAccount } from "./claimed_account.ts";
import {
  AccountLookupError,
  type ClaimedAccounts,
} from "./claimed_accounts.ts";
import { toPermissions } from "./permissions_of_claims.ts";

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
  async authenticate(request: AuthRequest, proxy: string): Promise<Verdict> {
    const { log } = request;
    const refuse = (why: string) => {
      log.debug(why);
      return NOT_AUTHENTICATED;
    };
    const user = this.#decode(request);
    if (typeof user === "string") return refuse(user);
    if (user.limits.proxyRequired && proxy === "") return demandProxy(log);
    const issues = validateUserClaims(user, this.#context.clock.now());
    if (issues.isBlocking()) {
      const complaints = issues.all.map(({ description }) => description);
      return refuse(`User JWT no longer valid: ${complaints.join("; ")}`);
    }
    const account = await this.#accountOf(user);
    if (typeof account === "string") return refuse(account);
    const limits = this.#limitsOf(user, account);
    if (typeof limits === "string") return refuse(limits);
    if (limits.proxyRequired && proxy === "") return demandProxy(log);
    const problem = this.#problem(user, limits, account, request);
    if (problem !== undefined) return refuse(problem);
    const until = this.#admittedUntil(user, limits, request);
    if (until === "never") return NOT_AUTHENTICATED;
    log.debug(describe(user, account));
    return this.#identity(user, limits, account, { until, proxy });
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

  /** The user's limits, or those of the scope that it was issued in. */
  #limitsOf(
    user: UserClaims,
    account: ClaimedAccount,
  ): UserPermissionLimits | string {
    const scope = account.scopeOf(user.claims.issuer);
    if (scope === undefined) return "User JWT issuer is not known";
    if (scope === null) return user.limits;
    const problem = scopeProblem(scope, user);
    if (problem !== undefined) return `User JWT is not valid: ${problem}`;
    try {
      const permissions = fillTemplate(scope.template.permissions, {
        name: user.claims.name,
        subject: user.claims.subject,
        accountName: account.title,
        accountSubject: user.issuerAccount,
        tags: user.tags,
        accountTags: account.claims.tags,
      });
      return { ...scope.template, permissions };
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return "User JWT generated invalid permissions";
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
    const types = connectionTypes(limits.allowedConnectionTypes, log);
    if (types === undefined) return "Connection type not allowed";
    if (!allowsConnection(types, connectionType)) {
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

  /** When the connection must end (wall time); undefined: no end is set. */
  #admittedUntil(
    { claims }: UserClaims,
    { sources, times, timeZone }: UserPermissionLimits,
    { host, log }: AuthRequest,
  ): number | undefined | "never" {
    if (sources.length > 0 && !isInNetworks(host, sources)) {
      log.error(`Bad src Ip ${host}`);
      return "never";
    }
    const { clock } = this.#context;
    const now = clock.now();
    const ends: number[] = claims.expires > 0 ? [claims.expires * 1000] : [];
    if (times.length > 0) {
      const offset = timeZone === ""
        ? (at: number) => clock.utcOffset(at)
        : zoneOffset(timeZone);
      const left = remainingTime(times, now, offset);
      if (left === undefined) {
        log.error("Outside connect times");
        return "never";
      }
      ends.push(now + left);
    }
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  #identity(
    user: UserClaims,
    limits: UserPermissionLimits,
    account: ClaimedAccount,
    { until, proxy }: { until: number | undefined; proxy: string },
  ): Identity {
    const { claims, issuerAccount, tags } = user;
    const own = toPermissions(limits.permissions);
    const { random, logger } = this.#context;
    return {
      ...ANONYMOUS,
      user: claims.subject,
      account: account.key,
      permissions: compilePermissions(
        own ?? account.defaultPermissions,
        random,
        logger,
      ),
      limits: {
        maxPayload: Math.min(limits.payload, LARGEST_LIMIT),
        maxSubscriptions: Math.min(limits.subscriptions, LARGEST_LIMIT),
      },
      expires: until,
      proxy,
      jwt: {
        user: claims.subject,
        issuer: claims.issuer,
        bySigningKey: issuerAccount !== "",
        issuedAt: claims.issuedAt,
        bearer: limits.bearerToken,
        usesDefaultPermissions: own === undefined,
        tags,
      },
    };
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

/**
 * The types that are known; undefined when types are named but none is known,
 * since nothing named would allow all.
 */
function connectionTypes(
  names: readonly string[],
  log: ConnectionLog,
): ReadonlySet<ConnectionType> | undefined {
  const upper = names.map((name) => name.toUpperCase());
  const unknown = upper.filter((name) => !isConnectionType(name));
  const known = new Set(upper.filter(isConnectionType));
  if (unknown.length === 0) return known;
  log.debug(`invalid connection types ["${unknown.join('" "')}"]`);
  return known.size === 0 ? undefined : known;
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
