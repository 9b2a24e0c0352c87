import { Buffer } from "node:buffer";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { PeerCertificate, TlsState } from "../tls_port.ts";
import { certificateFields } from "./certificate_der.ts";

/**
 * What the handshake of `socket` agreed on.
 * @throws RangeError when a certificate that nobody verified makes no sense
 */
export function tlsStateOf(socket: TLSSocket): TlsState {
  // The platform knows the name that a client sent, but types it for clients.
  const servername: unknown = Reflect.get(socket, "servername");
  return {
    version: socket.getProtocol() === "TLSv1.2" ? "1.2" : "1.3",
    cipherSuite: socket.getCipher()?.standardName ?? "",
    serverName: typeof servername === "string" ? servername : "",
    alpn: socket.alpnProtocol || "",
    peerCertificates: peerCertificates(socket),
  };
}

function peerCertificates(socket: TLSSocket): PeerCertificate[] {
  const found: PeerCertificate[] = [];
  const seen = new Set<DetailedPeerCertificate>();
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(
    true,
  );
  while (next?.raw !== undefined && !seen.has(next)) {
    seen.add(next);
    const raw = Uint8Array.from(next.raw);
    const { issuer, subject, publicKeyInfo } = certificateFields(raw);
    // The platform ends a verified chain with the root that it trusts, which
    // peers do not present.
    const isRoot = Buffer.compare(issuer, subject) === 0;
    if (isRoot && found.length > 0) break;
    found.push({ raw, publicKeyInfo });
    next = next.issuerCertificate;
  }
  return found;
}
