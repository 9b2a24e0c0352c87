/**
 * Which requests have their latency measured.
 *
 * @module
 */

import type { Message } from "../protocol/mod.ts";
import type { Random } from "../runtime/mod.ts";
import { type HeaderFields, readHeaders } from "./headers.ts";

/** Headers that made a request be measured, by name; empty: chance did. */
export type SampleHeaders = Readonly<Record<string, readonly string[]>>;

const UBER = "Uber-Trace-Id";
const UBER_CONTEXT_PREFIX = "Uberctx-";
const B3 = "B3";
const B3_SAMPLED = "X-B3-Sampled";
const B3_TRACE = "X-B3-Traceid";
const B3_RELATED = [
  B3_SAMPLED,
  B3_TRACE,
  "X-B3-Parentspanid",
  "X-B3-Spanid",
];
const TRACE_PARENT = "Traceparent";
const TRACE_STATE = "Tracestate";

/**
 * Decides about one request.
 * @param sampling percent; 0 leaves it to tracing headers
 * @returns null: not measured
 */
export function sampleRequest(
  sampling: number,
  message: Message,
  random: Random,
): SampleHeaders | null {
  if (sampling >= 100) return {};
  if (sampling > 0 && random.below(100) <= sampling) return {};
  const fields = readHeaders(message);
  const uber = fields.get(UBER)?.[0];
  if (uber !== undefined) return sampledByUber(uber, fields);
  const sampled = fields.get(B3_SAMPLED)?.[0];
  if (sampled === "1") return pick(fields, (name) => B3_RELATED.includes(name));
  if (sampled === "0") return null;
  // A trace without a decision leaves it to whoever receives it.
  if (fields.has(B3_TRACE)) {
    return pick(fields, (name) => B3_RELATED.includes(name));
  }
  const b3 = fields.get(B3)?.[0];
  if (b3 !== undefined) {
    return deniedByB3(b3) ? null : pick(fields, (name) => name === B3);
  }
  const parent = fields.get(TRACE_PARENT)?.[0];
  if (parent === undefined || !flagged(parent.split("-"), /^[0-7][\da-f]$/i)) {
    return null;
  }
  return pick(fields, (name) => name === TRACE_PARENT || name === TRACE_STATE);
}

/** `479fefe9525eddb:5adb976bfc1f95c1:479fefe9525eddb:1` */
function sampledByUber(
  value: string,
  fields: HeaderFields,
): SampleHeaders | null {
  if (!flagged(value.split(":"), /^[\da-f]{1,2}$/i)) return null;
  return pick(
    fields,
    (name) => name === UBER || name.startsWith(UBER_CONTEXT_PREFIX),
  );
}

/** `80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0`, or `0` alone. */
function deniedByB3(value: string): boolean {
  const parts = value.split("-");
  return parts.length > 2 ? parts[2] === "0" : value === "0";
}

/** Whether the fourth and last part is a hexadecimal number of that form with its lowest bit set. */
function flagged(parts: readonly string[], form: RegExp): boolean {
  const flags = parts[3] ?? "";
  return parts.length === 4 && form.test(flags) &&
    (parseInt(flags, 16) & 1) === 1;
}

function pick(
  fields: HeaderFields,
  wanted: (name: string) => boolean,
): SampleHeaders {
  return Object.fromEntries(
    [...fields].filter(([name]) => wanted(name))
      .sort(([a], [b]) => a < b ? -1 : 1),
  );
}
