/**
 * The claims of an account.
 *
 * @module
 */

import {
  type Claims,
  decodeJwt,
  isObject,
  isPublicKey,
  JwtError,
  type MappingDestination,
} from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";
import { hasWildcard } from "../../subject/mod.ts";
import {
  type JetStreamClaims,
  readJetStreamLimits,
} from "./jetstream_claims.ts";
import { checkExports, checkImports } from "./link_checks.ts";
import {
  type ExportClaim,
  type ImportClaim,
  readExports,
  readImports,
  readRevocations,
  type Revocations,
} from "./link_claims.ts";
import {
  checkPermissions,
  type PermissionsClaim,
  readPermissions,
} from "./permission_claims.ts";
import { ClaimReader } from "./reader.ts";
import { readSigningKeys, type SigningKeys } from "./signing_keys.ts";
import { checkInfo, type InfoClaim, readInfo } from "./info_claims.ts";
import { checkSubject, checkTimes, Issues } from "./validation.ts";

/** Limits that an operator sets; -1 is unlimited. */
export interface AccountLimitClaims {
  readonly connections: number;
  readonly leafnodes: number;
  readonly subscriptions: number;
  readonly payload: number;
  readonly data: number;
  readonly imports: number;
  readonly exports: number;
  readonly wildcardExports: boolean;
  readonly disallowBearer: boolean;
}

/** Who decides about users in place of the server. */
export interface ExternalAuthorization {
  /** Users who bypass it. */
  readonly authUsers: readonly string[];
  /** Accounts to which it may assign; `*` alone: all. */
  readonly allowedAccounts: readonly string[];
  readonly xkey: string;
}

/** An account's JWT, read. */
export interface AccountClaims {
  readonly claims: Claims;
  readonly tags: readonly string[];
  readonly limits: AccountLimitClaims;
  readonly jetstream: JetStreamClaims;
  readonly signingKeys: SigningKeys;
  readonly revocations: Revocations;
  readonly defaultPermissions: PermissionsClaim;
  readonly mappings: ReadonlyMap<string, readonly MappingDestination[]>;
  readonly exports: readonly (ExportClaim | undefined)[];
  readonly imports: readonly (ImportClaim | undefined)[];
  readonly authorization: ExternalAuthorization;
  /** Destination and sampling (percent) of message traces; undefined: none. */
  readonly trace: { destination: string; sampling: number } | undefined;
  readonly info: InfoClaim;
  /** `system`, `owner` or empty. */
  readonly clusterTraffic: string;
}

/** Decodes the JWT of an account and verifies its signature. @throws JwtError */
export function decodeAccountClaims(token: string): AccountClaims {
  const claims = decodeJwt(token);
  if (claims.kind !== "account") throw new JwtError("not account claim");
  return readAccountClaims(claims);
}

/** The account that a JWT is for. @throws JwtError when it is none of an account */
export function accountOfToken(token: string): string {
  return decodeAccountClaims(token).claims.subject;
}

/** Reads what the claims of an account say. @throws JwtError */
export function readAccountClaims(claims: Claims): AccountClaims {
  const nats = new ClaimReader(claims.nats, "nats");
  const isOld = claims.version === 1;
  const common = isOld ? new ClaimReader(claims.body, "claim") : nats;
  const limits = nats.object("limits");
  const authorization = nats.object("authorization");
  const trace = nats.optional("trace");
  return {
    claims,
    tags: common.strings("tags"),
    limits: readLimits(limits),
    jetstream: readJetStreamLimits(isOld ? new ClaimReader({}, "") : limits),
    signingKeys: readSigningKeys(nats),
    revocations: readRevocations(nats),
    defaultPermissions: readPermissions(nats.object("default_permissions")),
    mappings: readMappings(nats),
    exports: readExports(nats),
    imports: readImports(nats),
    authorization: {
      authUsers: authorization.strings("auth_users"),
      allowedAccounts: authorization.strings("allowed_accounts"),
      xkey: authorization.string("xkey"),
    },
    trace: trace === undefined ? undefined : {
      destination: trace.string("dest"),
      sampling: trace.integer("sampling"),
    },
    info: readInfo(nats),
    clusterTraffic: nats.string("cluster_traffic"),
  };
}

function readLimits(limits: ClaimReader): AccountLimitClaims {
  return {
    connections: limits.integer("conn"),
    leafnodes: limits.integer("leaf"),
    subscriptions: limits.integer("subs"),
    payload: limits.integer("payload"),
    data: limits.integer("data"),
    imports: limits.integer("imports"),
    exports: limits.integer("exports"),
    wildcardExports: limits.boolean("wildcards"),
    disallowBearer: limits.boolean("disallow_bearer"),
  };
}

function readMappings(
  nats: ClaimReader,
): Map<string, readonly MappingDestination[]> {
  return new Map(
    nats.entries("mappings").map(([source, list]) => {
      if (!Array.isArray(list)) throw new JwtError("json: mapping is no list");
      return [
        source,
        list.map((item) => {
          if (!isObject(item)) throw new JwtError("json: mapping is no object");
          const reader = new ClaimReader(item, "nats.mappings");
          return {
            subject: reader.string("subject"),
            weight: reader.integer("weight") || 100,
            cluster: reader.string("cluster"),
          };
        }),
      ];
    }),
  );
}

/** What is wrong with the claims at `now` (milliseconds). */
export function validateAccountClaims(
  account: AccountClaims,
  now: number,
): Issues {
  const issues = new Issues();
  const { claims, limits, jetstream } = account;
  checkTimes(claims, now, issues);
  checkImports(account.imports, claims.subject, issues);
  checkExports(account.exports, issues);
  if (jetstream.tiers.has("")) {
    issues.error(
      'Tiered JetStream Limits can not contain a blank "" tier name',
    );
  }
  checkPermissions(account.defaultPermissions, issues);
  checkMappings(account.mappings, issues);
  checkAuthorization(account.authorization, issues);
  checkTrace(account.trace, issues);
  checkLinkLimits(account, issues);
  for (const [key, scope] of account.signingKeys) {
    if (isPublicKey(key, "account")) continue;
    issues.error(
      scope === null
        ? `${quoteText(key)} is not a valid account signing key`
        : `${key} is not an account public key`,
    );
  }
  checkInfo(account.info, issues);
  if (!["", "system", "owner"].includes(account.clusterTraffic)) {
    issues.error(
      `unknown cluster traffic option: ${quoteText(account.clusterTraffic)}`,
    );
  }
  const isEmpty = Object.values(limits).every((limit) => !limit);
  if (isPublicKey(claims.issuer, "account") && !isEmpty) {
    issues.warning(
      "self-signed account JWTs shouldn't contain operator limits",
    );
  }
  return issues;
}

function checkMappings(
  mappings: AccountClaims["mappings"],
  issues: Issues,
): void {
  for (const [source, destinations] of mappings) {
    checkSubject(source, issues);
    const totals = new Map<string, number>();
    for (const { subject, weight, cluster } of destinations) {
      checkSubject(subject, issues);
      if (weight > 100) {
        issues.error(
          `Mapping ${
            quoteText(source)
          } has a weight ${weight} that exceeds 100`,
        );
      }
      totals.set(cluster, (totals.get(cluster) ?? 0) + weight);
    }
    for (const [cluster, total] of totals) {
      if (total <= 100) continue;
      const where = cluster === "" ? "" : ` in cluster ${quoteText(cluster)}`;
      issues.error(
        `Mapping ${
          quoteText(source)
        }${where} exceeds 100% among all of it's weighted to mappings`,
      );
    }
  }
}

function checkAuthorization(
  { authUsers, allowedAccounts, xkey }: ExternalAuthorization,
  issues: Issues,
): void {
  if (allowedAccounts.length > 0 && authUsers.length === 0) {
    issues.error(
      "External authorization cannot have accounts without users specified",
    );
  }
  for (const user of authUsers) {
    if (isPublicKey(user, "user")) continue;
    issues.error(`AuthUser ${quoteText(user)} is not a valid user public key`);
  }
  for (const account of allowedAccounts) {
    if (account === "*" && allowedAccounts.length > 1) {
      issues.error('AllowedAccounts can only be a list of accounts or "*"');
    } else if (account !== "*" && !isPublicKey(account, "account")) {
      issues.error(
        `Account ${quoteText(account)} is not a valid account public key`,
      );
    }
  }
  if (xkey !== "" && !isPublicKey(xkey, "curve")) {
    issues.error(`XKey ${quoteText(xkey)} is not a valid public xkey`);
  }
}

function checkTrace(trace: AccountClaims["trace"], issues: Issues): void {
  if (trace === undefined) return;
  const { destination, sampling } = trace;
  const own = new Issues();
  checkSubject(destination, own);
  const [first] = own.all;
  if (first !== undefined) {
    issues.error(`the account Trace.Destination ${first.description}`);
  }
  if (hasWildcard(destination)) {
    issues.error(
      `the account Trace.Destination subject ${
        quoteText(destination)
      } is not a valid publish subject`,
    );
  }
  if (sampling < 0 || sampling > 100) {
    issues.error(
      `the account Trace.Sampling value '${sampling}' is not valid, should be in the range [1..100]`,
    );
  }
}

function checkLinkLimits(
  { limits, imports, exports }: AccountClaims,
  issues: Issues,
): void {
  if (limits.imports !== -1 && imports.length > limits.imports) {
    const text =
      "the account contains more imports than allowed by the operator";
    // Go's library says so twice, unless no imports are allowed by accident.
    if (limits.imports >= 0) issues.error(text);
    issues.error(text);
  }
  if (limits.exports === -1) return;
  if (exports.length > limits.exports) {
    issues.error(
      "the account contains more exports than allowed by the operator",
    );
  }
  if (limits.wildcardExports) return;
  for (const entry of exports) {
    if (entry === undefined || !hasWildcard(entry.subject)) continue;
    issues.error(
      "the account contains wildcard exports that are not allowed by the operator",
    );
  }
}
