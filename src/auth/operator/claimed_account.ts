/**
 * An account that is known by its JWT.
 *
 * @module
 */

import type { Permissions } from "../../config/mod.ts";
import type {
  AccountClaims,
  ExternalAuthorization,
} from "../claims/account_claims.ts";
import { isRevoked } from "../claims/link_claims.ts";
import type { SigningKeys, UserScope } from "../claims/signing_keys.ts";
import { toPermissions } from "./permissions_of_claims.ts";

/** The state of one account; its claims are replaced as a whole. */
export class ClaimedAccount {
  #claims: AccountClaims;
  #signingKeys: SigningKeys;
  #token: string;
  #defaultPermissions: Permissions | undefined;
  /** Whether the JWT's time is over, or the account was deleted. */
  expired = false;
  /** Wall time of the last update, milliseconds. */
  updated = 0;
  /** Accounts that the present claims import from are being looked for; null: nobody has looked yet. */
  exporters: Promise<void> | null = null;
  /** Whether all accounts that imports lead to have been looked for. */
  settled = false;
  /** What follows from the present claims is being done; null: it is done. */
  following: Promise<void> | null = null;

  constructor(
    /** Public key, which is the account's name. */
    readonly key: string,
    token: string,
    claims: AccountClaims,
    strict: boolean,
  ) {
    this.#token = token;
    this.#claims = claims;
    this.#signingKeys = signingKeysOf(key, claims, strict);
    this.#defaultPermissions = toPermissions(claims.defaultPermissions);
  }

  get claims(): AccountClaims {
    return this.#claims;
  }

  /** The JWT itself. */
  get token(): string {
    return this.#token;
  }

  /** Name for people; the key identifies the account. */
  get title(): string {
    return this.#claims.claims.name;
  }

  /** Key and name, as logs show them. */
  get label(): string {
    return this.title === "" ? this.key : `${this.key}/${this.title}`;
  }

  /** Key of the operator that vouches for the account. */
  get issuer(): string {
    return this.#claims.claims.issuer;
  }

  get signingKeys(): SigningKeys {
    return this.#signingKeys;
  }

  /** Of users without permissions of their own. */
  get defaultPermissions(): Permissions | undefined {
    return this.#defaultPermissions;
  }

  /** Undefined: the server itself decides about users. */
  get externalAuthorization(): ExternalAuthorization | undefined {
    const { authorization } = this.#claims;
    return authorization.authUsers.length > 0 ? authorization : undefined;
  }

  /** Takes newer claims. */
  replace(token: string, claims: AccountClaims, strict: boolean): void {
    this.#token = token;
    this.#claims = claims;
    this.exporters = null;
    this.settled = false;
    this.#signingKeys = signingKeysOf(this.key, claims, strict);
    this.#defaultPermissions = toPermissions(claims.defaultPermissions);
  }

  /** The scope of a key that may sign for the account (null: none); undefined for other keys. */
  scopeOf(signer: string): UserScope | null | undefined {
    return this.#signingKeys.get(signer);
  }

  /** Whether what was issued (seconds) for the user is revoked. */
  revokes(user: string, issuedAt: number): boolean {
    return isRevoked(this.#claims.revocations, user, issuedAt);
  }
}

function signingKeysOf(
  key: string,
  { signingKeys }: AccountClaims,
  strict: boolean,
): SigningKeys {
  return strict ? signingKeys : new Map([...signingKeys, [key, null]]);
}
