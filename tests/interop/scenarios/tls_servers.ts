/**
 * Servers with TLS, and clients that speak it.
 *
 * @module
 */

import { authority, type Issued } from "../../tools/certificates.ts";
import {
  connect,
  expect,
  type Fixture,
  open,
  refusedTls,
  type Scenario,
  scenario,
  type Steps,
  sync,
  tls,
  type TlsChoice,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

/** The authority that servers and clients trust. */
export const root = authority();
const serverCertificate = root.server({ subject: "CN=north" });

/** A client that trusts the authority and has no certificate. */
export const trusting: TlsChoice = { ca: root.ca };

/** Certificate, key and authority under the names that configurations use. */
export const FILES = {
  "server.pem": serverCertificate.cert,
  "server-key.pem": serverCertificate.key,
  "ca.pem": root.ca,
};

/** Presents a certificate and trusts the server's. */
export function presenting({ cert, key }: Issued): TlsChoice {
  return { ...trusting, cert, key };
}

/** A server with the common certificate, `tls` and other settings. */
export function tlsServer(tlsSettings: string, ...settings: string[]): Fixture {
  const block =
    `tls { cert_file: "{{dir}}/server.pem", key_file: "{{dir}}/server-key.pem"
    ca_file: "{{dir}}/ca.pem", ${tlsSettings} }`;
  return { ...server(block, ...settings), files: FILES };
}

/** INFO, handshake, CONNECT: what a usual client does. */
export function secured(
  on: string,
  choice: TlsChoice = trusting,
  fields: Record<string, unknown> = {},
): Steps {
  return [
    open(on),
    expect(on, "INFO"),
    tls(on, choice),
    connect(on, fields),
    sync(on),
  ];
}

/** Handshake before anything was received. */
export function securedFirst(on: string, choice: TlsChoice = trusting): Steps {
  return [open(on), tls(on, choice), expect(on, "INFO"), connect(on), sync(on)];
}

/** A scenario of one client whose handshake the server refuses. */
export function refusal(
  fixture: Fixture,
  name: string,
  proves: Scenario["proves"],
  choice: TlsChoice,
): Scenario {
  return scenario(
    fixture,
    name,
    proves,
    open("a"),
    expect("a", "INFO"),
    refusedTls("a", choice),
  );
}

/** The registry's id of a row about TLS. */
export function id(row: string): string {
  return `tls-ocsp/${row}`;
}
