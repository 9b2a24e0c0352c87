/**
 * How plain clients still get in where only the system account has users.
 *
 * @module
 */

import { SYSTEM_ACCOUNT } from "../account/mod.ts";
import type { Options, UserEntry } from "../config/mod.ts";
import type { Random } from "../runtime/mod.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const NAME_LENGTH = 8;

/** A name that no client can know. */
export function guestName(random: Random): string {
  const draw = () => DIGITS.charAt(random.below(DIGITS.length));
  return `nats-${Array.from({ length: NAME_LENGTH }, draw).join("")}`;
}

/**
 * The options with a user of the global account for clients without
 * credentials, if there is just the system account beside it.
 * @param guest name of that user
 */
export function withGlobalEntrance(options: Options, guest: string): Options {
  const { accounts, trustedOperators, noAuthUser, authorizationDefined } =
    options;
  const system = options.systemAccount || SYSTEM_ACCOUNT;
  const [only, ...others] = accounts;
  const isNeeded = only?.name === system && others.length === 0 &&
    trustedOperators.length === 0 && noAuthUser === "" &&
    !authorizationDefined;
  if (!isNeeded) return options;
  const user: UserEntry = {
    username: guest,
    password: guest,
    permissions: undefined,
    account: undefined,
    allowedConnectionTypes: undefined,
    proxyRequired: false,
    connectionDeadline: undefined,
  };
  return { ...options, users: [...options.users, user], noAuthUser: guest };
}
