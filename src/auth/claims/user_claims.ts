/**
 * The claims of a user.
 *
 * @module
 */

import {
  type Claims,
  decodeJwt,
  isPublicKey,
  JwtError,
} from "../../config/mod.ts";
import {
  checkLimits,
  checkPermissions,
  readUserPermissionLimits,
  type UserPermissionLimits,
} from "./permission_claims.ts";
import { ClaimReader } from "./reader.ts";
import { checkTimes, Issues } from "./validation.ts";

/** A user's JWT, read. */
export interface UserClaims {
  readonly claims: Claims;
  readonly limits: UserPermissionLimits;
  /** Set when a signing key of that account is the issuer. */
  readonly issuerAccount: string;
  readonly tags: readonly string[];
}

/** Decodes the JWT of a user and verifies its signature. @throws JwtError */
export function decodeUserClaims(token: string): UserClaims {
  const claims = decodeJwt(token);
  if (claims.kind !== "user") throw new JwtError("not user claim");
  const nats = new ClaimReader(claims.nats, "nats");
  const isOld = claims.version === 1;
  // The first version keeps these outside, and takes absence for "no limit".
  const common = isOld ? new ClaimReader(claims.body, "claim") : nats;
  return {
    claims,
    limits: readUserPermissionLimits(nats, isOld ? -1 : 0),
    issuerAccount: common.string("issuer_account"),
    tags: common.strings("tags"),
  };
}

/** What is wrong with the claims at `now` (milliseconds). */
export function validateUserClaims(user: UserClaims, now: number): Issues {
  const issues = new Issues();
  checkTimes(user.claims, now, issues);
  checkPermissions(user.limits.permissions, issues);
  checkLimits(user.limits, issues);
  if (
    user.issuerAccount !== "" && !isPublicKey(user.issuerAccount, "account")
  ) issues.error("account_id is not an account public key");
  return issues;
}
