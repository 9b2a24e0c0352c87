/**
 * Carries over into running accounts and clients what account JWTs say.
 *
 * @module
 */

import type { Account, Accounts } from "../account/mod.ts";
import { type ClaimedAccount, compilePermissions } from "../auth/mod.ts";
import {
  type ClientSession,
  type Judge,
  pruneSubscriptions,
} from "../client/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import { quoteText } from "../log/mod.ts";
import {
  ERR_ACCOUNT_EXPIRED,
  ERR_AUTH_REVOKED,
  ERR_MAX_ACCOUNT_CONNECTIONS,
} from "../protocol/mod.ts";
import { jetstreamLimitsOf, linksOf } from "./claimed_links.ts";
import type { ServerState } from "./state.ts";

/** Limits are kept in 32 bits. */
const LARGEST_LIMIT = 2 ** 31 - 1;

/** Makes the running account what its JWT says. */
export function applyClaims(
  accounts: Accounts,
  { logger }: Pick<ServerState, "logger">,
  account: ClaimedAccount,
): Account {
  const { key, title, label, claims } = account;
  const { connections, subscriptions, payload, leafnodes } = claims.limits;
  const clamp = (limit: number) => Math.min(limit, LARGEST_LIMIT);
  const mappings = [...claims.mappings].map(([source, destinations]) => ({
    source,
    destinations,
  }));
  return accounts.claim(key, {
    title,
    limits: {
      maxConnections: clamp(connections),
      maxSubscriptions: clamp(subscriptions),
      maxPayload: clamp(payload),
      maxLeafnodes: clamp(leafnodes),
    },
    jetstreamLimits: jetstreamLimitsOf(claims),
    mappings,
    trace: claims.trace,
    links: linksOf(account, accounts.system !== null),
    reject: (source, reason) =>
      logger.error(
        `Error adding subject mapping ${
          quoteText(source)
        } for account [${label}]: ${reason}`,
      ),
  });
}

/** Closes a client of an account whose time is over. */
export function expireClient(session: ClientSession): void {
  session.sendError(ERR_ACCOUNT_EXPIRED);
  session.logDebug(ERR_ACCOUNT_EXPIRED);
  session.close(CloseReason.AuthenticationExpired);
}

/** Holds the clients of an account, who are given, to its new claims. */
export function settlement(
  sessions: readonly ClientSession[],
  account: ClaimedAccount,
  previous: ClaimedAccount,
): Judge {
  const { connections } = account.claims.limits;
  // The oldest stay.
  const excess = new Set(
    connections < 0
      ? []
      : sessions.toSorted((a, b) => a.id - b.id).slice(connections),
  );
  const newDefaults = !sameJson(
    account.defaultPermissions,
    previous.defaultPermissions,
  );
  return (session) => {
    if (excess.has(session)) {
      session.logError(ERR_MAX_ACCOUNT_CONNECTIONS);
      session.sendError(ERR_MAX_ACCOUNT_CONNECTIONS);
      session.close(CloseReason.MaxAccountConnectionsExceeded);
      return;
    }
    session.applyLimits();
    if (newDefaults) changeDefaults(session, account);
    if (!session.connection.closed) judge(session, account, previous);
  };
}

/** Gives users without permissions of their own the account's new ones. */
function changeDefaults(
  session: ClientSession,
  { defaultPermissions }: ClaimedAccount,
): void {
  const { identity, context } = session;
  if (identity.jwt?.usesDefaultPermissions !== true) return;
  const { random, logger } = context;
  const permissions = compilePermissions(defaultPermissions, random, logger);
  session.permit({ ...identity, permissions });
  pruneSubscriptions(session);
}

/** Closes a client whom the account no longer wants. */
function judge(
  session: ClientSession,
  account: ClaimedAccount,
  previous: ClaimedAccount,
): void {
  const { jwt } = session.identity;
  if (jwt === null) return;
  if (jwt.bearer && account.claims.limits.disallowBearer) {
    session.logDebug("Bearer User JWT not allowed");
    session.violateAuthorization();
  } else if (account.revokes(jwt.user, jwt.issuedAt)) {
    session.sendError(ERR_AUTH_REVOKED);
    session.logDebug(ERR_AUTH_REVOKED);
    session.close(CloseReason.Revocation);
  } else if (jwt.bySigningKey) {
    const scope = account.scopeOf(jwt.issuer);
    const unchanged = scope !== undefined &&
      sameJson(scope, previous.scopeOf(jwt.issuer));
    if (!unchanged) session.close(CloseReason.AuthenticationViolation);
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
