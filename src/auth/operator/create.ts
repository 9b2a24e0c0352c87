/**
 * Operator mode from the options.
 *
 * @module
 */

import { JwtError, type Options } from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";
import type { Disk } from "../../runtime/mod.ts";
import {
  decodeAccountClaims,
  validateAccountClaims,
} from "../claims/account_claims.ts";
import { DirectoryResolver } from "../resolver/directory.ts";
import type { HttpPorts } from "../resolver/http_get.ts";
import { MemoryResolver } from "../resolver/memory.ts";
import { type AccountResolver, ResolverError } from "../resolver/resolver.ts";
import { UrlResolver } from "../resolver/url.ts";
import {
  type AccountListener,
  AccountLookupError,
  ClaimedAccounts,
  type ClaimedAccountsContext,
} from "./claimed_accounts.ts";
import { Trust, type TrustOptions } from "./trust.ts";

/** The options of operator mode. */
export type OperatorOptions =
  & TrustOptions
  & Pick<Options, "resolver" | "resolverTls" | "resolverPreload">;

/** What operator mode needs of the server. */
export interface OperatorContext extends ClaimedAccountsContext, HttpPorts {
  readonly disk: Disk;
}

/** The accounts of trusted operators; null when no operator is trusted. */
export function createClaimedAccounts(
  options: OperatorOptions,
  context: OperatorContext,
  listener: AccountListener,
): ClaimedAccounts | null {
  const trust = new Trust(options);
  if (!trust.any) return null;
  const resolver = createResolver(options, context);
  const accounts = new ClaimedAccounts(trust, resolver, context, listener);
  if (resolver instanceof DirectoryResolver) {
    followDirectory(resolver, accounts, context);
  }
  return accounts;
}

/** Makes the resolver that the options ask for; null when they ask for none. */
export function createResolver(
  { resolver, resolverTls }: Pick<Options, "resolver" | "resolverTls">,
  context: OperatorContext,
): AccountResolver | null {
  switch (resolver?.kind) {
    case undefined:
      return null;
    case "memory":
      return new MemoryResolver();
    case "url":
      return new UrlResolver(resolver.url, resolverTls, context);
    case "full":
    case "cache":
      return new DirectoryResolver(resolver, context, context.logger);
  }
}

/** Carries changes in the directory over to the accounts in use. */
function followDirectory(
  { directory }: DirectoryResolver,
  accounts: ClaimedAccounts,
  { logger }: OperatorContext,
): void {
  directory.listener = {
    changed: (key) => {
      const account = accounts.get(key);
      const token = account === undefined ? undefined : directory.load(key);
      if (account === undefined || token === undefined) return;
      try {
        accounts.update(account, token);
      } catch (error) {
        if (!(error instanceof AccountLookupError)) throw error;
        logger.error(
          `DirResolver - Update for account ${
            quoteText(key)
          } resulted in error ${error.message}`,
        );
      }
    },
    deleted: (key) => accounts.disable(key),
  };
}

/** Warns of JWTs among those that the configuration brings along which will not do. */
export function checkPreload(
  { resolverPreload }: Pick<Options, "resolverPreload">,
  { clock, logger }: Pick<OperatorContext, "clock" | "logger">,
): void {
  for (const [key, token] of resolverPreload) {
    try {
      const claims = decodeAccountClaims(token);
      const issues = validateAccountClaims(claims, clock.now());
      if (!issues.isBlocking()) continue;
      logger.warn(`Account [${key}] has validation issues:`);
      for (const { description } of issues.all) {
        logger.warn(`  - ${description}`);
      }
    } catch (error) {
      if (!(error instanceof JwtError)) throw error;
      logger.error(`Preloaded account [${key}] not valid`);
    }
  }
}

/** Refuses what a resolver can't be given. @throws ResolverError */
export function checkPreloadable(
  { resolver, resolverPreload }: Pick<Options, "resolver" | "resolverPreload">,
): void {
  if (resolver?.kind === "url" && resolverPreload.size > 0) {
    throw new ResolverError(
      "resolver preloads only available for writeable resolver types MEM/DIR/CACHE_DIR",
    );
  }
}

/** Gives the resolver what the configuration brings along. @throws ResolverError */
export function preload(
  resolver: AccountResolver,
  options: Pick<Options, "resolver" | "resolverPreload">,
): void {
  checkPreloadable(options);
  const { resolverPreload } = options;
  for (const [account, token] of resolverPreload) {
    resolver.store(account, token);
  }
}
