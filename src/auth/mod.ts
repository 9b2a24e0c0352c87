/**
 * Authentication and authorization: who a connection is and what it may do.
 *
 * Contract: decides, but never closes or answers a connection; fails closed.
 *
 * @module
 */

export * from "./authenticator.ts";
export * from "./identity.ts";
export { isBcrypt } from "./password.ts";
export * from "./permissions.ts";
export { ReplyGrants } from "./replies.ts";
