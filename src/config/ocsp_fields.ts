/**
 * Reading `ocsp`, `ocsp_cache` and `ocsp_peer`.
 *
 * @module
 */

import {
  durationOf,
  type Field,
  isMap,
  readBlock,
  schema,
  setter,
  string,
} from "./field.ts";
import { quote } from "./go_text.ts";
import type {
  OcspCacheOptions,
  OcspMode,
  OcspOptions,
  OcspPeerOptions,
} from "./options_tls.ts";
import { FieldError, place, TypeMismatch } from "./report.ts";

/** Milliseconds between saves of the response cache, unless configured. */
const DEFAULT_SAVE_INTERVAL = 300_000;

const MODES: ReadonlySet<string> = new Set<OcspMode>([
  "auto",
  "always",
  "must",
  "never",
]);

function isMode(text: string): text is OcspMode {
  return MODES.has(text);
}

/** Reads the `ocsp` option. Its keys, unlike others, are case-sensitive. */
export function ocsp(field: Field): OcspOptions {
  const prefix = "error parsing ocsp config:";
  if (typeof field.value === "boolean") {
    return { mode: field.value ? "auto" : "never", urls: [] };
  }
  if (!isMap(field.value)) {
    return field.fail(`${prefix} unsupported type ${field.typeName}`);
  }
  let mode: OcspMode = "auto";
  const urls: string[] = [];
  for (const [key, node] of field.value) {
    const entry = field.at(node, key);
    if (key === "mode") {
      const text = entry.string().toLowerCase();
      // Go prints the type of the mode instead of the mode.
      if (isMode(text)) mode = text;
      else entry.error(`${prefix} unsupported ocsp mode string`);
    } else if (key === "url") urls.push(entry.string());
    else if (key === "urls") {
      // Go's parser yields no list that its option reader takes: `urls` never works.
      throw new TypeMismatch(
        `interface conversion: interface {} is ${entry.typeName}, not []string`,
      );
    } else entry.fail(`${prefix} unsupported field string`);
  }
  return { mode, urls };
}

interface CacheDraft {
  type: OcspCacheOptions["type"];
  localStore: string;
  preserveRevoked: boolean;
  saveInterval: number;
}

const CACHE_ERROR = "error parsing OCSP peer cache config,";

function unknownCacheField(key: string): string {
  return `${CACHE_ERROR} unknown field [${quote(key)}]`;
}

const setCache = setter<CacheDraft>();

const CACHE = schema<CacheDraft>({
  type: setCache("type", (field) => {
    if (typeof field.value !== "string") {
      return field.fail(unknownCacheField(field.key));
    }
    const type = field.value.toLowerCase();
    if (type === "none" || type === "local") return type;
    return field.fail(`${CACHE_ERROR} unknown type [${field.value}]`);
  }),
  local_store: setCache("localStore", (field) => {
    if (typeof field.value !== "string") {
      return field.fail(unknownCacheField(field.key));
    }
    return string(field);
  }),
  preserve_revoked: setCache("preserveRevoked", (field) => {
    if (typeof field.value !== "boolean") {
      return field.fail(unknownCacheField(field.key));
    }
    return field.boolean();
  }),
  save_interval: setCache("saveInterval", (field) => {
    const time = conversion(field, CACHE_ERROR);
    return Math.max(1000, Math.trunc(time / 1000) * 1000);
  }),
});

/** Reads the `ocsp_cache` option. */
export function ocspCache(field: Field): OcspCacheOptions {
  const cache: CacheDraft = {
    type: "local",
    localStore: "_rc_",
    preserveRevoked: false,
    saveInterval: DEFAULT_SAVE_INTERVAL,
  };
  if (typeof field.value === "boolean") {
    return { ...cache, type: field.value ? "local" : "none" };
  }
  if (!isMap(field.value)) {
    // The name is Go's.
    return field.fail(`error parsing tags: unsupported type ${field.typeName}`);
  }
  readBlock(field, CACHE, cache, {
    stopAtError: true,
    strict: true,
    unknown: unknownCacheField,
  });
  return cache;
}

interface PeerDraft {
  verify: boolean;
  timeout: number;
  allowedClockSkew: number;
  warnOnly: boolean;
  unknownIsGood: boolean;
  allowWhenCaUnreachable: boolean;
  ttlUnsetNextUpdate: number;
}

const PEER_ERROR = "error parsing tls peer config,";

function unknownPeerField(key: string): string {
  return `${PEER_ERROR} unknown field [${quote(key)}]`;
}

function peerFlag(field: Field): boolean {
  if (typeof field.value === "boolean") return field.value;
  return field.fail(unknownPeerField(field.key));
}

/** A time of a peer's block; negative ones leave the default. */
function peerTime(
  name: "timeout" | "allowedClockSkew" | "ttlUnsetNextUpdate",
  hideReason = false,
): (field: Field, peer: PeerDraft) => void {
  return (field, peer) => {
    const time = conversion(field, PEER_ERROR, hideReason);
    if (time >= 0) peer[name] = time;
  };
}

/** Reads seconds or a duration, with the errors of the OCSP blocks. */
function conversion(field: Field, prefix: string, hideReason = false): number {
  const { value } = field;
  const unexpected = "conversion error: unexpected type";
  if (typeof value === "bigint" || typeof value === "number") {
    return Number(value) * 1000;
  }
  if (typeof value !== "string") return field.fail(`${prefix} ${unexpected}`);
  // Go reports a bad duration of the cache with the words of the peer's block.
  return durationOf(
    field,
    value,
    (message) =>
      hideReason
        ? `${PEER_ERROR} ${unexpected}`
        : `${PEER_ERROR} conversion error: ${message}`,
  );
}

const setPeer = setter<PeerDraft>();

const PEER = schema<PeerDraft>({
  verify: setPeer("verify", peerFlag),
  allowed_clockskew: peerTime("allowedClockSkew", true),
  ca_timeout: peerTime("timeout"),
  cache_ttl_when_next_update_unset: peerTime("ttlUnsetNextUpdate"),
  warn_only: setPeer("warnOnly", peerFlag),
  unknown_is_good: setPeer("unknownIsGood", peerFlag),
  allow_when_ca_unreachable: setPeer("allowWhenCaUnreachable", peerFlag),
});

/** Reads `ocsp_peer` of a `tls` block. */
export function ocspPeer(field: Field): OcspPeerOptions {
  const peer: PeerDraft = {
    verify: field.value === true,
    timeout: 2000,
    allowedClockSkew: 30_000,
    warnOnly: false,
    unknownIsGood: false,
    allowWhenCaUnreachable: false,
    ttlUnsetNextUpdate: 3_600_000,
  };
  if (typeof field.value === "boolean") return peer;
  if (!isMap(field.value)) {
    // Go names the type of the enclosing block here.
    return field.fail(
      "error parsing ocsp peer config: unsupported type map[string]interface {}",
    );
  }
  try {
    readBlock(field, PEER, peer, {
      stopAtError: true,
      strict: true,
      unknown: unknownPeerField,
    });
  } catch (error) {
    if (!(error instanceof FieldError) || error.node === undefined) throw error;
    // The place of the entry becomes part of the reason.
    field.fail(`${place(error.node)}: ${error.message}`);
  }
  return peer;
}
