/**
 * Operator mode from the options.
 *
 * @module
 */

import type { Options } from "../../config/mod.ts";
import { MemoryResolver } from "../resolver/memory.ts";
import type { AccountResolver } from "../resolver/resolver.ts";
import {
  type AccountListener,
  ClaimedAccounts,
  type ClaimedAccountsContext,
} from "./claimed_accounts.ts";
import { Trust, type TrustOptions } from "./trust.ts";

/** The options of operator mode. */
export type OperatorOptions =
  & TrustOptions
  & Pick<Options, "resolver" | "resolverPreload">;

/** The accounts of trusted operators; null when no operator is trusted. */
export function createClaimedAccounts(
  options: OperatorOptions,
  context: ClaimedAccountsContext,
  listener: AccountListener,
): ClaimedAccounts | null {
  const trust = new Trust(options);
  if (!trust.any) return null;
  return new ClaimedAccounts(
    trust,
    createResolver(options),
    context,
    listener,
  );
}

/** Makes the resolver that the options ask for; null when they ask for none. */
export function createResolver(
  { resolver }: OperatorOptions,
): AccountResolver | null {
  return resolver?.kind === "memory" ? new MemoryResolver() : null;
}

/** Gives the resolver what the configuration brings along. @throws ResolverError */
export function preload(
  resolver: AccountResolver,
  { resolverPreload }: Pick<Options, "resolverPreload">,
): void {
  for (const [account, token] of resolverPreload) {
    resolver.store(account, token);
  }
}
