import { TransportError } from "../ports.ts";
import { TlsHandshakeError } from "../tls_port.ts";

/** The platform's codes for a certificate that was not accepted, in Go's words. */
const REFUSALS: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: "x509: certificate signed by unknown authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "x509: certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "x509: certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "x509: certificate signed by unknown authority",
  CERT_HAS_EXPIRED: "x509: certificate has expired or is not yet valid",
  CERT_NOT_YET_VALID: "x509: certificate has expired or is not yet valid",
  // What it says of every certificate of a client that it does not accept.
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "x509: certificate signed by unknown authority, expired or not for this use",
};

/** How Go words it, and the platform, whose error has no code. */
const TIMEOUT = "TLS handshake timeout";

/** The failure of a handshake that took too long. */
export function handshakeTimeout(cause?: unknown): TlsHandshakeError {
  return new TlsHandshakeError(TIMEOUT, "timeout", { cause });
}

/** Names what ended a handshake. */
export function handshakeError(cause: unknown): TlsHandshakeError {
  if (cause instanceof TlsHandshakeError) return cause;
  if (cause instanceof TransportError) {
    return new TlsHandshakeError(cause.message, "closed", { cause });
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text === TIMEOUT) return handshakeTimeout(cause);
  const code = codeOf(cause);
  switch (code) {
    case "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE":
      return new TlsHandshakeError(
        "tls: client didn't provide a certificate",
        "certificate",
        { cause },
      );
    case "ERR_SSL_WRONG_VERSION_NUMBER":
      return new TlsHandshakeError(
        "tls: first record does not look like a TLS handshake",
        "not-tls",
        { cause },
      );
    case "ECONNRESET":
    case "EPIPE":
      return new TlsHandshakeError("EOF", "closed", { cause });
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return certificateRefused(text, cause);
  }
  const refusal = REFUSALS[code];
  return refusal === undefined
    ? new TlsHandshakeError(
      text.startsWith("tls: ") || text.startsWith("x509: ")
        ? text
        : `tls: ${text}`,
      "other",
      { cause },
    )
    : certificateRefused(refusal, cause);
}

/** The failure of a handshake whose certificate the platform gave a code for. */
export function verificationError(code: string): TlsHandshakeError {
  return certificateRefused(REFUSALS[code] ?? code, undefined);
}

function certificateRefused(reason: string, cause: unknown): TlsHandshakeError {
  return new TlsHandshakeError(
    `tls: failed to verify certificate: ${reason}`,
    "certificate",
    { cause },
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" ? code : "";
}
