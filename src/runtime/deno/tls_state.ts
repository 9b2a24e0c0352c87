import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { PeerCertificate, TlsState } from "../tls_port.ts";
import { publicKeyInfoOf } from "./certificate_der.ts";

/** What the handshake of `socket` agreed on. */
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
    found.push({ raw, publicKeyInfo: publicKeyInfoOf(raw) });
    next = next.issuerCertificate;
  }
  return found;
}
