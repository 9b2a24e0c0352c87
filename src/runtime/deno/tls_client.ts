import { isIP } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import * as tls from "node:tls";
import type { Transport } from "../ports.ts";
import {
  type TlsClientOptions,
  TlsHandshakeError,
  type TlsTransport,
} from "../tls_port.ts";
import { TransportDuplex } from "./tls_duplex.ts";
import { handshakeError, handshakeTimeout } from "./tls_errors.ts";
import { checkTlsAuthorities, checkTlsIdentity } from "./tls_pem.ts";
import { EncryptedTransport } from "./tls_transport.ts";

/** Runs the client handshake over `transport`. @throws TlsHandshakeError */
export async function connectTls(
  transport: Transport,
  options: TlsClientOptions,
  timeout: number,
): Promise<TlsTransport> {
  const stream = new TransportDuplex(transport);
  let socket: tls.TLSSocket | undefined;
  try {
    checkOptions(options);
    socket = tls.connect(connectionOptions(stream, options));
    await handshake(socket, timeout);
    return new EncryptedTransport(transport, socket, stream);
  } catch (error) {
    socket?.destroy();
    stream.destroy();
    throw handshakeError(error);
  }
}

function handshake(socket: tls.TLSSocket, timeout: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(handshakeTimeout()), timeout).unref();
  socket.once("secureConnect", resolve);
  socket.on("error", reject);
  socket.once("close", () => {
    reject(new TlsHandshakeError("EOF", "closed"));
  });
  return promise.finally(() => clearTimeout(timer));
}

/** Options that passed the checks, which cost more than a handshake. */
const checkedOptions = new WeakSet<TlsClientOptions>();

function checkOptions(options: TlsClientOptions): void {
  if (checkedOptions.has(options)) return;
  if (!options.insecure && !options.serverName) {
    throw new Error(
      "tls: either ServerName or InsecureSkipVerify must be specified in the tls.Config",
    );
  }
  if (options.identity !== undefined) checkTlsIdentity(options.identity);
  if (options.ca !== undefined) checkTlsAuthorities(options.ca);
  checkedOptions.add(options);
}

function connectionOptions(
  socket: TransportDuplex,
  options: TlsClientOptions,
): tls.ConnectionOptions {
  const { serverName = "", identity, ca } = options;
  return {
    socket,
    rejectUnauthorized: !options.insecure,
    minVersion: `TLSv${options.minVersion}`,
    // An address is never sent as a server name, but is checked all the same.
    checkServerIdentity: (_host, certificate) =>
      options.insecure
        ? undefined
        : tls.checkServerIdentity(serverName, certificate),
    ...(serverName === "" || isIP(serverName) !== 0
      ? {}
      : { servername: serverName }),
    ...(identity === undefined
      ? {}
      : { cert: identity.cert, key: identity.key }),
    ...(ca === undefined ? {} : { ca }),
  };
}
