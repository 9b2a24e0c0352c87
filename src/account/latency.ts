/**
 * Reports of how long services take to answer.
 *
 * @module
 */

import { encodeGoJson, formatTime } from "../protocol/mod.ts";
import { type ClientInfo, presentFields, toNanos } from "./client_info.ts";
import type { Measurement } from "./responses.ts";

const TYPE = "io.nats.server.metric.v1.service_latency";

/** How a request ended. */
export const LatencyOutcome = {
  answered: { status: 200 },
  /** The request had no reply subject. */
  badRequest: { status: 400, description: "Bad Request" },
  /** The requestor no longer listens. */
  interestLost: { status: 408, description: "Request Timeout" },
  /** Nobody took the request, or the response. */
  undelivered: { status: 503, description: "Service Unavailable" },
  timedOut: { status: 504, description: "Service Timeout" },
} as const;

/** A value of `LatencyOutcome`. */
export type LatencyOutcome = typeof LatencyOutcome[keyof typeof LatencyOutcome];

/** What goes into a report. */
export interface LatencyFacts {
  readonly id: string;
  /** Wall time of the report, milliseconds. */
  readonly now: number;
  readonly outcome: LatencyOutcome;
  readonly measurement: Measurement;
  readonly requestor: ClientInfo | null;
  /** Only of an answered request: who answered, and after how many milliseconds. */
  readonly response?: {
    readonly responder: ClientInfo | null;
    readonly elapsed: number;
  };
}

/** The JSON of a report. Durations in it are nanoseconds. */
export function encodeLatency(facts: LatencyFacts): string {
  const { id, now, outcome, measurement, requestor, response } = facts;
  const requestorRtt = requestor?.rtt ?? 0;
  const responderRtt = response?.responder?.rtt ?? 0;
  const elapsed = toNanos(response?.elapsed ?? 0);
  const { headers } = measurement;
  return encodeGoJson({
    type: TYPE,
    id,
    timestamp: formatTime(now),
    ...outcome,
    ...infoField("requestor", requestor),
    ...infoField("responder", response?.responder ?? null),
    ...(Object.keys(headers).length === 0 ? {} : { header: headers }),
    start: formatTime(measurement.started - requestorRtt / 1e6),
    // Round-trip times are estimates, which may exceed what was measured.
    service: Math.max(0, elapsed - responderRtt),
    system: 0,
    total: response === undefined ? 0 : requestorRtt + elapsed,
  });
}

function infoField(
  name: string,
  info: ClientInfo | null,
): Record<string, unknown> {
  return info === null ? {} : { [name]: presentFields(info) };
}
