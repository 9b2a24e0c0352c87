/**
 * TLS and OCSP options.
 *
 * @module
 */

import type { TlsIdentity, TlsVersion } from "../runtime/tls_port.ts";

/** Paths of a certificate chain and its key. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Certificate of the Windows certificate store. Parsed for its errors only. */
export interface CertStoreOptions {
  readonly store: string;
  readonly matchBy: string;
  readonly match: string;
  readonly skipInvalid: boolean;
  readonly caMatches: readonly string[];
}

/** Revocation checks of peers' certificates. */
export interface OcspPeerOptions {
  readonly verify: boolean;
  /** Milliseconds for a responder to answer. */
  readonly timeout: number;
  /** Milliseconds of tolerated clock difference. */
  readonly allowedClockSkew: number;
  readonly warnOnly: boolean;
  readonly unknownIsGood: boolean;
  readonly allowWhenCaUnreachable: boolean;
  /** Milliseconds a response holds that states no next update. */
  readonly ttlUnsetNextUpdate: number;
}

/** A `tls` block, with its files read. */
export interface TlsBlock {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  /** The `certs` list; excludes `certFile`. */
  readonly certs: readonly CertificateFiles[];
  /** Chains and keys as read from the files; empty for pure clients. */
  readonly identities: readonly TlsIdentity[];
  /** PEM bundle read from `caFile`; undefined: the system's roots. */
  readonly ca: string | undefined;
  /** Require and verify client certificates. */
  readonly verify: boolean;
  /** Find the user by the client's certificate. */
  readonly map: boolean;
  /** Peers' certificates must name a known route or gateway. */
  readonly checkKnownUrls: boolean;
  /** Do not verify servers that this server connects to. */
  readonly insecure: boolean;
  /** Milliseconds for the handshake; 0: the default. */
  readonly timeout: number;
  /** Handshakes per second; 0: unlimited. */
  readonly rateLimit: number;
  /** Lower-case hex SHA-256 of acceptable SubjectPublicKeyInfo; empty: any. */
  readonly pinnedCerts: ReadonlySet<string>;
  readonly handshakeFirst: boolean;
  /** Milliseconds; 0: no fallback. */
  readonly handshakeFirstFallback: number;
  readonly minVersion: TlsVersion;
  /** IANA names; undefined: the default. */
  readonly cipherSuites: readonly string[] | undefined;
  readonly curvePreferences: readonly string[] | undefined;
  readonly ocspPeer: OcspPeerOptions | undefined;
  readonly certStore: CertStoreOptions | undefined;
}

/** When to staple OCSP responses. */
export type OcspMode = "auto" | "always" | "must" | "never";

/** The `ocsp` block. */
export interface OcspOptions {
  readonly mode: OcspMode;
  /** Responders instead of those that certificates name. */
  readonly urls: readonly string[];
}

/** The `ocsp_cache` block. */
export interface OcspCacheOptions {
  readonly type: "none" | "local";
  readonly localStore: string;
  readonly preserveRevoked: boolean;
  /** Milliseconds between saves. */
  readonly saveInterval: number;
}
