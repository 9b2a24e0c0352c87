/**
 * Authentication by the embedder's own rules.
 *
 * @module
 */

import type { Permissions } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Random } from "../runtime/mod.ts";
import {
  ANONYMOUS,
  type AuthRequest,
  NOT_AUTHENTICATED,
  type Verdict,
} from "./identity.ts";
import { compilePermissions } from "./user_table.ts";

/** Somebody whom an embedder lets in. */
export interface CustomUser {
  /** Name for logs, events and monitoring; empty: what CONNECT says. */
  readonly username?: string;
  /** Undefined: the global account. It has to be there. */
  readonly account?: string;
  /** Undefined: everything is allowed. */
  readonly permissions?: Permissions;
  /** Wall time (milliseconds) at which the connection ends; undefined: never. */
  readonly connectionDeadline?: number;
}

/**
 * Decides about clients in place of users, tokens and JWTs of the
 * configuration, and again about connected ones at each reload.
 */
export interface CustomAuthentication {
  /** @returns null to keep the client out; a check that fails keeps it out, too */
  check(request: AuthRequest): CustomUser | null | Promise<CustomUser | null>;
}

/** Asks the embedder, and fails closed. */
export async function judgeByEmbedder(
  custom: CustomAuthentication,
  request: AuthRequest,
  proxy: string,
  { random, logger }: { readonly random: Random; readonly logger: Logger },
): Promise<Verdict> {
  let user: CustomUser | null;
  try {
    user = await custom.check(request);
  } catch (error) {
    request.log.error(`Custom authentication failed: ${error}`);
    return NOT_AUTHENTICATED;
  }
  if (user === null) return NOT_AUTHENTICATED;
  const { username, account, permissions, connectionDeadline } = user;
  return {
    ...ANONYMOUS,
    user: username || request.connect.user,
    account,
    permissions: compilePermissions(permissions, random, logger),
    expires: connectionDeadline,
    proxy,
  };
}
