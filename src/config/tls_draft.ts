/**
 * A `tls` block while it is read.
 *
 * @module
 */

import type { CertificateFiles, OcspPeerOptions } from "./options_tls.ts";

/** A `tls` block before its files are read. */
export interface TlsDraft {
  certFile: string;
  keyFile: string;
  caFile: string;
  certs: readonly CertificateFiles[] | undefined;
  verify: boolean;
  map: boolean;
  checkKnownUrls: boolean;
  insecure: boolean;
  timeout: number;
  rateLimit: number;
  pinnedCerts: ReadonlySet<string>;
  handshakeFirst: boolean;
  handshakeFirstFallback: number;
  minVersion: "1.2" | "1.3";
  cipherSuites: readonly string[] | undefined;
  allowInsecureCiphers: boolean;
  curvePreferences: readonly string[] | undefined;
  ocspPeer: OcspPeerOptions | undefined;
  certStore: string;
  certMatchBy: string;
  certMatch: string;
  certMatchSkipInvalid: boolean;
  caCertsMatch: readonly string[];
}

/** A `tls` block that says nothing. */
export function emptyTls(): TlsDraft {
  return {
    certFile: "",
    keyFile: "",
    caFile: "",
    certs: undefined,
    verify: false,
    map: false,
    checkKnownUrls: false,
    insecure: false,
    timeout: 0,
    rateLimit: 0,
    pinnedCerts: new Set(),
    handshakeFirst: false,
    handshakeFirstFallback: 0,
    minVersion: "1.2",
    cipherSuites: undefined,
    allowInsecureCiphers: false,
    curvePreferences: undefined,
    ocspPeer: undefined,
    certStore: "",
    certMatchBy: "",
    certMatch: "",
    certMatchSkipInvalid: false,
    caCertsMatch: [],
  };
}
