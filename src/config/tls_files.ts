/**
 * Reading the files that a `tls` block names, with the checks that Go makes
 * before it starts: a handshake would be too late to find bad PEM.
 *
 * @module
 */

import {
  checkTlsAuthorities,
  checkTlsIdentity,
  type TlsIdentity,
} from "../runtime/mod.ts";
import type { ConfigDisk } from "./field.ts";
import { readFailure } from "./file_error.ts";
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
  return worded(`error parsing X509 certificate/key pair${which}: `, () => {
    const cert = readText(files.certFile, disk);
    const key = readText(files.keyFile, disk);
    checkTlsIdentity({ cert, key });
    return { cert, key };
  });
}

function loadCa(path: string, disk: ConfigDisk): string {
  const text = worded("", () => readText(path, disk));
  try {
    checkTlsAuthorities(text);
  } catch (cause) {
    throw new TlsFilesError("failed to parse root ca certificate", { cause });
  }
  return text;
}

/** Runs a check whose errors are about the files. */
function worded<R>(prefix: string, check: () => R): R {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new TlsFilesError(prefix + error.message, { cause: error });
  }
}

function readText(path: string, disk: ConfigDisk): string {
  try {
    return new TextDecoder().decode(disk.readFile(path));
  } catch (error) {
    throw new TlsFilesError(readFailure(error, path));
  }
}
