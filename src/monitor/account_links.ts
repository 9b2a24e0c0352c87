/**
 * Exports and imports of accounts as `/accountz` shows them, in the terms of
 * account JWTs.
 *
 * @module
 */

import type { AccountLinks, PendingResponse } from "../account/mod.ts";
import type { LatencyOptions } from "../config/mod.ts";
import { subjectToText } from "../subject/mod.ts";
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
 * @param invalid whether it gives access no longer
 */
export function importInfo(
  imported: AccountLinks["imports"][number],
  latency: LatencyOptions | undefined,
  invalid: boolean,
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
      invalid,
      share: false,
      tracking: false,
    };
  }
  return {
    ...origin,
    to: imported.to,
    local_subject: imported.to,
    type: kind,
    invalid,
    share: imported.share,
    tracking: false,
    latency: latencyInfo(latency),
  };
}

/** A response that a service of the account owes. */
export function responseInfo(response: PendingResponse): object {
  const { subject, reply, requestor, share, measurement, service } = response;
  const local = subjectToText(subject);
  const tracking = measurement !== null;
  return {
    subject: subjectToText(reply),
    account: requestor.name,
    to: local,
    local_subject: local,
    // Go's number of it, which its maps show instead of the name.
    type: 2,
    invalid: false,
    share,
    tracking,
    tracking_header: tracking && Object.keys(measurement.headers).length > 0
      ? measurement.headers
      : undefined,
    latency: tracking ? latencyInfo(service.latency) : undefined,
  };
}

function latencyInfo(latency: LatencyOptions | undefined): object | undefined {
  if (latency === undefined) return undefined;
  const { sampling, subject } = latency;
  return { sampling: sampling === 0 ? "headers" : sampling, results: subject };
}
