/**
 * What decides about deliveries, and what comes of them.
 *
 * @module
 */

import type { AckPolicy } from "../../types/consumer_config.ts";

/** The part of a configuration that the state depends on. */
export interface DeliveryPolicy {
  readonly ack: AckPolicy;
  /** Milliseconds; 0: never deliver again on account of time. */
  readonly ackWait: number;
  /** Milliseconds by redelivery, the last for all further ones. */
  readonly backoff: readonly number[];
  /** 0: as often as it takes. */
  readonly maxDeliver: number;
  /** 0 and below: no limit. */
  readonly maxAckPending: number;
}

/** What came of an acknowledgement. */
export const AckOutcome = {
  /** It is for a message that was never delivered. */
  ignored: 0,
  /** All of it was acknowledged before. */
  repeated: 1,
  accepted: 2,
} as const;

/** A value of `AckOutcome`. */
export type AckOutcome = typeof AckOutcome[keyof typeof AckOutcome];

/** A message that is given up. */
export interface ExceededDelivery {
  readonly sequence: number;
  readonly deliveries: number;
}
