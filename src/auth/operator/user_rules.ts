/**
 * From a user's claims to what the user may do.
 *
 * @module
 */

import {
  type ConnectionType,
  isConnectionType,
  type Permissions,
} from "../../config/mod.ts";
import type { Logger } from "../../log/mod.ts";
import type { Clock, Random } from "../../runtime/mod.ts";
import type { UserPermissionLimits } from "../claims/permission_claims.ts";
import { scopeProblem } from "../claims/signing_keys.ts";
import { fillTemplate, TemplateError } from "../claims/template.ts";
import type { UserClaims } from "../claims/user_claims.ts";
import { ANONYMOUS, type ConnectionLog, type Identity } from "../identity.ts";
import { remainingTime, zoneOffset } from "../time_ranges.ts";
import { allowsConnection, compilePermissions } from "../user_table.ts";
import type { ClaimedAccount } from "./claimed_account.ts";
import { toPermissions } from "./permissions_of_claims.ts";

/** The user's limits, or those of the scope that it was issued in, or why there are none. */
export function limitsOf(
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

/**
 * Whether the user may connect in this way. Types that nobody knows are left
 * out; if none is left the user may not connect at all, since nothing named
 * would allow everything.
 */
export function allowsType(
  { allowedConnectionTypes }: UserPermissionLimits,
  type: ConnectionType,
  log: ConnectionLog,
): boolean {
  const names = allowedConnectionTypes.map((name) => name.toUpperCase());
  const unknown = names.filter((name) => !isConnectionType(name));
  const known = new Set(names.filter(isConnectionType));
  if (unknown.length > 0) {
    log.debug(`invalid connection types ["${unknown.join('" "')}"]`);
    if (known.size === 0) return false;
  }
  return allowsConnection(known, type);
}

/** Whether any of the types that the user may use is one. */
export function namesTypes(
  { allowedConnectionTypes }: UserPermissionLimits,
): boolean {
  return allowedConnectionTypes.some((name) =>
    isConnectionType(name.toUpperCase())
  );
}

/** When the connection must end (wall time); undefined: no end is set. */
export function admittedUntil(
  { claims }: UserClaims,
  { times, timeZone }: UserPermissionLimits,
  clock: Clock,
): number | undefined | "never" {
  const now = clock.now();
  const ends: number[] = claims.expires > 0 ? [claims.expires * 1000] : [];
  if (times.length > 0) {
    const offset = timeZone === ""
      ? (at: number) => clock.utcOffset(at)
      : zoneOffset(timeZone);
    const left = remainingTime(times, now, offset);
    if (left === undefined) return "never";
    ends.push(now + left);
  }
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** Where a user is at home, and the permissions of those without their own. */
export interface Home {
  /** Name of the account. */
  readonly key: string;
  readonly defaultPermissions: Permissions | undefined;
}

/** Who the user is in the account. */
export function identityOf(
  { claims, issuerAccount, tags }: UserClaims,
  limits: UserPermissionLimits,
  { key, defaultPermissions }: Home,
  { random, logger }: { random: Random; logger: Logger },
): Identity {
  const own = toPermissions(limits.permissions);
  return {
    ...ANONYMOUS,
    user: claims.subject,
    account: key,
    permissions: compilePermissions(own ?? defaultPermissions, random, logger),
    jwt: {
      user: claims.subject,
      name: claims.name,
      issuer: claims.issuer,
      bySigningKey: issuerAccount !== "",
      issuedAt: claims.issuedAt,
      bearer: limits.bearerToken,
      usesDefaultPermissions: own === undefined,
      tags,
    },
  };
}
