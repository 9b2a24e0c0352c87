/**
 * Close frames: why a connection ends, in numbers and words.
 *
 * @module
 */

import { CloseReason } from "../connection/mod.ts";
import { CONTROL_MAX, FrameError } from "./frame.ts";

const NORMAL = 1000;
const GOING_AWAY = 1001;
export const PROTOCOL_ERROR = 1002;
const INVALID_PAYLOAD = 1007;
const POLICY_VIOLATION = 1008;
const MESSAGE_TOO_BIG = 1009;
const INTERNAL_ERROR = 1011;
const TLS_HANDSHAKE = 1015;

/** Bytes of the number in front of the words. */
const STATUS_SIZE = 2;
const ELLIPSIS = "...";

const STATUS: ReadonlyMap<CloseReason, number> = new Map<CloseReason, number>([
  [CloseReason.ClientClosed, NORMAL],
  ...each(
    POLICY_VIOLATION,
    CloseReason.AuthenticationTimeout,
    CloseReason.AuthenticationViolation,
    CloseReason.SlowConsumerPendingBytes,
    CloseReason.SlowConsumerWriteDeadline,
    CloseReason.MaxAccountConnectionsExceeded,
    CloseReason.MaxConnectionsExceeded,
    CloseReason.MaxControlLineExceeded,
    CloseReason.MaxSubscriptionsExceeded,
    CloseReason.MissingAccount,
    CloseReason.AuthenticationExpired,
    CloseReason.Revocation,
  ),
  [CloseReason.TlsHandshakeError, TLS_HANDSHAKE],
  ...each(
    PROTOCOL_ERROR,
    CloseReason.ParseError,
    CloseReason.ProtocolViolation,
    CloseReason.BadClientProtocolVersion,
  ),
  [CloseReason.MaxPayloadExceeded, MESSAGE_TOO_BIG],
  ...each(
    GOING_AWAY,
    CloseReason.WriteError,
    CloseReason.ReadError,
    CloseReason.StaleConnection,
    CloseReason.ServerShutdown,
  ),
]);

function each(
  status: number,
  ...reasons: CloseReason[]
): [CloseReason, number][] {
  return reasons.map((reason) => [reason, status]);
}

/** The number that tells a peer why its connection ends. */
export function closeStatus(reason: CloseReason): number {
  return STATUS.get(reason) ?? INTERNAL_ERROR;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Payload of a close frame: two bytes of status, then words, cut to fit. */
export function closePayload(
  status: number,
  words: string,
): Uint8Array<ArrayBuffer> {
  const max = CONTROL_MAX - STATUS_SIZE;
  let text = encoder.encode(words);
  if (text.length > max) {
    const kept = text.subarray(0, max - ELLIPSIS.length);
    text = new Uint8Array([...kept, ...encoder.encode(ELLIPSIS)]);
  }
  const payload = new Uint8Array(STATUS_SIZE + text.length);
  payload[0] = status >> 8;
  payload[1] = status & 255;
  payload.set(text, STATUS_SIZE);
  return payload;
}

/**
 * Payload of the close frame that answers one with `payload`.
 * @throws FrameError when the peer's makes no sense
 */
export function closeAnswer(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  // Without a status there is none to answer with.
  if (payload.length === 0) return new Uint8Array(0);
  const [high, low] = payload;
  if (high === undefined || low === undefined) {
    throw new FrameError("close frame payload cannot be 1 byte");
  }
  const status = high * 256 + low;
  if (!isCloseStatus(status)) {
    throw new FrameError(`invalid close status code ${status}`);
  }
  try {
    return closePayload(status, decoder.decode(payload.subarray(STATUS_SIZE)));
  } catch {
    return closePayload(INVALID_PAYLOAD, "invalid utf8 body in close frame");
  }
}

/** Whether a number may stand in a close frame (RFC 6455, section 7.4). */
function isCloseStatus(status: number): boolean {
  if (status < 1000 || status >= 5000) return false;
  if (status >= 1015 && status <= 2999) return false;
  return status !== 1004 && status !== 1005 && status !== 1006;
}
