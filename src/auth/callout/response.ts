/**
 * What an external authentication service answers.
 *
 * @module
 */

import {
  type Claims,
  decodeJwt,
  isPublicKey,
  JwtError,
} from "../../config/mod.ts";
import { CloseReason } from "../../connection/mod.ts";
import { ClaimReader } from "../claims/reader.ts";
import { decodeUserClaims, type UserClaims } from "../claims/user_claims.ts";
import { checkTimes, type Issue, Issues } from "../claims/validation.ts";

/** An answer that lets nobody in. The message is for logs and the service's account. */
export class CalloutError extends Error {
  override readonly name = "CalloutError";

  constructor(
    message: string,
    readonly reason: CloseReason = CloseReason.AuthenticationViolation,
  ) {
    super(message);
  }
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

/** The claims of some user in an answer. @throws CalloutError or JwtError */
export function readResponse(
  response: string,
  { userKey, serverId, now, signerProblem }: ExpectedResponse,
): UserClaims {
  const claims = decodeJwt(response);
  if (claims.kind !== "authorization_response") {
    throw new JwtError("not an authorization request claim");
  }
  const nats = new ClaimReader(claims.nats, "nats");
  const error = nats.string("error");
  const token = nats.string("jwt");
  const issuerAccount = nats.string("issuer_account");
  const [issue] = issuesOf(claims, { error, token, issuerAccount }, now);
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
  const problem = signerProblem?.(claims.issuer, issuerAccount);
  if (problem !== undefined) refuse(problem);
  if (error !== "") {
    refuse(`auth callout service returned an error: ${error}`);
  }
  return decodeUserClaims(token);
}

/** What is wrong with an answer whoever it is for. */
function issuesOf(
  claims: Claims,
  { error, token, issuerAccount }: {
    error: string;
    token: string;
    issuerAccount: string;
  },
  now: number,
): readonly Issue[] {
  const issues = new Issues();
  if (!isPublicKey(claims.subject, "user")) {
    issues.error("Subject must be a user public key");
  }
  if (!isPublicKey(claims.audience, "server")) {
    issues.error("Audience must be a server public key");
  }
  if (error === "" && token === "") issues.error("Error or Jwt is required");
  if (error !== "" && token !== "") {
    issues.error("Only Error or Jwt can be set");
  }
  if (issuerAccount !== "" && !isPublicKey(issuerAccount, "account")) {
    issues.error("issuer_account is not an account public key");
  }
  checkTimes(claims, now, issues);
  return issues.all;
}

function refuse(reason: string): never {
  throw new CalloutError(reason);
}
