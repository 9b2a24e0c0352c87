/**
 * Activations: the claims with which an account lets another import.
 *
 * @module
 */

import { decodeJwt, JwtError } from "../../config/mod.ts";
import { ClaimReader } from "./reader.ts";

/** What a token says that holds by itself; whether it is honoured, its account decides. */
export interface ActivationClaims {
  readonly issuer: string;
  /** Account for which a signing key issued; empty: the issuer is the account. */
  readonly issuerAccount: string;
  /** Account that may import. */
  readonly importer: string;
  /** Seconds since the epoch, like the others; 0: not set. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expires: number;
}

/** Reads an activation token; undefined when it is none. */
export function readActivation(token: string): ActivationClaims | undefined {
  try {
    const claims = decodeJwt(token);
    if (claims.kind !== "activation") return undefined;
    const { issuer, subject, issuedAt, notBefore, expires } = claims;
    const nats = new ClaimReader(claims.nats, "nats");
    const issuerAccount = nats.string("issuer_account");
    const importer = subject;
    return { issuer, issuerAccount, importer, issuedAt, notBefore, expires };
  } catch (error) {
    if (error instanceof JwtError) return undefined;
    throw error;
  }
}
