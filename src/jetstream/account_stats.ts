/**
 * What an account uses, has reserved and may use.
 *
 * @module
 */

import type { JetStreamAccount } from "./account.ts";
import { int, type Kind, mapOf, string, uint64 } from "./json/kind.ts";
import { extend, omit, struct, type StructKind } from "./json/struct.ts";
import { ACCOUNT_LIMITS, type JetStreamAccountLimits } from "./types/infos.ts";
import { tierName } from "./usage.ts";
import { API_LEVEL } from "./versioning.ts";

/** Of an account, or of one tier of it. */
export interface TierStats {
  memory: number;
  storage: number;
  reserved_memory: number;
  reserved_storage: number;
  streams: number;
  consumers: number;
  limits: JetStreamAccountLimits;
}

const TIER_STATS: StructKind<TierStats> = struct("JetStreamTier", {
  memory: uint64,
  storage: uint64,
  reserved_memory: uint64,
  reserved_storage: uint64,
  streams: int,
  consumers: int,
  limits: ACCOUNT_LIMITS,
});

/** Requests to the API. */
export interface ApiStats {
  level: number;
  total: number;
  errors: number;
  inflight: number;
}

export const API_STATS: Kind<ApiStats> = struct<ApiStats>(
  "JetStreamAPIStats",
  { level: int, total: uint64, errors: uint64, inflight: omit(uint64) },
);

/** Of an account. */
export interface AccountStats extends TierStats {
  domain: string;
  api: ApiStats;
  tiers: Map<string, TierStats>;
}

export const ACCOUNT_STATS: StructKind<AccountStats> = extend(
  "JetStreamAccountStats",
  TIER_STATS,
  { domain: omit(string), api: API_STATS, tiers: omit(mapOf(TIER_STATS)) },
);

const NO_LIMITS: JetStreamAccountLimits = ACCOUNT_LIMITS.zero();

/** @param domain empty: none */
export function accountStats(
  account: JetStreamAccount,
  domain: string,
): AccountStats {
  const { usage, api, streams } = account;
  const { memory, file } = usage.total();
  const flat = usage.limits.get("");
  const whole = statsOf(account, "", flat ?? NO_LIMITS);
  return {
    ...whole,
    memory,
    storage: file,
    streams: streams.size,
    domain,
    api: { level: API_LEVEL, ...api, inflight: 0 },
    tiers: flat === undefined ? tiers(account) : new Map(),
  };
}

/** Tiers that have limits, or are in use without. */
function tiers(account: JetStreamAccount): Map<string, TierStats> {
  const { usage, streams } = account;
  const used = [...streams.values()].map(({ config }) =>
    tierName(config.num_replicas)
  );
  const names = new Set([...usage.limits.keys(), ...used]);
  for (const [tier, { memory, file }] of usage.byTier) {
    if (memory !== 0 || file !== 0) names.add(tier);
  }
  return new Map([...names].map((tier) => [
    tier,
    statsOf(account, tier, usage.limits.get(tier) ?? NO_LIMITS),
  ]));
}

/** @param tier empty: all of them */
function statsOf(
  { usage, streams }: JetStreamAccount,
  tier: string,
  limits: JetStreamAccountLimits,
): TierStats {
  const used = usage.byTier.get(tier) ?? { memory: 0, file: 0 };
  const stats: TierStats = {
    memory: used.memory,
    storage: used.file,
    reserved_memory: 0,
    reserved_storage: 0,
    streams: 0,
    consumers: 0,
    limits,
  };
  for (const { config, consumers } of streams.values()) {
    if (tier !== "" && tierName(config.num_replicas) !== tier) continue;
    stats.streams++;
    stats.consumers += consumers.size;
    const bytes = Math.max(0, config.max_bytes);
    if (config.storage === "memory") stats.reserved_memory += bytes;
    else stats.reserved_storage += bytes;
  }
  return stats;
}
