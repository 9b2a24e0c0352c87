/**
 * A new JWT for an account whose resolver keeps none itself.
 *
 * @module
 */

import {
  AccountLookupError,
  accountOfToken,
  type ClaimAnswer,
} from "../auth/mod.ts";
import { JwtError } from "../config/mod.ts";
import type { EventServer } from "./event_server.ts";

/** Carries a JWT over to the account, if the server uses it. */
export function updateAccount(
  { accounts, claimedAccounts, logger }: EventServer,
  token: string,
  account: string,
): ClaimAnswer {
  const refuse = (verb: string, reason: string): ClaimAnswer => {
    logger.error(`${verb} - ${account} - ${reason}`);
    return { account, ok: false, text: `${verb} - ${reason}` };
  };
  const accept = (text: string): ClaimAnswer => {
    logger.debug(`${text} - ${account}`);
    return { account, ok: true, text };
  };
  const failed = "jwt update resulted in error";
  if (token === "") return refuse("jwt update error", "request body is empty");
  try {
    if (accountOfToken(token) !== account) {
      return refuse(failed, "subject does not match jwt content");
    }
    if (accounts.get(account) === null) return accept("jwt update skipped");
    const claimed = claimedAccounts?.get(account);
    if (claimedAccounts === null || claimed === undefined) {
      return refuse(failed, "account validation failed");
    }
    claimedAccounts.update(claimed, token);
    return accept("jwt updated");
  } catch (error) {
    const isBad = error instanceof JwtError ||
      error instanceof AccountLookupError;
    if (!isBad) throw error;
    return refuse(failed, error.message);
  }
}
