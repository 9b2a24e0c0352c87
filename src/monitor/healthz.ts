/**
 * `/healthz`: whether the server does what it is there for.
 *
 * @module
 */

import { ApiError } from "../jetstream/mod.ts";
import {
  type HealthFault,
  type HealthTarget,
  jetStreamFaults,
} from "./jetstream_health.ts";
import type { MonitoredServer } from "./monitored_server.ts";
import type { Query } from "./query.ts";

/** What to check beyond the server itself. */
export interface HealthzOptions extends HealthTarget {
  /** List all errors with their kind, instead of the first alone. */
  readonly details: boolean;
  /** Old name of `js-enabled-only`. */
  readonly jsEnabled: boolean;
  /** Check only whether JetStream runs. */
  readonly jsEnabledOnly: boolean;
  /** Leave JetStream alone. */
  readonly jsServerOnly: boolean;
}

type Status = "ok" | "error" | "unavailable";

/** The outcome; `code` is the HTTP status. */
export interface Health {
  readonly code: number;
  readonly body: {
    readonly status: Status;
    readonly error?: string;
    readonly errors?: readonly object[];
  };
}

/** Reads the parameters of a request. @throws MonitorError */
export function healthzOptions(query: Query): HealthzOptions {
  const jsEnabled = query.flag("js-enabled");
  const jsEnabledOnly = query.flag("js-enabled-only");
  const jsServerOnly = query.flag("js-server-only");
  query.flag("js-meta-only");
  return {
    jsEnabled,
    jsEnabledOnly,
    jsServerOnly,
    details: query.flag("details"),
    account: query.text("account"),
    stream: query.text("stream"),
    consumer: query.text("consumer"),
  };
}

/** A fault as it is told. */
type ShownFault = Omit<HealthFault, "type" | "missing"> & {
  readonly type: HealthFault["type"] | "BAD_REQUEST" | "CONNECTION";
};

const HEALTHY: Health = { code: 200, body: { status: "ok" } };

export function healthz(
  server: MonitoredServer,
  options: HealthzOptions,
): Health {
  const { account, stream, consumer, details } = options;
  const fail = (
    code: number,
    errors: readonly ShownFault[],
    status: Status = "error",
  ): Health => ({
    code,
    body: details
      ? { status: "error", errors }
      : { status, error: errors[0]?.error ?? "" },
  });
  if (account === "" && stream !== "") {
    const error = emptyName("account", "stream");
    return fail(400, [{ type: "BAD_REQUEST", error }]);
  }
  if (stream === "" && consumer !== "") {
    const error = emptyName("stream", "consumer");
    return fail(400, [{ type: "BAD_REQUEST", error }]);
  }
  if (!server.ready) {
    const error = "failed to be ready for connections after 1ms: server";
    return fail(500, [{ type: "CONNECTION", error }]);
  }
  const faults = checkJetStream(server, options);
  if (faults.length === 0) return HEALTHY;
  const missing = faults.some((fault) => fault.missing);
  const shown = faults.map(({ missing: _, ...fault }) => fault);
  return fail(missing ? 404 : 503, shown, "unavailable");
}

function checkJetStream(
  server: MonitoredServer,
  options: HealthzOptions,
): readonly HealthFault[] {
  if (options.jsServerOnly || !server.options.jetstream.enabled) return [];
  const { service } = server.jetstream;
  if (service === null || !service.isEnabled) {
    const error = new ApiError("notEnabled").message;
    return [{ type: "JETSTREAM", error }];
  }
  if (options.jsEnabledOnly || options.jsEnabled) return [];
  return jetStreamFaults(server, service, options, options.details);
}

function emptyName(missing: string, checked: string): string {
  return `"${missing}" must not be empty when checking ${checked} health`;
}
