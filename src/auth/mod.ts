/**
 * Authentication and authorization: who a connection is and what it may do.
 *
 * Contract: decides, but never closes or answers a connection; fails closed.
 *
 * @module
 */

export * from "./authenticator.ts";
export type { CalloutContext } from "./callout/callout.ts";
export {
  CALLOUT_SUBJECT,
  type ServerIdentity,
  XKEY_HEADER,
} from "./callout/request.ts";
export type { CustomAuthentication, CustomUser } from "./custom.ts";
export * from "./identity.ts";
export { isBcrypt } from "./password.ts";
export * from "./permissions.ts";
export { ReplyGrants } from "./replies.ts";
export {
  type AccountListener,
  AccountLookupError,
  ClaimedAccounts,
} from "./operator/claimed_accounts.ts";
export { ClaimedAccount } from "./operator/claimed_account.ts";
export {
  checkPreload,
  checkPreloadable,
  createClaimedAccounts,
  createResolver,
  type OperatorOptions,
  preload,
} from "./operator/create.ts";
export {
  type ClaimAnswer,
  type ClaimRequestContext,
  ClaimRequests,
} from "./resolver/claim_requests.ts";
export { DirectoryResolver, type RemoteLookup } from "./resolver/directory.ts";
export { type AccountResolver, ResolverError } from "./resolver/resolver.ts";
export {
  type AccountClaims,
  accountOfToken,
  validateAccountClaims,
} from "./claims/account_claims.ts";
export { readActivation } from "./claims/activation_claims.ts";
export type {
  JetStreamClaims,
  JetStreamLimitClaims,
} from "./claims/jetstream_claims.ts";
export type { ExportClaim, ImportClaim } from "./claims/link_claims.ts";
export { certificateNames } from "./certificate/names.ts";
export { subjectText } from "./certificate/subject_text.ts";
export { OcspCache } from "./ocsp/cache.ts";
export { certificateFields, rawChains } from "./ocsp/chain.ts";
export { fingerprint, PeerCheck } from "./ocsp/peer_check.ts";
export { compilePermissions } from "./user_table.ts";
