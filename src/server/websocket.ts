/**
 * The listener for clients over WebSocket.
 *
 * @module
 */

import { type ClientSession, formatEndpoint, isPinned } from "../client/mod.ts";
import type { TlsBlock } from "../config/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import type { Logger } from "../log/mod.ts";
import type {
  Listener,
  Runtime,
  TlsServer,
  TlsState,
  Transport,
} from "../runtime/mod.ts";
import {
  acceptUpgrade,
  serverTerms,
  type Upgraded,
  WebsocketTransport,
} from "../websocket/mod.ts";
import { acceptAll } from "./accept.ts";
import { connectUrls } from "./advertise.ts";
import type { ServerState } from "./state.ts";
import { createTlsServer } from "./tls.ts";

const NOTHING = new Uint8Array(0);
/** Milliseconds for a TLS handshake if nothing is said of it. */
const TLS_TIMEOUT = 2000;

/** Listens from `open` to `close`. */
export class WebsocketListener {
  readonly #state: ServerState;
  readonly #runtime: Runtime;
  readonly #logger: Logger;
  readonly #serve: (session: ClientSession) => void;
  #listener: Listener | null = null;
  #accepting: Promise<void> = Promise.resolve();
  /** Connections that are not upgraded yet. */
  readonly #pending = new Set<Transport>();
  #secured: { readonly block: TlsBlock; readonly tls: TlsServer } | null = null;

  /** @param serve runs a session to its end */
  constructor(
    state: ServerState,
    runtime: Runtime,
    logger: Logger,
    serve: (session: ClientSession) => void,
  ) {
    this.#state = state;
    this.#runtime = runtime;
    this.#logger = logger;
    this.#serve = serve;
  }

  /** Listens if the options ask for it. @throws Error with the Go server's words */
  open(): void {
    const { websocket } = this.#state.options;
    const { host, tls, advertise } = websocket;
    if (websocket.port === 0) return;
    if (tls !== undefined) this.#tlsFor(tls);
    try {
      const port = Math.max(0, websocket.port);
      this.#listener = this.#runtime.network.listen({ host, port });
    } catch (error) {
      throw new Error(
        `Unable to listen for websocket connections: ${messageOf(error)}`,
      );
    }
    const { port } = this.#listener.address;
    const secure = tls !== undefined;
    this.#logger.notice(
      `Listening for websocket clients on ${scheme(secure)}://${host}:${port}`,
    );
    if (!secure) {
      this.#logger.warn(
        "Websocket not configured with TLS. DO NOT USE IN PRODUCTION!",
      );
    }
    this.#state.webAddress = {
      host,
      port,
      secure,
      urls: this.#urls(advertise, host, port),
    };
    this.#accepting = acceptAll(
      this.#listener,
      "Websocket",
      this.#runtime.timers,
      this.#logger,
      (transport) => void this.#receive(transport),
      this.#state.turns,
    );
  }

  /** Takes no more connections. */
  stopListening(): void {
    this.#listener?.close();
  }

  /** Stops listening and drops what is not upgraded. */
  async close(): Promise<void> {
    this.#listener?.close();
    for (const transport of this.#pending) transport.close();
    this.#secured?.tls.close();
    await this.#accepting;
  }

  /**
   * Makes ready what a reload changes; the function returned puts it into
   * force. @throws Error naming what is wrong with a certificate or key
   */
  prepareTls(block: TlsBlock | undefined): () => void {
    if (this.#listener === null || block === undefined) return () => {};
    const tls = createTlsServer(block, this.#runtime.tls);
    return () => {
      this.#secured?.tls.close();
      this.#secured = { block, tls };
    };
  }

  #urls(advertise: string, host: string, port: number): string[] {
    try {
      return connectUrls(advertise, { host, port }, this.#runtime.network);
    } catch (error) {
      throw new Error(
        `Unable to get websocket connect URLs: ${messageOf(error)}`,
      );
    }
  }

  /** Brings a connection from accept to its session. */
  async #receive(raw: Transport): Promise<void> {
    this.#pending.add(raw);
    try {
      const secured = await this.#secure(raw);
      if (secured === null) return;
      const { transport, tls } = secured;
      const upgraded = await this.#upgrade(transport);
      if (upgraded !== null) this.#start(transport, tls, upgraded);
    } catch (error) {
      this.#logger.error(`websocket: ${messageOf(error)}`);
      raw.close();
    } finally {
      this.#pending.delete(raw);
    }
  }

  async #secure(
    raw: Transport,
  ): Promise<{ transport: Transport; tls: TlsState | null } | null> {
    const { tls: block, handshakeTimeout } = this.#state.options.websocket;
    if (block === undefined) return { transport: raw, tls: null };
    try {
      const timeout = handshakeTimeout || block.timeout || TLS_TIMEOUT;
      const transport = await this.#tlsFor(block).accept(
        raw,
        NOTHING,
        timeout,
      );
      return { transport, tls: transport.tls };
    } catch (error) {
      this.#logger.error(
        `websocket: TLS handshake error from ${formatEndpoint(raw.remote)}: ${
          messageOf(error)
        }`,
      );
      raw.close();
      return null;
    }
  }

  #upgrade(transport: Transport): Promise<Upgraded | null> {
    const { options, clock, timers } = this.#state;
    const { websocket, mqtt } = options;
    return acceptUpgrade(transport, serverTerms(websocket, mqtt.port !== 0), {
      clock,
      timers,
      timeout: websocket.handshakeTimeout,
      onRefused: (reason) =>
        this.#logger.error(
          `${
            formatEndpoint(transport.remote)
          } - websocket handshake error: ${reason}`,
        ),
    });
  }

  #start(
    transport: Transport,
    tls: TlsState | null,
    upgraded: Upgraded,
  ): void {
    if (upgraded.kind !== "client") {
      this.#logger.error("Not configured to accept leaf node connections");
      transport.close();
      return;
    }
    const framed = new WebsocketTransport(transport, upgraded, {
      timers: this.#runtime.timers,
      maxPayload: () => session.maxPayload,
      onViolation: (text) => session.logError(`read error: ${text}`),
    });
    const { forwardedFor, credentials } = upgraded;
    const session: ClientSession = this.#state.createSession(
      framed,
      "WEBSOCKET",
      { forwardedFor, credentials, tls },
    );
    if (tls === null || isPinned(session)) return this.#serve(session);
    session.logError("certificate not pinned");
    session.close(CloseReason.TlsHandshakeError);
  }

  /** The certificates in force, which a reload may have replaced. */
  #tlsFor(block: TlsBlock): TlsServer {
    if (this.#secured?.block !== block) {
      const tls = createTlsServer(block, this.#runtime.tls);
      this.#secured?.tls.close();
      this.#secured = { block, tls };
    }
    return this.#secured.tls;
  }
}

/** The scheme of URLs for such connections. */
export function scheme(secure: boolean): "ws" | "wss" {
  return secure ? "wss" : "ws";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
