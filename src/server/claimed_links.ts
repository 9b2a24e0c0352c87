/**
 * Exports, imports and JetStream limits of account JWTs in the terms of
 * accounts.
 *
 * @module
 */

import type { AccountLinks, TieredLimits } from "../account/mod.ts";
import {
  type AccountClaims,
  type ClaimedAccount,
  type ExportClaim,
  type ImportClaim,
  type JetStreamLimitClaims,
  readActivation,
} from "../auth/mod.ts";
import type { AccountJetStreamLimits, ResponseType } from "../config/mod.ts";
import {
  isSubsetMatch,
  isValidPublishSubject,
  subjectFromText,
} from "../subject/mod.ts";

type Export = AccountLinks["exports"][number];
type Import = AccountLinks["imports"][number];

const NANOS_PER_MILLI = 1_000_000;

const RESPONSE_TYPES: Readonly<Record<string, ResponseType>> = {
  Stream: "stream",
  Chunked: "chunked",
};

/**
 * What the claims let be exported and imported.
 * @param measures whether latency can be reported, for which there must be a system account
 */
export function linksOf(
  { claims, signingKeys }: Pick<ClaimedAccount, "claims" | "signingKeys">,
  measures: boolean,
): AccountLinks {
  const exports = claims.exports.filter((entry) => entry !== undefined);
  const services = exports.filter(({ kind }) => kind === "service")
    .map(({ subject }) => subjectFromText(subject));
  return {
    exports: exports.filter(isPositioned)
      .map((entry) => exportOf(entry, measures ? services : undefined)),
    imports: claims.imports.filter((entry) => entry !== undefined)
      .map(importOf),
    signers: [...signingKeys.keys()],
    unchecked: true,
  };
}

/** Whether the importer's name stands where a wildcard is. */
function isPositioned(
  { accountTokenPosition: position, subject }: ExportClaim,
): boolean {
  return position <= 0 || subject.split(".")[position - 1] === "*";
}

/** @param services byte strings; undefined: nothing is measured */
function exportOf(
  entry: ExportClaim,
  services: readonly string[] | undefined,
): Export {
  const { kind, subject, tokenRequired, accountTokenPosition } = entry;
  const terms = {
    subject,
    accounts: [],
    accountTokenPosition: Math.max(0, accountTokenPosition),
    tokenRequired,
    revocations: [...entry.revocations],
  };
  if (kind === "stream") return { kind, ...terms };
  return {
    kind,
    ...terms,
    responseType: RESPONSE_TYPES[entry.responseType] ?? "singleton",
    responseThreshold: entry.responseThreshold / NANOS_PER_MILLI,
    latency: services === undefined ? undefined : latencyOf(entry, services),
    allowTrace: entry.allowTrace,
  };
}

function latencyOf(
  { latency, responseType }: ExportClaim,
  services: readonly string[],
): { subject: string; sampling: number } | undefined {
  if (latency === undefined || RESPONSE_TYPES[responseType] !== undefined) {
    return undefined;
  }
  const subject = subjectFromText(latency.results);
  // A report that is a request to a service would be reported again.
  const isLoop = services.some((service) => isSubsetMatch(subject, service));
  return isLoop || !isValidPublishSubject(subject)
    ? undefined
    : { subject: latency.results, sampling: latency.sampling };
}

function importOf(entry: ImportClaim): Import {
  const { kind, account, subject, localSubject, to, share } = entry;
  const activation = readActivation(entry.token);
  const origin = {
    account,
    ...(activation === undefined ? {} : { activation }),
  };
  if (kind === "stream") {
    return {
      kind,
      ...origin,
      subject,
      to: localSubject,
      prefix: localSubject === "" ? to : "",
      allowTrace: entry.allowTrace,
    };
  }
  // The older form has the subjects the other way around.
  const names = localSubject === ""
    ? { subject: to || subject, to: subject }
    : { subject, to: localSubject };
  return { kind, ...origin, ...names, share };
}

/** Limits by tier, without tiers those of the empty one; null: no JetStream. */
export function jetstreamLimitsOf(
  { jetstream: { limits, tiers } }: AccountClaims,
): TieredLimits | null {
  const isOn = ({ memoryStorage, diskStorage }: JetStreamLimitClaims) =>
    memoryStorage !== 0 || diskStorage !== 0;
  if (tiers.size === 0) {
    return isOn(limits) ? new Map([["", tierOf(limits)]]) : null;
  }
  if (![...tiers.values()].some(isOn)) return null;
  return new Map([...tiers].map(([tier, one]) => [tier, tierOf(one)]));
}

function tierOf(limits: JetStreamLimitClaims): AccountJetStreamLimits {
  const orUnlimited = (limit: number) => limit > 0 ? limit : -1;
  return {
    maxMemory: limits.memoryStorage,
    maxStore: limits.diskStorage,
    maxStreams: limits.streams,
    maxConsumers: limits.consumers,
    maxAckPending: orUnlimited(limits.maxAckPending),
    memoryMaxStreamBytes: orUnlimited(limits.memoryMaxStreamBytes),
    storeMaxStreamBytes: orUnlimited(limits.diskMaxStreamBytes),
    maxBytesRequired: limits.maxBytesRequired,
  };
}
