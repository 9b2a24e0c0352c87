/**
 * What answers by HTTP under which path.
 *
 * @module
 */

import { quoteText } from "../log/mod.ts";
import { accountStatz } from "./account_statistics.ts";
import { accountz } from "./accountz.ts";
import { connz, connzOptions } from "./connz.ts";
import { writeDocument } from "./document.ts";
import {
  countRequest,
  documentEndpoint,
  type Endpoint,
  JSON_HEADERS,
  textResponse,
} from "./endpoint.ts";
import { healthz, healthzOptions } from "./healthz.ts";
import { jsz, jszOptions } from "./jsz.ts";
import { gatewayz, leafz, routez } from "./links.ts";
import { type MonitoredServer, MonitorError } from "./monitored_server.ts";
import { Pacer } from "./pacer.ts";
import { debugVariablesResponse, stacks } from "./process_dump.ts";
import { Query } from "./query.ts";
import { subsz, subszOptions } from "./subsz.ts";
import { varz } from "./varz.ts";

const subscriptionsEndpoint = documentEndpoint({
  counter: "/subsz",
  countsAll: true,
  read: subszOptions,
  make: subsz,
});

/** All but the root, by path. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  [
    "/varz",
    documentEndpoint({ counter: "/varz", read: () => {}, make: varz }),
  ],
  [
    "/connz",
    documentEndpoint({ counter: "/connz", read: connzOptions, make: connz }),
  ],
  [
    "/routez",
    documentEndpoint({
      counter: "/routez",
      read: (query) => query.subscriptions(),
      make: routez,
    }),
  ],
  [
    "/gatewayz",
    documentEndpoint({
      counter: "/gatewayz",
      countsAll: true,
      read: (query) => {
        query.subscriptions();
        query.flag("accs");
      },
      make: gatewayz,
    }),
  ],
  [
    "/leafz",
    documentEndpoint({
      counter: "/leafz",
      countsAll: true,
      read: (query) => query.flag("subs"),
      make: leafz,
    }),
  ],
  ["/subsz", subscriptionsEndpoint],
  ["/subscriptionsz", subscriptionsEndpoint],
  [
    "/accountz",
    documentEndpoint({
      counter: "/accountz",
      countsAll: true,
      read: (query) => query.text("acc"),
      make: accountz,
    }),
  ],
  [
    "/accstatz",
    documentEndpoint({
      counter: "/accstatz",
      countsAll: true,
      read: (query) => ({ accounts: [], unused: query.flag("unused") }),
      make: accountStatz,
    }),
  ],
  [
    "/jsz",
    documentEndpoint({
      counter: "/jsz",
      countsAll: true,
      read: jszOptions,
      make: jsz,
    }),
  ],
  ["/healthz", healthEndpoint],
  [
    "/ipqueuesz",
    documentEndpoint({
      indent: "   ",
      read: (query) => query.flag("all"),
      // Nothing of this server waits in a queue between its parts.
      make: () => ({}),
    }),
  ],
  [
    "/raftz",
    () => Promise.resolve(textResponse(404, "No Raft nodes registered")),
  ],
  [
    "/stacksz",
    () => Promise.resolve(textResponse(200, stacks(), JSON_HEADERS)),
  ],
  ["/debug/vars", (server) => Promise.resolve(debugVariablesResponse(server))],
]);

// deno-lint-ignore require-await
async function healthEndpoint(
  server: MonitoredServer,
  parameters: URLSearchParams,
) {
  countRequest(server, "/healthz");
  try {
    const options = healthzOptions(new Query(parameters));
    if (options.jsEnabled) {
      server.logger.warn(
        "Healthcheck: js-enabled deprecated, use js-enabled-only instead",
      );
    }
    const { code, body } = healthz(server, options);
    if (body.error !== undefined) {
      server.logger.warn(`Healthcheck failed: ${quoteText(body.error)}`);
    } else if (body.errors !== undefined) {
      server.logger.warn(`Healthcheck failed: ${body.errors.length} errors`);
    }
    return {
      status: code,
      headers: JSON_HEADERS,
      body: writeDocument(body, "", new Pacer(server)),
    };
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    return textResponse(400, error.message);
  }
}
