/**
 * Exports and imports in the claims of an account.
 *
 * @module
 */

import { JwtError } from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";
import { type InfoClaim, readInfo } from "./info_claims.ts";
import type { ClaimReader } from "./reader.ts";

/** What is exported or imported. */
export type LinkKind = "stream" | "service";

/** Public key (or `*`) to the time (seconds) up to which issues are revoked. */
export type Revocations = ReadonlyMap<string, number>;

/** Latency reports of an exported service. */
export interface LatencyClaim {
  /** Percent; 0: by request header. */
  readonly sampling: number;
  readonly results: string;
}

/** An export. */
export interface ExportClaim {
  readonly name: string;
  readonly subject: string;
  readonly kind: LinkKind;
  readonly tokenRequired: boolean;
  readonly revocations: Revocations;
  /** `Singleton`, `Stream`, `Chunked`; empty: the first. */
  readonly responseType: string;
  /** Nanoseconds. */
  readonly responseThreshold: number;
  readonly latency: LatencyClaim | undefined;
  readonly accountTokenPosition: number;
  readonly allowTrace: boolean;
  readonly info: InfoClaim;
}

/** An import. */
export interface ImportClaim {
  readonly name: string;
  readonly subject: string;
  readonly account: string;
  /** Activation JWT, or empty. */
  readonly token: string;
  /** The older form of `localSubject`. */
  readonly to: string;
  readonly localSubject: string;
  readonly kind: LinkKind;
  readonly share: boolean;
  readonly allowTrace: boolean;
}

/** Reads a list of exports; undefined stands for null. @throws JwtError */
export function readExports(
  reader: ClaimReader,
): (ExportClaim | undefined)[] {
  return reader.objects("exports").map((entry) => {
    if (entry === undefined) return undefined;
    const latency = entry.optional("service_latency");
    return {
      name: entry.string("name"),
      subject: entry.string("subject"),
      kind: readKind(entry, "export"),
      tokenRequired: entry.boolean("token_req"),
      revocations: readRevocations(entry),
      responseType: entry.string("response_type"),
      responseThreshold: entry.integer("response_threshold"),
      latency: latency === undefined ? undefined : {
        sampling: readSampling(latency),
        results: latency.string("results"),
      },
      accountTokenPosition: entry.integer("account_token_position"),
      allowTrace: entry.boolean("allow_trace"),
      info: readInfo(entry),
    };
  });
}

/** Reads a list of imports; undefined stands for null. @throws JwtError */
export function readImports(
  reader: ClaimReader,
): (ImportClaim | undefined)[] {
  return reader.objects("imports").map((entry) =>
    entry === undefined ? undefined : {
      name: entry.string("name"),
      subject: entry.string("subject"),
      account: entry.string("account"),
      token: entry.string("token"),
      to: entry.string("to"),
      localSubject: entry.string("local_subject"),
      kind: readKind(entry, "import"),
      share: entry.boolean("share"),
      allowTrace: entry.boolean("allow_trace"),
    }
  );
}

/** Reads revocations by key. @throws JwtError */
export function readRevocations(reader: ClaimReader): Revocations {
  return new Map(
    reader.entries("revocations").map(([key, time]) => {
      if (typeof time === "number") return [key, time];
      throw new JwtError("json: revocation time is no number");
    }),
  );
}

/** Whether what was issued (seconds) for `key` is revoked. */
export function isRevoked(
  revocations: Revocations,
  key: string,
  issuedAt: number,
): boolean {
  return [key, "*"].some((name) => {
    const until = revocations.get(name);
    return until !== undefined && until >= issuedAt;
  });
}

function readKind(entry: ClaimReader, what: string): LinkKind {
  const kind = entry.string("type");
  if (kind === "stream" || kind === "service") return kind;
  throw new JwtError(`unknown ${what} type ${quoteText(kind)}`);
}

function readSampling(latency: ClaimReader): number {
  const value = latency.raw("sampling");
  if (value === "headers") return 0;
  return latency.integer("sampling");
}
