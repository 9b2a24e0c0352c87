/**
 * Texts of `-ERR` as clients see them, which client libraries match literally.
 *
 * @module
 */

import { quoteBytes } from "../log/mod.ts";
import { encodeByteString } from "./bytes.ts";

export const ERR_UNKNOWN_OPERATION = "Unknown Protocol Operation";
export const ERR_MAX_CONTROL_LINE = "maximum control line exceeded";
export const ERR_MAX_PAYLOAD = "Maximum Payload Violation";
export const ERR_INVALID_SUBJECT = "Invalid Subject";
export const ERR_INVALID_PUBLISH_SUBJECT = "Invalid Publish Subject";
export const ERR_AUTHORIZATION = "Authorization Violation";
export const ERR_AUTH_TIMEOUT = "Authentication Timeout";
export const ERR_AUTH_EXPIRED = "User Authentication Expired";
export const ERR_ACCOUNT_EXPIRED = "Account Authentication Expired";
export const ERR_AUTH_REVOKED = "User Authentication Revoked";
export const ERR_MAX_CONNECTIONS = "maximum connections exceeded";
export const ERR_MAX_ACCOUNT_CONNECTIONS =
  "maximum account active connections exceeded";
export const ERR_MAX_SUBSCRIPTIONS = "maximum subscriptions exceeded";
export const ERR_BAD_CLIENT_PROTOCOL = "invalid client protocol";
export const ERR_NO_RESPONDERS_NEEDS_HEADERS =
  "no responders requires headers support";
export const ERR_STALE_CONNECTION = "Stale Connection";
export const ERR_TLS_REQUIRED = "Secure Connection - TLS Required";
export const ERR_THROTTLED =
  "Connection throttling is active. Please try again later.";

/** A byte string in quotes, as Go's `%q` writes it. */
export function quoteByteString(text: string): string {
  return quoteBytes(encodeByteString(text));
}

/** A publish that the user's permissions do not cover. Takes the quoted subject. */
export function publishViolation(subject: string): string {
  return `Permissions Violation for Publish to ${subject}`;
}

/** A publish whose reply subject is reserved for the server. Takes it quoted. */
export function replyViolation(reply: string): string {
  return `Permissions Violation for Publish with Reply of ${reply}`;
}

/** A subscription that the user's permissions do not cover. Takes both quoted. */
export function subscriptionViolation(
  subject: string,
  queue: string | null,
): string {
  const base = `Permissions Violation for Subscription to ${subject}`;
  return queue === null ? base : `${base} using queue ${queue}`;
}

/** A subscription with more tokens than `max_subscription_tokens`. Takes it quoted. */
export function tokensViolation(subject: string): string {
  return `Permissions Violation for Subscription to ${subject}, too many tokens`;
}
