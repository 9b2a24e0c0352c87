/**
 * `/healthz`: whether the server does what it is there for.
 *
 * @module
 */

import type { MonitoredServer } from "./monitored_server.ts";
import type { Query } from "./query.ts";

/** What to check beyond the server itself. */
export interface HealthzOptions {
  readonly account: string;
  readonly stream: string;
  readonly consumer: string;
  /** List all errors with their kind, instead of the first alone. */
  readonly details: boolean;
  /** Old name of `js-enabled-only`. */
  readonly jsEnabled: boolean;
}

/** The outcome; `code` is the HTTP status. */
export interface Health {
  readonly code: number;
  readonly body: {
    readonly status: "ok" | "error" | "unavailable";
    readonly error?: string;
    readonly errors?: readonly {
      readonly type: string;
      readonly error: string;
    }[];
  };
}

/** Reads the parameters of a request. @throws MonitorError */
export function healthzOptions(query: Query): HealthzOptions {
  const jsEnabled = query.flag("js-enabled");
  for (const name of ["js-enabled-only", "js-server-only", "js-meta-only"]) {
    query.flag(name);
  }
  return {
    jsEnabled,
    details: query.flag("details"),
    account: query.text("account"),
    stream: query.text("stream"),
    consumer: query.text("consumer"),
  };
}

export function healthz(
  { ready }: MonitoredServer,
  { account, stream, consumer, details }: HealthzOptions,
): Health {
  const fail = (code: number, type: string, error: string): Health => ({
    code,
    body: details
      ? { status: "error", errors: [{ type, error }] }
      : { status: "error", error },
  });
  if (account === "" && stream !== "") {
    return fail(400, "BAD_REQUEST", emptyName("account", "stream"));
  }
  if (stream === "" && consumer !== "") {
    return fail(400, "BAD_REQUEST", emptyName("stream", "consumer"));
  }
  if (!ready) {
    return fail(
      500,
      "CONNECTION",
      "failed to be ready for connections after 1ms: server",
    );
  }
  return { code: 200, body: { status: "ok" } };
}

function emptyName(missing: string, checked: string): string {
  return `"${missing}" must not be empty when checking ${checked} health`;
}
