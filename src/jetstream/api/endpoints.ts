/**
 * All endpoints.
 *
 * @module
 */

import { accountEndpoints } from "./account_info.ts";
import { clusterEndpoints } from "./cluster.ts";
import { consumerCreateEndpoints } from "./consumer_create.ts";
import { consumerEndpoints } from "./consumers.ts";
import type { ApiContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";
import { messageEndpoints } from "./messages.ts";
import { restoreEndpoints } from "./restore.ts";
import { snapshotEndpoints } from "./snapshot.ts";
import { streamEndpoints } from "./streams.ts";

export function allEndpoints(context: ApiContext): Endpoint[] {
  return [
    ...accountEndpoints(context),
    ...streamEndpoints(context),
    ...messageEndpoints(),
    ...snapshotEndpoints(context),
    ...restoreEndpoints(context),
    ...consumerCreateEndpoints(context),
    ...consumerEndpoints(context),
    ...clusterEndpoints(),
  ];
}
