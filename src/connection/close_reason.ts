/**
 * Why a connection ended, in the words that monitoring and logs show.
 *
 * @module
 */

export const CloseReason = {
  ClientClosed: "Client Closed",
  AuthenticationTimeout: "Authentication Timeout",
  AuthenticationViolation: "Authentication Failure",
  TlsHandshakeError: "TLS Handshake Failure",
  SlowConsumerPendingBytes: "Slow Consumer (Pending Bytes)",
  SlowConsumerWriteDeadline: "Slow Consumer (Write Deadline)",
  WriteError: "Write Error",
  ReadError: "Read Error",
  ParseError: "Parse Error",
  StaleConnection: "Stale Connection",
  ProtocolViolation: "Protocol Violation",
  BadClientProtocolVersion: "Bad Client Protocol Version",
  WrongPort: "Incorrect Port",
  MaxAccountConnectionsExceeded: "Maximum Account Connections Exceeded",
  MaxConnectionsExceeded: "Maximum Connections Exceeded",
  MaxPayloadExceeded: "Maximum Message Payload Exceeded",
  MaxControlLineExceeded: "Maximum Control Line Exceeded",
  MaxSubscriptionsExceeded: "Maximum Subscriptions Exceeded",
  ServerShutdown: "Server Shutdown",
  AuthenticationExpired: "Authentication Expired",
  MissingAccount: "Missing Account",
  Revocation: "Credentials Revoked",
  MsgHeaderViolation: "Message Header Violation",
  NoRespondersRequiresHeaders: "No Responders Requires Headers",
  Kicked: "Kicked",
  ProxyNotTrusted: "Proxy Not Trusted",
  ProxyRequired: "Proxy Required",
} as const;

export type CloseReason = typeof CloseReason[keyof typeof CloseReason];

/** Reasons after which nothing more is written: the peer does not read, or is gone. */
const UNWRITABLE: ReadonlySet<CloseReason> = new Set<CloseReason>([
  CloseReason.ReadError,
  CloseReason.WriteError,
  CloseReason.SlowConsumerPendingBytes,
  CloseReason.SlowConsumerWriteDeadline,
  CloseReason.TlsHandshakeError,
]);

/** Whether what is queued should still be written before the close. */
export function flushesOnClose(reason: CloseReason): boolean {
  return !UNWRITABLE.has(reason);
}
