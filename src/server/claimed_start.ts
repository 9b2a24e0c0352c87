/**
 * What the start of a server with trusted operators takes.
 *
 * @module
 */

import { SYSTEM_ACCOUNT } from "../account/mod.ts";
import {
  AccountLookupError,
  type AccountResolver,
  checkPreload,
  type ClaimedAccounts,
  DirectoryResolver,
  preload,
  ResolverError,
} from "../auth/mod.ts";
import type { Options } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import { StartError } from "./start_error.ts";

/**
 * Starts the resolver and gets to know the system account.
 * @throws StartError, ResolverError
 */
export async function startClaimedAccounts(
  accounts: ClaimedAccounts,
  options: Options,
  context: { readonly logger: Logger; readonly clock: Clock },
): Promise<void> {
  const { resolver } = accounts;
  if (resolver === null) return;
  checkPreload(options, context);
  await startResolver(resolver, options);
  preload(resolver, options);
  const { resolver: kind, trustedOperators, systemAccount } = options;
  if (systemAccount === "" || kind?.kind === "url") return;
  const [operator, ...others] = trustedOperators;
  const bootstraps = operator !== undefined && others.length === 0 &&
    systemAccount !== SYSTEM_ACCOUNT && kind?.kind !== "memory";
  if (bootstraps) await accounts.bootstrap(systemAccount, operator.issuer);
  try {
    await accounts.lookup(systemAccount);
  } catch (error) {
    // Its users will be told so when they come.
    if (!(error instanceof AccountLookupError)) throw error;
  }
}

/** @throws StartError */
async function startResolver(
  resolver: AccountResolver,
  options: Options,
): Promise<void> {
  try {
    const isDirectory = resolver instanceof DirectoryResolver;
    if (isDirectory && options.trustedOperators.length === 0) {
      throw new ResolverError("no operator key found");
    }
    await resolver.start();
  } catch (error) {
    if (!(error instanceof ResolverError)) throw error;
    throw new StartError(`Could not start resolver: ${error.message}`);
  }
}
