/**
 * Which connections are judged by an external service instead of the server.
 *
 * @module
 */

import type { AuthCalloutOptions } from "../../config/mod.ts";
import { CloseReason } from "../../connection/mod.ts";
import type { Random } from "../../runtime/mod.ts";
import { type AuthRequest, Refusal, type Verdict } from "../identity.ts";
import type { ClaimedAccounts } from "../operator/claimed_accounts.ts";
import type { Examined } from "../operator/jwt_users.ts";
import { CompiledPermissions } from "../permissions.ts";
import type { Callout } from "./callout.ts";
import { CALLOUT_SUBJECT } from "./request.ts";

const GLOBAL_ACCOUNT = "$G";

/** Puts services before or behind the server's own judgement. */
export class Delegation {
  readonly #callout: Callout;
  readonly #options: AuthCalloutOptions | undefined;
  readonly #random: Random;

  constructor(
    callout: Callout,
    options: AuthCalloutOptions | undefined,
    random: Random,
  ) {
    this.#callout = callout;
    this.#options = options;
    this.#random = random;
  }

  /**
   * Asks the service of the configuration, if there is one and it is in charge.
   * @param verdict the server's own judgement
   * @param user the configured user that the client says to be, or empty
   */
  async overConfigured(
    verdict: Verdict,
    user: string,
    request: AuthRequest,
    proxy: string,
  ): Promise<Verdict> {
    const options = this.#options;
    if (options === undefined) return verdict;
    const { account, authUsers, allowedAccounts } = options;
    const home = verdict instanceof Refusal
      ? GLOBAL_ACCOUNT
      : verdict.account ?? GLOBAL_ACCOUNT;
    const delegates = home === GLOBAL_ACCOUNT || allowedAccounts.length === 0 ||
      allowedAccounts.includes(home);
    if (!delegates) return verdict;
    const final = user !== "" && authUsers.includes(user)
      ? verdict
      : await this.#callout.askConfigured(
        options,
        { ...request, jwt: null },
        facts(verdict, proxy),
      );
    return this.#settled(final, account);
  }

  /** Asks the service of the account that a JWT belongs to, if it has one. */
  async overClaimed(
    { verdict, user, account }: Examined,
    accounts: ClaimedAccounts,
    request: AuthRequest,
    proxy: string,
  ): Promise<Verdict> {
    const external = account?.externalAuthorization;
    if (
      user === undefined || account === undefined || external === undefined
    ) return verdict;
    if (external.authUsers.includes(user.claims.subject)) {
      return this.#settled(verdict, account.key);
    }
    // A JWT that does not admit into the account does not lead to its service.
    if (verdict instanceof Refusal) {
      return new Refusal(verdict.reason, { account: account.key, text: "" });
    }
    const final = await this.#callout.askAccount(
      account,
      accounts,
      { ...request, jwt: verdict.jwt },
      facts(verdict, proxy),
    );
    if (final instanceof Refusal && final.announcement !== undefined) {
      const announcement = { ...final.announcement, guest: verdict };
      return new Refusal(final.reason, announcement);
    }
    return this.#settled(final, account.key);
  }

  /**
   * What holds for those whom the service's account is in charge of: refusals
   * are told to it, and nobody in it may send it requests in the server's name.
   */
  #settled(verdict: Verdict, account: string): Verdict {
    if (verdict instanceof Refusal) {
      const { reason, announcement } = verdict;
      return new Refusal(reason, announcement ?? { account, text: reason });
    }
    if ((verdict.account ?? GLOBAL_ACCOUNT) !== account) return verdict;
    const open = { allow: undefined, deny: [] };
    const source = verdict.permissions?.source ??
      { publish: open, subscribe: open };
    const { publish } = source;
    const permissions = new CompiledPermissions({
      ...source,
      publish: { ...publish, deny: [...publish.deny, CALLOUT_SUBJECT] },
    }, this.#random.below(2 ** 31));
    return { ...verdict, permissions };
  }
}

function facts(
  verdict: Verdict,
  proxy: string,
): { proxy: string; required: boolean } {
  const required = verdict instanceof Refusal &&
    verdict.reason === CloseReason.ProxyRequired;
  return { proxy, required };
}
