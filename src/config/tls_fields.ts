/**
 * Reading `tls` blocks. The first bad entry ends a block.
 *
 * @module
 */

import {
  boolean,
  type Field,
  isList,
  isMap,
  lastEntry,
  readBlock,
  schema,
  secondsOrDuration,
  setter,
  string,
} from "./field.ts";
import { DurationError, parseDuration } from "./duration.ts";
import { formatValue, quote } from "./go_text.ts";
import { ocspPeer } from "./ocsp_fields.ts";
import type { CertificateFiles, TlsBlock } from "./options_tls.ts";
import {
  CURVES,
  INSECURE_CIPHER_SUITES,
  SECURE_CIPHER_SUITES,
} from "./tls_names.ts";
import { emptyTls, type TlsDraft } from "./tls_draft.ts";
import { loadTlsFiles, TlsFilesError } from "./tls_files.ts";

const PREFIX = "error parsing tls config,";
const PINNED = "hex-encoded sha256 of DER encoded SubjectPublicKeyInfo";

/** Milliseconds that `handshake_first: auto` waits for a ClientHello. */
const AUTO_FALLBACK = 50;

const set = setter<TlsDraft>();

/** Entries of a block. Whether peers can be checked against known URLs depends on the context. */
function entries(knowsUrls: boolean): ReturnType<typeof schema<TlsDraft>> {
  return schema<TlsDraft>({
    cert_file: set("certFile", fileName),
    key_file: set("keyFile", fileName),
    ca_file: set("caFile", fileName),
    insecure: set("insecure", flag),
    verify: set("verify", flag),
    verify_and_map: (field, tls) => {
      tls.map = flag(field);
      if (tls.map) tls.verify = true;
    },
    verify_cert_and_check_known_urls: (field, tls) => {
      tls.checkKnownUrls = flag(field);
      if (!tls.checkKnownUrls) return;
      if (!knowsUrls) {
        field.fail(
          "verify_cert_and_check_known_urls not supported in this context",
        );
      }
      tls.verify = true;
    },
    allow_insecure_cipher_suites: set("allowInsecureCiphers", flag),
    cipher_suites: set("cipherSuites", cipherSuites),
    curve_preferences: set("curvePreferences", curvePreferences),
    timeout: set(
      "timeout",
      (field) => secondsOrDuration(field, `${PREFIX} 'timeout'`),
    ),
    connection_rate_limit: set("rateLimit", (field) => {
      if (typeof field.value === "bigint") return field.integer();
      return field.fail(`${PREFIX} 'connection_rate_limit' wrong type`);
    }),
    pinned_certs: set("pinnedCerts", pinnedCerts),
    cert_store: (field, tls) => {
      tls.certStore = certStoreText(field, "cert_store");
      const known = /^windows(currentuser|localmachine)$/i.test(tls.certStore);
      field.fail(
        known
          ? "cert_store not compatible with current operating system"
          : "cert store type not implemented",
      );
    },
    cert_match_by: (field, tls) => {
      tls.certMatchBy = certStoreText(field, "cert_match_by");
      if (!/^(issuer|subject|thumbprint)$/i.test(tls.certMatchBy)) {
        field.fail("cert match by type not implemented");
      }
    },
    cert_match: set("certMatch", (field) => certStoreText(field, "cert_match")),
    ca_certs_match: set("caCertsMatch", caCertsMatch),
    cert_match_skip_invalid: set("certMatchSkipInvalid", (field) => {
      if (typeof field.value === "boolean") return field.value;
      return field.fail("expected 'cert_match_skip_invalid' to be a boolean");
    }),
    "handshake_first first immediate": handshakeFirst,
    ocsp_peer: set("ocspPeer", ocspPeer),
    "certs certificates": set("certs", certificates),
    min_version: set("minVersion", minVersion),
  });
}

const ENTRIES = entries(false);
const LINK_ENTRIES = entries(true);

/**
 * Reads a `tls` block and its files.
 * @param context `link` for routes and gateways: they verify each other always
 */
export function tlsBlock(
  field: Field,
  context: "listener" | "link" = "listener",
): TlsBlock {
  const link = context === "link";
  const draft = emptyTls();
  readBlock(field, link ? LINK_ENTRIES : ENTRIES, draft, {
    stopAtError: true,
    strict: true,
    unknown: (key) => `${PREFIX} unknown field ${quote(key)}`,
  });
  if ((draft.certs?.length ?? 0) > 0 && draft.certFile !== "") {
    field.fail(
      `${PREFIX} cannot combine 'cert_file' option with 'certs' option`,
    );
  }
  const insecure =
    draft.cipherSuites?.filter((name) => INSECURE_CIPHER_SUITES.has(name)) ??
      [];
  if (insecure.length > 0 && !draft.allowInsecureCiphers) {
    field.fail(
      "insecure cipher suites configured without 'allow_insecure_cipher_suites' option set: " +
        insecure.join(", "),
    );
  }
  try {
    const block = loadTlsFiles(draft, field.scope.disk);
    return link ? { ...block, verify: true } : block;
  } catch (error) {
    if (error instanceof TlsFilesError) field.fail(error.message);
    throw error;
  }
}

function fileName(field: Field): string {
  if (typeof field.value === "string") return field.value;
  return field.fail(
    `${PREFIX} expected '${field.key.toLowerCase()}' to be filename`,
  );
}

function flag(field: Field): boolean {
  if (typeof field.value === "boolean") return boolean(field);
  return field.fail(
    `${PREFIX} expected '${field.key.toLowerCase()}' to be a boolean`,
  );
}

function certStoreText(field: Field, name: string): string {
  if (typeof field.value === "string" && field.value !== "") return field.value;
  return field.fail(`expected '${name}' to be a valid non-empty string`);
}

function cipherSuites(field: Field): string[] {
  const nodes = field.list();
  if (nodes.length === 0) {
    field.fail(`${PREFIX} 'cipher_suites' cannot be empty`);
  }
  return nodes.map((node) => {
    const element = field.at(node);
    const name = element.string();
    if (SECURE_CIPHER_SUITES.has(name) || INSECURE_CIPHER_SUITES.has(name)) {
      return name;
    }
    return element.fail(`unrecognized cipher ${name}`);
  });
}

function curvePreferences(field: Field): string[] {
  const nodes = field.list();
  if (nodes.length === 0) {
    field.fail(`${PREFIX} 'curve_preferences' cannot be empty`);
  }
  return nodes.map((node) => {
    const element = field.at(node);
    const name = element.string();
    return CURVES.includes(name)
      ? name
      : element.fail(`unrecognized curve preference ${name}`);
  });
}

function pinnedCerts(field: Field): ReadonlySet<string> {
  if (!isList(field.value)) {
    return field.fail(
      `${PREFIX} expected 'pinned_certs' to be a list of ${PINNED}`,
    );
  }
  return new Set(field.value.map((node) => {
    const element = field.at(node);
    const key = string(element).toLowerCase();
    if (isPin(key)) return key;
    return element.fail(
      `${PREFIX} 'pinned_certs' key ${key} does not look like ${PINNED}`,
    );
  }));
}

/** Whether a text is a lower-case hexadecimal SHA-256. */
export function isPin(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function caCertsMatch(field: Field): string[] {
  if (typeof field.value === "string") return [field.value];
  if (!isList(field.value)) return [];
  return field.value.map((node) => {
    if (typeof node.value === "string") return node.value;
    return field.fail(
      "error parsing ca_cert_match: unsupported type *conf.token where string is expected",
    );
  });
}

function handshakeFirst(field: Field, tls: TlsDraft): void {
  const { value } = field;
  if (typeof value === "boolean") {
    tls.handshakeFirst = value;
    return;
  }
  if (typeof value !== "string") {
    field.fail(
      `field ${
        quote(field.key)
      } should be a boolean or a string, got ${field.typeName}`,
    );
  }
  const word = value.toLowerCase();
  tls.handshakeFirst = word !== "false" && word !== "off";
  if (["true", "on", "false", "off"].includes(word)) return;
  if (word === "auto" || word === "auto_fallback") {
    tls.handshakeFirstFallback = AUTO_FALLBACK;
    return;
  }
  try {
    tls.handshakeFirstFallback = parseDuration(value);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    field.fail(`field ${quote(field.key)}'s value ${quote(value)} is invalid`);
  }
}

function certificates(field: Field): CertificateFiles[] {
  const prefix = "error parsing certificates config:";
  if (!isList(field.value)) {
    // Go names the type of the enclosing block here.
    return field.fail(`${prefix} unsupported type map[string]interface {}`);
  }
  return field.value.map((node) => {
    const pair = field.at(node);
    if (!isMap(pair.value)) {
      return pair.fail(`${prefix} unsupported type ${pair.typeName}`);
    }
    const files = { certFile: "", keyFile: "" };
    for (const [key, entry] of pair.value) {
      const part = pair.at(entry, key);
      if (typeof entry.value !== "string") {
        return part.fail(`${prefix} unsupported type ${part.typeName}`);
      }
      if (key === "cert_file") files.certFile = entry.value;
      else if (key === "key_file") files.keyFile = entry.value;
      else {part.fail(
          `error parsing tls certs config, unknown field ${quote(key)}`,
        );}
    }
    if (files.certFile === "" || files.keyFile === "") {
      pair.at(lastEntry(pair)).fail(
        `${prefix} both 'cert_file' and 'cert_key' options are required`,
      );
    }
    return files;
  });
}

function minVersion(field: Field): "1.2" | "1.3" {
  const { value } = field;
  if (value === "1.2" || value === "1.3") return value;
  const reason = typeof value !== "string"
    ? `'min_version' wrong type: ${formatValue(value)}`
    : value === "1.0" || value === "1.1"
    ? `unsupported TLS version: TLS ${value}`
    : `unknown version: ${value}`;
  return field.fail(`error parsing tls config: ${reason}`);
}
