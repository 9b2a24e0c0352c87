/**
 * The TLS port: turns a plain transport into an encrypted one, in-stream.
 *
 * @module
 */

import type { Transport } from "./ports.ts";

/** Certificate chain and key, PEM text. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** Protocol versions that the platform can negotiate. */
export type TlsVersion = "1.2" | "1.3";

/** Server side settings; immutable, replaced whole on reload. */
export interface TlsServerOptions {
  /** At least one; further ones are chosen by server name. */
  readonly identities: readonly TlsIdentity[];
  /** PEM bundle of client CAs. */
  readonly ca?: string;
  /** Ask for a client certificate. */
  readonly requestCert: boolean;
  /** Refuse clients without a certificate signed by `ca`. */
  readonly requireCert: boolean;
  readonly minVersion: TlsVersion;
}

/** Client side settings (solicited routes, gateways, leafnodes, resolvers). */
export interface TlsClientOptions {
  readonly serverName?: string;
  readonly identity?: TlsIdentity;
  readonly ca?: string;
  /** Skip verification of the server's certificate. */
  readonly insecure: boolean;
  readonly minVersion: TlsVersion;
}

/** A certificate the peer presented. */
export interface PeerCertificate {
  /** DER of the whole certificate. */
  readonly raw: Uint8Array;
  /** DER of its SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Uint8Array;
}

/** What the handshake agreed on. */
export interface TlsState {
  readonly version: TlsVersion;
  /** IANA name, such as `TLS_AES_128_GCM_SHA256`. */
  readonly cipherSuite: string;
  readonly serverName: string;
  readonly alpn: string;
  /** Leaf first, as presented but for the root; empty when none was. */
  readonly peerCertificates: readonly PeerCertificate[];
}

/** An encrypted transport. */
export interface TlsTransport extends Transport {
  readonly tls: TlsState;
}

/** A failed handshake. */
export class TlsHandshakeError extends Error {
  override readonly name = "TlsHandshakeError";
  constructor(
    message: string,
    readonly kind: "timeout" | "not-tls" | "certificate" | "closed" | "other",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Accepts handshakes with one set of options that can be replaced while running. */
export interface TlsServer {
  /**
   * Runs the server handshake over `transport`.
   * @param received bytes of the ClientHello that were read already
   * @param timeout milliseconds
   * @throws TlsHandshakeError
   */
  accept(
    transport: Transport,
    received: Uint8Array,
    timeout: number,
  ): Promise<TlsTransport>;
  /** Later handshakes use `options`. */
  reload(options: TlsServerOptions): void;
  close(): void;
}

/** The platform's TLS. */
export interface TlsEngine {
  /** @throws Error naming what is wrong with a certificate or key */
  server(options: TlsServerOptions): TlsServer;
  /** @throws TlsHandshakeError */
  connect(
    transport: Transport,
    options: TlsClientOptions,
    timeout: number,
  ): Promise<TlsTransport>;
}
