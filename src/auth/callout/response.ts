/**
 * What an external authentication service answers.
 *
 * @module
 */

import { decodeJwt, JwtError } from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";
import { ClaimReader } from "../claims/reader.ts";
import { decodeUserClaims, type UserClaims } from "../claims/user_claims.ts";
import { checkTimes, Issues } from "../claims/validation.ts";

/** An answer that lets nobody in. The message is for logs. */
export class CalloutError extends Error {
  override readonly name = "CalloutError";
}

/** What the answer must fit. */
export interface ExpectedResponse {
  /** Key that the request was about. */
  readonly userKey: string;
  readonly serverId: string;
  readonly now: number;
  /** Why the signer can't answer for the service, or undefined; null: encryption vouches for it. */
  signerProblem:
    | ((issuer: string, issuerAccount: string) => string | undefined)
    | null;
}

/** The user's claims in an answer. @throws CalloutError or JwtError */
export function readResponse(
  token: string,
  { userKey, serverId, now, signerProblem }: ExpectedResponse,
): UserClaims {
  const claims = decodeJwt(token);
  if (claims.kind !== "authorization_response") {
    throw new JwtError("not an authorization request claim");
  }
  const nats = new ClaimReader(claims.nats, "nats");
  const issues = new Issues();
  checkTimes(claims, now, issues);
  const [issue] = issues.all;
  if (issue !== undefined) {
    refuse(
      `authorization response had validation errors: ${issue.description}`,
    );
  }
  if (claims.subject !== userKey) {
    refuse(
      "auth callout violation: auth callout response is not for expected user",
    );
  }
  if (claims.audience !== serverId) {
    refuse("auth callout violation: auth callout response is not for server");
  }
  const problem = signerProblem?.(
    claims.issuer,
    nats.string("issuer_account"),
  );
  if (problem !== undefined) refuse(problem);
  const error = nats.string("error");
  if (error !== "") {
    refuse(`auth callout service returned an error: ${error}`);
  }
  const user = decodeUserClaims(nats.string("jwt"));
  if (user.claims.subject !== userKey) {
    refuse(
      `Expected authorized user of ${quoteText(userKey)} but got ${
        quoteText(user.claims.subject)
      }`,
    );
  }
  return user;
}

function refuse(reason: string): never {
  throw new CalloutError(reason);
}
