import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import type { TlsIdentity } from "../tls_port.ts";

interface PemBlock {
  readonly label: string;
  readonly text: string;
}

/**
 * Checks that certificate and key parse and belong together, as the platform
 * itself would only find out in a handshake.
 * @throws Error in the words of Go's `tls.X509KeyPair`
 */
export function checkTlsIdentity(identity: TlsIdentity): void {
  const certificate = parseCertificate(leafBlock(identity.cert));
  const key = parseKey(keyBlock(identity.key));
  const certified = certificate.publicKey;
  if (certified.asymmetricKeyType !== key.asymmetricKeyType) {
    throw new Error("tls: private key type does not match public key type");
  }
  if (!createPublicKey(key).equals(certified)) {
    throw new Error("tls: private key does not match public key");
  }
}

/**
 * Checks that a bundle holds at least one certificate and that all parse.
 * @throws Error
 */
export function checkTlsAuthorities(bundle: string): void {
  const certificates = pemBlocks(bundle)
    .filter((block) => block.label === "CERTIFICATE");
  if (certificates.length === 0) {
    throw new Error("failed to parse root ca certificate");
  }
  for (const block of certificates) parseCertificate(block);
}

function leafBlock(cert: string): PemBlock {
  const blocks = pemBlocks(cert);
  const leaf = blocks.find((block) => block.label === "CERTIFICATE");
  if (leaf !== undefined) return leaf;
  const labels = blocks.map((block) => block.label);
  if (labels.length === 0) {
    throw new Error("tls: failed to find any PEM data in certificate input");
  }
  throw new Error(
    labels.length === 1 && isKeyLabel(labels[0])
      ? "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"
      : `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${
        labels.join(" ")
      }]`,
  );
}

function keyBlock(key: string): PemBlock {
  const blocks = pemBlocks(key);
  const found = blocks.find((block) => isKeyLabel(block.label));
  if (found !== undefined) return found;
  const labels = blocks.map((block) => block.label);
  if (labels.length === 0) {
    throw new Error("tls: failed to find any PEM data in key input");
  }
  throw new Error(
    labels.length === 1 && labels[0] === "CERTIFICATE"
      ? "tls: found a certificate rather than a key in the PEM for the private key"
      : `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${
        labels.join(" ")
      }]`,
  );
}

function isKeyLabel(label: string | undefined): boolean {
  return label === "PRIVATE KEY" || (label?.endsWith(" PRIVATE KEY") ?? false);
}

function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const part of text.split("-----BEGIN ").slice(1)) {
    const label = part.slice(0, part.indexOf("-----"));
    const closing = `-----END ${label}-----`;
    const end = part.indexOf(closing);
    if (end < 0) continue;
    const block = `-----BEGIN ${part.slice(0, end)}${closing}\n`;
    blocks.push({ label, text: block });
  }
  return blocks;
}

function parseCertificate(block: PemBlock): X509Certificate {
  try {
    return new X509Certificate(block.text);
  } catch (cause) {
    throw new Error("x509: malformed certificate", { cause });
  }
}

function parseKey(block: PemBlock): KeyObject {
  try {
    return createPrivateKey(block.text);
  } catch (cause) {
    throw new Error("tls: failed to parse private key", { cause });
  }
}
