/**
 * Permissions of claims in the form that configurations have.
 *
 * @module
 */

import type { Permissions, ResponsePermission } from "../../config/mod.ts";
import type {
  PermissionClaim,
  PermissionsClaim,
  ResponseClaim,
} from "../claims/permission_claims.ts";

const NANOS_PER_MILLI = 1_000_000;
const DEFAULT_RESPONSES: ResponsePermission = { max: 1, expires: 120_000 };

/** Undefined when the claims restrict nothing. */
export function toPermissions(
  { pub, sub, resp }: PermissionsClaim,
): Permissions | undefined {
  const restricts = [pub, sub].some(({ allow, deny }) =>
    allow.length > 0 || deny.length > 0
  );
  if (!restricts && resp === undefined) return undefined;
  const publish = direction(pub);
  const subscribe = direction(sub);
  if (resp === undefined) return { publish, subscribe };
  return {
    // Leave to respond replaces the leave to publish anywhere.
    publish: { ...publish, allow: publish.allow ?? [] },
    subscribe,
    responses: responses(resp),
  };
}

function direction({ allow, deny }: PermissionClaim): Permissions["publish"] {
  return { allow: allow.length > 0 ? allow : undefined, deny };
}

/** Zero means the default, negative no limit. */
function responses({ max, ttl }: ResponseClaim): ResponsePermission {
  return {
    max: max || DEFAULT_RESPONSES.max,
    expires: ttl === 0 ? DEFAULT_RESPONSES.expires : ttl / NANOS_PER_MILLI,
  };
}
