/**
 * Turns a client's connection into an encrypted one.
 *
 * @module
 */

import { CloseReason, type Prelude } from "../connection/mod.ts";
import { ERR_TLS_REQUIRED } from "../protocol/mod.ts";
import { TlsHandshakeError, type TlsTransport } from "../runtime/mod.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import type { ClientSession } from "./session.ts";

/** Runs the handshake; false when it failed and the session was closed. */
export async function startTls(
  session: ClientSession,
  prelude: Prelude,
): Promise<boolean> {
  const { context, connection } = session;
  const { tlsServer, options } = context;
  if (tlsServer === null) return false;
  session.logDebug("Starting TLS client connection handshake");
  const { transport, received } = prelude.release();
  let encrypted: TlsTransport;
  try {
    encrypted = await tlsServer.accept(transport, received, options.tlsTimeout);
  } catch (error) {
    if (!(error instanceof TlsHandshakeError)) throw error;
    fail(session, error);
    return false;
  }
  const refusal = await context.refusePeer(encrypted.tls);
  if (connection.closed || refusal !== undefined) {
    encrypted.close();
    if (refusal !== undefined) {
      fail(session, new TlsHandshakeError(refusal, "certificate"));
    }
    return false;
  }
  connection.upgrade(encrypted);
  session.tls = encrypted.tls;
  if (!isPinned(session)) {
    session.logError("certificate not pinned");
    session.close(CloseReason.TlsHandshakeError);
    return false;
  }
  const { version, cipherSuite } = encrypted.tls;
  session.logDebug("TLS handshake complete");
  session.logDebug(`TLS version ${version}, cipher suite ${cipherSuite}`);
  return true;
}

function fail(session: ClientSession, error: TlsHandshakeError): void {
  if (error.kind === "timeout") {
    session.logDebug("TLS handshake timeout");
    session.sendError(ERR_TLS_REQUIRED);
  } else if (error.kind === "not-tls") {
    session.logDebug(`TLS handshake error: ${error.message}`);
  } else session.logError(`TLS handshake error: ${error.message}`);
  session.close(CloseReason.TlsHandshakeError);
}

/** Whether the client's certificate is among those that may connect. */
export function isPinned(session: ClientSession): boolean {
  const { options } = session.context;
  const { tlsPinnedCerts } = session.web === null ? options : options.websocket;
  if (tlsPinnedCerts.size === 0) return true;
  const leaf = session.tls?.peerCertificates[0];
  if (leaf === undefined) return false;
  const digest = sha256(leaf.publicKeyInfo);
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"));
  return tlsPinnedCerts.has(hex.join(""));
}
