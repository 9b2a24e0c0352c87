/**
 * `$JS.API.INFO`: what an account uses and may use.
 *
 * @module
 */

import { ACCOUNT_STATS, accountStats } from "../account_stats.ts";
import { ApiError } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";

export function accountEndpoints({ domain }: ApiContext): Endpoint[] {
  return [{
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
