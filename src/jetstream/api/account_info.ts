/**
 * `$JS.API.INFO`, what an account uses and may use, and the way to take
 * everything from it, which only the system account has.
 *
 * @module
 */

import { ACCOUNT_STATS, accountStats } from "../account_stats.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";

/** Position of the account's name. */
const ACCOUNT = 5;

export function accountEndpoints(context: ApiContext): Endpoint[] {
  const { domain } = context;
  return [purge(context), {
    subject: "$JS.API.INFO",
    type: "account_info_response",
    informs: true,
    handle(call) {
      call.checkLevel();
      const { jetstream } = call.facts;
      if (jetstream === null) {
        return { fields: "", error: new ApiError("notEnabledForAccount") };
      }
      const stats = accountStats(jetstream, domain);
      return { fields: ACCOUNT_STATS.writeFields(stats) };
    },
  }];
}

function purge(context: ApiContext): Endpoint {
  return {
    subject: "$JS.API.ACCOUNT.PURGE.*",
    type: "account_purge_response",
    async handle(call) {
      const name = call.token(ACCOUNT);
      if (/[\\/]/.test(name)) {
        throw new ApiError("streamGeneralError", {
          err: "account name can not contain path separators",
        });
      }
      await context.purgeAccount(name);
      return { fields: '"initiated":true' };
    },
  };
}
