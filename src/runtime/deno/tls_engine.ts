import type { Transport } from "../ports.ts";
import type {
  TlsClientOptions,
  TlsEngine,
  TlsServer,
  TlsServerOptions,
  TlsTransport,
} from "../tls_port.ts";
import { connectTls } from "./tls_client.ts";
import { createTlsServer } from "./tls_server.ts";

/** The platform's TLS. Versions 1.2 and 1.3 with its own choice of cipher suites. */
export class DenoTls implements TlsEngine {
  server(options: TlsServerOptions): TlsServer {
    return createTlsServer(options);
  }

  connect(
    transport: Transport,
    options: TlsClientOptions,
    timeout: number,
  ): Promise<TlsTransport> {
    return connectTls(transport, options, timeout);
  }
}
