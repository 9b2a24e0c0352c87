/**
 * The listener for monitoring by HTTP or HTTPS.
 *
 * @module
 */

import type { ClientContext } from "../client/mod.ts";
import { checkMonitoring, type Options, type TlsBlock } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import { Monitor, type MonitoredServer } from "../monitor/mod.ts";
import type {
  Endpoint,
  HttpHandler,
  Listener,
  Runtime,
  TlsServer,
  Transport,
} from "../runtime/mod.ts";
import { acceptAll } from "./accept.ts";
import { listenerUrls } from "./process_files.ts";
import { serverOptions } from "./tls.ts";

const NOTHING = new Uint8Array(0);

/** A server that judges certificates. */
type SecuredServer = MonitoredServer & Pick<ClientContext, "refusePeer">;

/** Listens from `open` to `close`. */
export class MonitoringListener {
  readonly #server: SecuredServer;
  readonly #runtime: Runtime;
  readonly #logger: Logger;
  #listener: Listener | null = null;
  #monitor: Monitor | null = null;
  #accepting: Promise<void> = Promise.resolve();
  #secured: { readonly block: TlsBlock; readonly tls: TlsServer } | null = null;

  constructor(server: SecuredServer, runtime: Runtime, logger: Logger) {
    this.#server = server;
    this.#runtime = runtime;
    this.#logger = logger;
  }

  /** Where it listens; null when it does not. */
  get address(): Endpoint | null {
    if (this.#listener === null) return null;
    const { httpHost: host } = this.#server.options;
    return { host, port: this.#listener.address.port };
  }

  /** URLs under which it can be reached, base path not included. */
  get urls(): string[] {
    const { address } = this;
    if (address === null) return [];
    const { network } = this.#runtime;
    const scheme = this.#server.options.httpsPort === 0 ? "http" : "https";
    return listenerUrls(scheme, address, () => network.interfaces());
  }

  /** Answers single requests while it listens. */
  get handler(): HttpHandler | null {
    const monitor = this.#monitor;
    return monitor === null ? null : (request) => monitor.answer(request);
  }

  /** Listens if the options ask for it. @throws Error with the Go server's words */
  open(): void {
    const { httpHost, httpPort, httpsPort, tls } = this.#server.options;
    checkMonitoring(this.#server.options);
    if (httpPort === 0 && httpsPort === 0) return;
    if (httpsPort !== 0 && tls !== undefined) this.#tlsFor(tls);
    const port = Math.max(0, httpPort === 0 ? httpsPort : httpPort);
    try {
      this.#listener = this.#runtime.network.listen({ host: httpHost, port });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`can't listen to the monitor port: ${reason}`);
    }
    this.#monitor = new Monitor(this.#server, this.#runtime.http);
    const shown = httpHost.includes(":") ? `[${httpHost}]` : httpHost;
    this.#logger.notice(
      `Starting ${
        httpPort === 0 ? "https" : "http"
      } monitor on ${shown}:${this.#listener.address.port}`,
    );
    this.#accepting = acceptAll(
      this.#listener,
      "Monitor",
      this.#runtime.timers,
      this.#logger,
      (transport) => this.#serve(transport),
    );
  }

  /** Stops listening and drops all connections. */
  async close(): Promise<void> {
    this.#listener?.close();
    this.#monitor?.close();
    this.#monitor = null;
    this.#secured?.tls.close();
    await this.#accepting;
  }

  #serve(transport: Transport): void {
    const { httpsPort, tls } = this.#server.options;
    if (httpsPort === 0) this.#monitor?.serve(transport);
    else if (tls === undefined) transport.close();
    else void this.#secure(transport, tls);
  }

  async #secure(transport: Transport, block: TlsBlock): Promise<void> {
    const { tlsTimeout }: Options = this.#server.options;
    try {
      const tls = this.#tlsFor(block);
      const secured = await tls.accept(transport, NOTHING, tlsTimeout);
      const refusal = await this.#server.refusePeer(secured.tls);
      if (refusal !== undefined) {
        secured.close();
        throw new Error(refusal);
      }
      this.#monitor?.serve(secured);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error(
        `monitoring: http: TLS handshake error from ${transport.remote.host}:${transport.remote.port}: ${reason}`,
      );
      transport.close();
    }
  }

  /** The certificates in force, which a reload may have replaced. Asks clients for none. */
  #tlsFor(block: TlsBlock): TlsServer {
    if (this.#secured?.block !== block) {
      const options = serverOptions(block);
      // Browsers have no certificates, unless revocations are looked for.
      const tls = this.#runtime.tls.server(
        block.ocspPeer?.verify === true
          ? options
          : { ...options, requestCert: false, requireCert: false },
      );
      this.#secured?.tls.close();
      this.#secured = { block, tls };
    }
    return this.#secured.tls;
  }
}
