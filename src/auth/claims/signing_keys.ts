/**
 * Keys that sign for an account in place of its own, some of them only for
 * users of a prescribed kind.
 *
 * @module
 */

import { isObject, JwtError } from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";
import {
  isEmptyLimits,
  readUserPermissionLimits,
  type UserPermissionLimits,
} from "./permission_claims.ts";
import { ClaimReader } from "./reader.ts";
import type { UserClaims } from "./user_claims.ts";

/** What users signed by a key are. */
export interface UserScope {
  readonly key: string;
  readonly role: string;
  readonly template: UserPermissionLimits;
}

/** Keys; null: users are what their own JWT says. */
export type SigningKeys = ReadonlyMap<string, UserScope | null>;

/** Reads keys and scopes. @throws JwtError */
export function readSigningKeys(nats: ClaimReader): SigningKeys {
  const keys = new Map<string, UserScope | null>();
  for (const item of nats.list("signing_keys")) {
    if (typeof item === "string") keys.set(item, null);
    else if (isObject(item)) {
      const scope = readScope(new ClaimReader(item, "nats.signing_keys"));
      keys.set(scope.key, scope);
    }
  }
  return keys;
}

function readScope(reader: ClaimReader): UserScope {
  const kind = reader.string("kind");
  if (kind !== "user_scope") {
    throw new JwtError(`unknown signing key scope ${quoteText(kind)}`);
  }
  return {
    key: reader.string("key"),
    role: reader.string("role"),
    // Unlike in a user's own claims, a limit that is missing is none.
    template: readUserPermissionLimits(reader.object("template"), -1),
  };
}

/** Why a user can't be of the scope, or undefined. */
export function scopeProblem(
  { key }: UserScope,
  { claims, limits }: UserClaims,
): string | undefined {
  if (claims.issuer !== key) return "issuer not the scoped signer";
  return isEmptyLimits(limits)
    ? undefined
    : "scoped users require no permissions or limits set";
}
