/**
 * What happens between accept and the first verb: INFO, PROXY header and TLS,
 * in the order that the configuration asks for.
 *
 * @module
 */

import {
  CloseReason,
  parseProxyHeader,
  Prelude,
  PROXY_HEADER_TIMEOUT,
} from "../connection/mod.ts";
import {
  encodeInfo,
  ERR_AUTH_TIMEOUT,
  ERR_MAX_CONNECTIONS,
  ERR_THROTTLED,
} from "../protocol/mod.ts";
import { formatEndpoint } from "./label.ts";
import type { ClientSession } from "./session.ts";
import { startTls } from "./tls.ts";

/** First byte of a TLS record that carries a handshake. */
const TLS_HANDSHAKE = 0x16;
/** Delay after which an in-process client that says nothing is sent INFO. */
const IN_PROCESS_FALLBACK = 50;
/** Bytes that tell what speaks. */
const SNIFF_SIZE = 6;

/** Greets a client and runs its session to the end. */
export async function serve(session: ClientSession): Promise<void> {
  session.logDebug("Client connection created");
  const received = session.web === null
    ? await greet(session)
    : greetOverWeb(session);
  if (received === null || session.connection.closed) return;
  const { context } = session;
  if (session.awaitingConnect) {
    session.authTimer = context.timers.after(
      authTimeout(session),
      () => {
        session.sendError(ERR_AUTH_TIMEOUT);
        session.logDebug(ERR_AUTH_TIMEOUT);
        session.close(CloseReason.AuthenticationTimeout);
      },
    );
  }
  session.keepalive.start();
  return session.connection.run(received);
}

function authTimeout({ web, context }: ClientSession): number {
  const { authTimeout, websocket } = context.options;
  return web === null ? authTimeout : websocket.authTimeout || authTimeout;
}

/** All that may come between accept and INFO was settled by HTTP. */
function greetOverWeb(session: ClientSession): Uint8Array | null {
  sendInfo(session, false);
  if (!session.context.register(session)) return refuse(session);
  return new Uint8Array(0);
}

/** @returns bytes that were read ahead, or null when the session ended */
async function greet(session: ClientSession): Promise<Uint8Array | null> {
  const { context, connection } = session;
  const { options, tlsServer } = context;
  const inProcess = session.connectionType === "IN_PROCESS";
  const hasTls = tlsServer !== null;
  const tlsFirst = hasTls && options.tlsHandshakeFirst;
  const optional = inProcess || options.allowNonTls;
  if (!tlsFirst) sendInfo(session, false);
  if (!context.register(session)) return refuse(session);
  await connection.flushed();

  const prelude = new Prelude(connection.transport, context.timers);
  let first = tlsFirst;
  const fallback = options.tlsHandshakeFirstFallback ||
    (inProcess ? IN_PROCESS_FALLBACK : 0);
  if (first && fallback > 0 && !await prelude.ahead(1, fallback)) {
    first = false;
    sendInfo(session, false);
    await connection.flushed();
  }
  let encrypted = first || (hasTls && !optional);
  const sniffs = hasTls && !first && optional;
  if (sniffs) encrypted = await sniffTls(prelude, options.tlsTimeout);
  if (options.proxyProtocol && !connection.closed) {
    const header = await readProxyHeader(session, prelude);
    if (header === "bad") return null;
    if (header === "read" && sniffs) {
      encrypted = await sniffTls(prelude, options.tlsTimeout, 1);
    }
  }
  if (connection.closed) return null;
  if (encrypted) {
    if (!context.admitTlsHandshake()) {
      session.sendError(ERR_THROTTLED);
      session.close(CloseReason.MaxConnectionsExceeded);
      return null;
    }
    if (!await startTls(session, prelude)) return null;
    session.tlsFirst = first;
    if (first) sendInfo(session, true);
    return new Uint8Array(0);
  }
  const { transport, received } = prelude.release();
  connection.upgrade(transport);
  return received;
}

function sendInfo(session: ClientSession, tlsFirst: boolean): void {
  session.connection.sendText(encodeInfo(session.greeting(tlsFirst)));
}

function refuse(session: ClientSession): null {
  session.logError(ERR_MAX_CONNECTIONS);
  session.sendError(ERR_MAX_CONNECTIONS);
  session.close(CloseReason.MaxConnectionsExceeded);
  return null;
}

/** Whether a client that need not use TLS starts a handshake. */
async function sniffTls(
  prelude: Prelude,
  timeout: number,
  bytes = SNIFF_SIZE,
): Promise<boolean> {
  await prelude.ahead(bytes, timeout);
  return prelude.received[0] === TLS_HANDSHAKE;
}

/** Reads the PROXY header, if there is one, and takes the address it tells. */
async function readProxyHeader(
  session: ClientSession,
  prelude: Prelude,
): Promise<"absent" | "read" | "bad"> {
  const { clock } = session.context;
  // The first bytes have a time of their own, as in the Go server.
  await prelude.ahead(SNIFF_SIZE, PROXY_HEADER_TIMEOUT);
  const deadline = clock.monotonic() + PROXY_HEADER_TIMEOUT;
  for (let wanted = SNIFF_SIZE;;) {
    const arrived = await prelude.ahead(wanted, deadline - clock.monotonic());
    const header = parseProxyHeader(prelude.received);
    switch (header.kind) {
      case "absent":
        return "absent";
      case "local":
        prelude.skip(header.consumed);
        return "read";
      case "proxied":
        prelude.skip(header.consumed);
        session.host = header.source.host;
        session.port = header.source.port;
        return "read";
      case "incomplete":
        if (arrived) {
          wanted = prelude.received.length + 1;
          continue;
        }
        return badProxyHeader(session, `${header.stage}: ${whyShort(prelude)}`);
      case "invalid":
        return badProxyHeader(session, header.reason);
    }
  }
}

/** Why no more bytes of a header came. */
function whyShort({ ended, received, local, remote }: Prelude): string {
  if (ended) return received.length === 0 ? "EOF" : "unexpected EOF";
  return `read tcp ${formatEndpoint(local)}->${
    formatEndpoint(remote)
  }: i/o timeout`;
}

function badProxyHeader(session: ClientSession, reason: string): "bad" {
  const from = formatEndpoint(session.connection.transport.remote);
  session.context.logger.warn(
    `Error reading PROXY protocol header from ${from}: ${reason}`,
  );
  session.close(CloseReason.ProtocolViolation);
  return "bad";
}
