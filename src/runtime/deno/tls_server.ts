import { X509Certificate } from "node:crypto";
import { EventEmitter } from "node:events";
import * as tls from "node:tls";
import type { Transport } from "../ports.ts";
import type {
  TlsIdentity,
  TlsServer,
  TlsServerOptions,
  TlsTransport,
} from "../tls_port.ts";
import { TransportDuplex } from "./tls_duplex.ts";
import { handshakeError, verificationError } from "./tls_errors.ts";
import { checkTlsAuthorities, checkTlsIdentity } from "./tls_pem.ts";
import { EncryptedTransport } from "./tls_transport.ts";

/** Milliseconds that a handshake may take by default; the Go server's. */
const USUAL_TIMEOUT = 2_000;

/** Checks the options. @throws Error naming what is wrong */
export function createTlsServer(options: TlsServerOptions): TlsServer {
  return new InStreamTlsServer(options);
}

/**
 * Runs handshakes over any transport, by handing it as a new connection to a
 * server of the platform that never listens. Of the platform's ways to upgrade
 * a stream, this is the one that enforces client certificates.
 */
class InStreamTlsServer implements TlsServer {
  #options: TlsServerOptions;
  #timeout = USUAL_TIMEOUT;
  #server: tls.Server;
  readonly #handshakes = new Set<TransportDuplex>();

  constructor(options: TlsServerOptions) {
    checkOptions(options);
    this.#options = options;
    this.#server = platformServer(options, this.#timeout);
  }

  async accept(
    transport: Transport,
    received: Uint8Array,
    timeout: number,
  ): Promise<TlsTransport> {
    const { requireCert } = this.#options;
    const stream = new TransportDuplex(transport, received);
    this.#handshakes.add(stream);
    try {
      const socket = await handshake(this.#serverWith(timeout), stream);
      // The platform has seen to it; it is the one thing that must not slip.
      if (requireCert && !socket.authorized) {
        throw new Error("client certificate was not verified");
      }
      return new EncryptedTransport(transport, socket, stream);
    } catch (error) {
      stream.destroy();
      throw handshakeError(error);
    } finally {
      this.#handshakes.delete(stream);
    }
  }

  reload(options: TlsServerOptions): void {
    checkOptions(options);
    this.#options = options;
    this.#server = platformServer(options, this.#timeout);
  }

  close(): void {
    for (const stream of this.#handshakes) stream.destroy();
  }

  /**
   * The platform's server with this handshake timeout, which is a setting of
   * the server. It is the platform's own timer that must be short: it holds on
   * to a connection until it fires, even when the handshake failed long before.
   */
  #serverWith(timeout: number): tls.Server {
    const whole = Math.max(1, Math.ceil(timeout));
    if (whole !== this.#timeout) {
      this.#timeout = whole;
      this.#server = platformServer(this.#options, whole);
    }
    return this.#server;
  }
}

/**
 * Hands `stream` to `server` as a new connection. The platform announces the
 * outcome as an event on the server by which the connection came, without
 * saying which connection; so each comes by a view of the server of its own,
 * which shares all its settings and keeps the outcome's events to itself.
 */
function handshake(
  server: tls.Server,
  stream: TransportDuplex,
): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const emit = (event: string, ...args: unknown[]): boolean => {
      const [first, second] = args;
      if (event === "secureConnection" && first instanceof tls.TLSSocket) {
        resolve(first);
      } else if (event === "tlsClientError") {
        reject(refusal(second) ?? first);
      }
      return true;
    };
    const view: tls.Server = Object.create(server, { emit: { value: emit } });
    EventEmitter.prototype.emit.call(view, "connection", stream);
  });
}

/** Why the platform did not accept a certificate, if that was it. */
function refusal(socket: unknown): Error | undefined {
  if (!(socket instanceof tls.TLSSocket)) return undefined;
  // Typed as an error, it is a code.
  const code: unknown = socket.authorizationError;
  return typeof code === "string" ? verificationError(code) : undefined;
}

function checkOptions(options: TlsServerOptions): void {
  if (options.identities.length === 0) {
    throw new Error("tls: no certificates configured");
  }
  for (const identity of options.identities) checkTlsIdentity(identity);
  if (options.ca !== undefined) checkTlsAuthorities(options.ca);
}

function platformServer(
  options: TlsServerOptions,
  handshakeTimeout: number,
): tls.Server {
  const { identities } = options;
  return tls.createServer({
    ...contextOptions(identities[0], options),
    handshakeTimeout,
    requestCert: options.requestCert || options.requireCert,
    rejectUnauthorized: options.requireCert,
    ...(identities.length > 1
      ? { SNICallback: serverNameCallback(identities, options) }
      : {}),
  });
}

function contextOptions(
  identity: TlsIdentity | undefined,
  options: TlsServerOptions,
): tls.SecureContextOptions {
  // The platform also sends these authorities, whoever they are, behind the
  // server's own chain. Many clients limit how long a chain may be.
  const verifies = options.requestCert || options.requireCert;
  return {
    ...identity,
    minVersion: `TLSv${options.minVersion}`,
    ...(verifies && options.ca !== undefined ? { ca: options.ca } : {}),
  };
}

/** Chooses the first identity whose certificate has the name that a client asks for. */
function serverNameCallback(
  identities: readonly TlsIdentity[],
  options: TlsServerOptions,
): tls.TlsOptions["SNICallback"] {
  const choices = identities.map((identity) => ({
    names: new X509Certificate(identity.cert).toLegacyObject(),
    context: tls.createSecureContext(contextOptions(identity, options)),
  }));
  return (name, callback) => {
    const choice =
      choices.find(({ names }) =>
        tls.checkServerIdentity(name, names) === undefined
      ) ?? choices[0];
    callback(null, choice?.context);
  };
}
