/**
 * Reading the files that a `tls` block names, with the checks that Go makes
 * before it starts: the platform itself accepts bad PEM without a word.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsIdentity } from "../runtime/tls_port.ts";
import type { ConfigDisk } from "./field.ts";
import { readFailure } from "./file_error.ts";
import { quote } from "./go_text.ts";
import type { CertificateFiles, TlsBlock } from "./options_tls.ts";
import type { TlsDraft } from "./tls_draft.ts";

/** Certificates or keys that can't be used. The message is Go's. */
export class TlsFilesError extends Error {
  override readonly name = "TlsFilesError";
}

/**
 * Reads certificates, keys and CAs.
 * @throws TlsFilesError
 */
export function loadTlsFiles(draft: TlsDraft, disk: ConfigDisk): TlsBlock {
  const { certFile, keyFile, caFile } = draft;
  if (certFile !== "" && keyFile === "") {
    throw new TlsFilesError("missing 'key_file' in TLS configuration");
  }
  if (certFile === "" && keyFile !== "") {
    throw new TlsFilesError("missing 'cert_file' in TLS configuration");
  }
  const files = certFile !== "" ? [{ certFile, keyFile }] : draft.certs ?? [];
  const identities = files.map((pair, index) => {
    const which = certFile !== "" ? "" : ` ${index + 1}/${files.length}`;
    return loadIdentity(pair, disk, which);
  });
  const {
    allowInsecureCiphers: _,
    certStore,
    certMatchBy,
    certMatch,
    ...kept
  } = draft;
  const { certMatchSkipInvalid, caCertsMatch, ...block } = kept;
  return {
    ...block,
    certs: draft.certs ?? [],
    identities,
    ca: caFile === "" ? undefined : loadCa(caFile, disk),
    certStore: certStore === "" && certMatchBy === "" && certMatch === ""
      ? undefined
      : {
        store: certStore,
        matchBy: certMatchBy,
        match: certMatch,
        skipInvalid: certMatchSkipInvalid,
        caMatches: caCertsMatch,
      },
  };
}

function loadIdentity(
  files: CertificateFiles,
  disk: ConfigDisk,
  which: string,
): TlsIdentity {
  try {
    const cert = readText(files.certFile, disk);
    const key = readText(files.keyFile, disk);
    checkPair(cert, key);
    return { cert, key };
  } catch (error) {
    if (!(error instanceof TlsFilesError)) throw error;
    throw new TlsFilesError(
      `error parsing X509 certificate/key pair${which}: ${error.message}`,
    );
  }
}

function loadCa(path: string, disk: ConfigDisk): string {
  const text = readText(path, disk);
  const usable = pemBlocks(text).some((block) =>
    certificate(block) !== undefined
  );
  if (!usable) throw new TlsFilesError("failed to parse root ca certificate");
  return text;
}

function readText(path: string, disk: ConfigDisk): string {
  try {
    return new TextDecoder().decode(disk.readFile(path));
  } catch (error) {
    throw new TlsFilesError(readFailure(error, path));
  }
}

/** @throws TlsFilesError unless the key belongs to the first certificate */
function checkPair(certText: string, keyText: string): void {
  const leaf = firstCertificate(pemBlocks(certText));
  const key = privateKey(pemBlocks(keyText));
  if (leaf.publicKey.asymmetricKeyType !== key.asymmetricKeyType) {
    throw new TlsFilesError(
      "tls: private key type does not match public key type",
    );
  }
  if (!leaf.checkPrivateKey(key)) {
    throw new TlsFilesError("tls: private key does not match public key");
  }
}

function firstCertificate(blocks: readonly PemBlock[]): X509Certificate {
  const block = blocks.find((one) => one.type === "CERTIFICATE");
  if (block !== undefined) {
    const parsed = certificate(block);
    if (parsed === undefined) {
      throw new TlsFilesError("x509: malformed certificate");
    }
    return parsed;
  }
  const types = blocks.map((one) => one.type);
  if (types.length === 0) {
    throw new TlsFilesError(
      "tls: failed to find any PEM data in certificate input",
    );
  }
  if (types.length === 1 && types[0]?.endsWith("PRIVATE KEY")) {
    throw new TlsFilesError(
      "tls: failed to find certificate PEM data in certificate input, " +
        "but did find a private key; PEM inputs may have been switched",
    );
  }
  throw new TlsFilesError(
    `tls: failed to find "CERTIFICATE" PEM block in certificate input ` +
      `after skipping PEM blocks of the following types: [${types.join(" ")}]`,
  );
}

function privateKey(blocks: readonly PemBlock[]): KeyObject {
  const block = blocks.find(({ type }) => /(^| )PRIVATE KEY$/.test(type));
  if (block !== undefined) {
    try {
      return createPrivateKey(block.text);
    } catch {
      throw new TlsFilesError("tls: failed to parse private key");
    }
  }
  const types = blocks.map((one) => one.type);
  if (types.length === 0) {
    throw new TlsFilesError("tls: failed to find any PEM data in key input");
  }
  if (types.length === 1 && types[0] === "CERTIFICATE") {
    throw new TlsFilesError(
      "tls: found a certificate rather than a key in the PEM for the private key",
    );
  }
  throw new TlsFilesError(
    `tls: failed to find PEM block with type ending in ${
      quote("PRIVATE KEY")
    } in key input ` +
      `after skipping PEM blocks of the following types: [${types.join(" ")}]`,
  );
}

interface PemBlock {
  readonly type: string;
  readonly text: string;
}

function pemBlocks(text: string): PemBlock[] {
  const found = text.matchAll(
    /^-----BEGIN ([^\r\n]+)-----\r?\n[^]*?^-----END \1-----/gm,
  );
  return [...found].map(([block, type = ""]) => ({ type, text: block }));
}

function certificate(block: PemBlock): X509Certificate | undefined {
  if (block.type !== "CERTIFICATE") return undefined;
  try {
    return new X509Certificate(block.text);
  } catch {
    return undefined;
  }
}
