/**
 * TLS settings of the configuration as the platform takes them.
 *
 * @module
 */

import { demandsStaple, type Options, type TlsBlock } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { TlsEngine, TlsServer, TlsServerOptions } from "../runtime/mod.ts";

/** @throws Error naming what is wrong with a certificate or key */
export function createTlsServer(block: TlsBlock, engine: TlsEngine): TlsServer {
  return engine.server(serverOptions(block));
}

/** The server side of a `tls` block. */
export function serverOptions(block: TlsBlock): TlsServerOptions {
  const { identities, ca, verify, minVersion } = block;
  return {
    identities,
    ...(ca === undefined ? {} : { ca }),
    requestCert: verify,
    requireCert: verify,
    minVersion,
  };
}

/** Tells of a certificate that demands the staple which `ocsp` rules out. */
export function warnOfMissingStaple(
  { ocsp, tls }: Options,
  logger: Logger,
): void {
  const [first] = tls?.identities ?? [];
  if (ocsp?.mode !== "never" || first === undefined) return;
  if (!demandsStaple(first)) return;
  logger.warn(
    `Certificate at '${tls?.certFile}' has MustStaple but OCSP is disabled`,
  );
}
