/**
 * Activations: tokens with which an account lets another import what demands
 * one.
 *
 * @module
 */

/** What a token says. Whoever reads it has verified its signature. */
export interface Activation {
  /** Key that signed it. */
  readonly issuer: string;
  /** Account for which a signing key signed; empty: the issuer is the account. */
  readonly issuerAccount: string;
  /** Account that may import. */
  readonly importer: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch; 0: at once. */
  readonly notBefore: number;
  /** Seconds since the epoch; 0: never. */
  readonly expires: number;
}

/** What an export demands of tokens. */
export interface ActivationTerms {
  /** Whether importers need a token. */
  readonly tokenRequired?: boolean;
  /** Importer (or `*`) and the time (seconds) up to which its tokens are void. */
  readonly revocations?: readonly (readonly [string, number])[];
}

/** Who wants to import. */
export interface Applicant {
  readonly account: string;
  readonly activation?: Activation | undefined;
  /** Wall time, milliseconds. */
  readonly now: number;
}

/** The account that grants, and the keys that sign for it. */
export interface Grantor {
  readonly name: string;
  readonly signers: readonly string[];
}

/** Whether a token gives its bearer what `terms` protect. */
export function isActivated(
  { account, activation, now }: Applicant,
  { revocations = [] }: ActivationTerms,
  grantor: Grantor,
): boolean {
  if (activation === undefined || activation.importer !== account) return false;
  if (!isTrusted(activation, grantor)) return false;
  const { issuedAt, notBefore, expires } = activation;
  const seconds = Math.floor(now / 1000);
  if (notBefore > seconds || (expires !== 0 && expires <= seconds)) {
    return false;
  }
  return !revocations.some(([importer, until]) =>
    (importer === account || importer === "*") && until >= issuedAt
  );
}

function isTrusted(
  { issuer, issuerAccount }: Activation,
  { name, signers }: Grantor,
): boolean {
  if (issuerAccount === "") return issuer === name;
  return issuerAccount === name && signers.includes(issuer);
}
