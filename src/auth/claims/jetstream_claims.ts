/**
 * JetStream limits in the claims of an account.
 *
 * @module
 */

import { isObject, JwtError } from "../../config/mod.ts";
import { ClaimReader } from "./reader.ts";

/** Limits of one tier; -1 is unlimited, 0 of both storages is no JetStream. */
export interface JetStreamLimitClaims {
  readonly memoryStorage: number;
  readonly diskStorage: number;
  readonly streams: number;
  readonly consumers: number;
  readonly maxAckPending: number;
  readonly memoryMaxStreamBytes: number;
  readonly diskMaxStreamBytes: number;
  readonly maxBytesRequired: boolean;
}

/** Limits of an account: one set of them, or one by tier. */
export interface JetStreamClaims {
  /** Zeros when there are tiers. */
  readonly limits: JetStreamLimitClaims;
  readonly tiers: ReadonlyMap<string, JetStreamLimitClaims>;
}

/** Reads what stands among an account's limits. @throws JwtError */
export function readJetStreamLimits(limits: ClaimReader): JetStreamClaims {
  const tiers = new Map(
    limits.entries("tiered_limits").map(([tier, value]) => {
      if (!isObject(value)) throw new JwtError("json: tier is no object");
      return [tier, readTier(new ClaimReader(value, "nats.limits.tier"))];
    }),
  );
  const none = new ClaimReader({}, "nats.limits");
  return { limits: readTier(tiers.size > 0 ? none : limits), tiers };
}

function readTier(reader: ClaimReader): JetStreamLimitClaims {
  return {
    memoryStorage: reader.integer("mem_storage"),
    diskStorage: reader.integer("disk_storage"),
    streams: reader.integer("streams"),
    consumers: reader.integer("consumer"),
    maxAckPending: reader.integer("max_ack_pending"),
    memoryMaxStreamBytes: reader.integer("mem_max_stream_bytes"),
    diskMaxStreamBytes: reader.integer("disk_max_stream_bytes"),
    maxBytesRequired: reader.boolean("max_bytes_required"),
  };
}
