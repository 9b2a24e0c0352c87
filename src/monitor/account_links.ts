/**
 * Exports and imports of accounts as `/accountz` shows them, in the terms of
 * account JWTs.
 *
 * @module
 */

import type { AccountLinks } from "../account/mod.ts";
import type { LatencyOptions } from "../config/mod.ts";
import { orOmit } from "./document.ts";

const RESPONSE_TYPES = {
  singleton: "Singleton",
  stream: "Streamed",
  chunked: "Chunked",
} as const;

/** One export; a stream has no responses. */
export function exportInfo(
  exported: AccountLinks["exports"][number],
): object {
  const { subject, kind, accounts } = exported;
  if (kind === "stream") {
    return { subject, type: kind, approved_accounts: orOmit(accounts) };
  }
  const { latency, responseType } = exported;
  return {
    subject,
    type: kind,
    response_type: RESPONSE_TYPES[responseType],
    service_latency: latencyInfo(latency),
    approved_accounts: orOmit(accounts),
  };
}

/**
 * One import, under the local subject that its users know.
 * @param latency how the exporter measures the service
 */
export function importInfo(
  imported: AccountLinks["imports"][number],
  latency: LatencyOptions | undefined,
): object {
  const { subject, account, kind } = imported;
  const origin = { subject, account };
  if (kind === "stream") {
    const { prefix, to } = imported;
    const local = prefix === ""
      ? to || subject
      : `${prefix.replace(/\.$/, "")}.${subject}`;
    return {
      ...origin,
      local_subject: local,
      type: kind,
      invalid: false,
      share: false,
      tracking: false,
    };
  }
  return {
    ...origin,
    to: imported.to,
    local_subject: imported.to,
    type: kind,
    invalid: false,
    share: imported.share,
    tracking: false,
    latency: latencyInfo(latency),
  };
}

function latencyInfo(latency: LatencyOptions | undefined): object | undefined {
  if (latency === undefined) return undefined;
  const { sampling, subject } = latency;
  return { sampling: sampling === 0 ? "headers" : sampling, results: subject };
}
