/**
 * How often failing attempts to reach a peer are reported.
 *
 * @module
 */

/** `connect_error_reports` and `reconnect_error_reports`. */
export interface ErrorCadence {
  /** While the peer was never reached: every so many attempts. */
  readonly connect: number;
  /** After the peer was lost: every so many attempts. */
  readonly reconnect: number;
}

/**
 * Whether the failure of an attempt is an error line (else a debug line).
 * The first failure always is.
 *
 * @param attempt counts from 1
 */
export function reportsAttempt(
  cadence: ErrorCadence,
  everConnected: boolean,
  attempt: number,
): boolean {
  const every = everConnected ? cadence.reconnect : cadence.connect;
  return attempt === 1 || attempt % every === 0;
}
