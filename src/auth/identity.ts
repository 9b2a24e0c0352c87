/**
 * The question that authentication answers, and its answers.
 *
 * @module
 */

import type { ConnectionType } from "../config/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import type { ConnectOptions } from "../protocol/mod.ts";
import type { TlsState } from "../runtime/mod.ts";
import type { CompiledPermissions } from "./permissions.ts";

/** Where a refusal's cause is told; the lines get the connection's name. */
export interface ConnectionLog {
  debug(text: string): void;
  error(text: string): void;
}

/** What is known of a connection that wants in. */
export interface AuthRequest {
  /** Users that were found otherwise than by name are named in it. */
  readonly connect: ConnectOptions;
  readonly connectionType: ConnectionType;
  /** Number of the connection. */
  readonly id: number;
  /** Address of the client, or what a PROXY header told. */
  readonly host: string;
  /** What the server asked the client to sign; empty: nothing. */
  readonly nonce: string;
  /** Null without TLS. */
  readonly tls: TlsState | null;
  readonly log: ConnectionLog;
  /** Whether the connection has ended meanwhile, and nobody needs an answer. */
  readonly isGone: () => boolean;
}

/** Limits of one user; -1 is unlimited. */
export interface UserLimits {
  /** Bytes. */
  readonly maxPayload: number;
  readonly maxSubscriptions: number;
}

/** How a user with a JWT came in; what later changes of its account are checked against. */
export interface JwtOrigin {
  /** Public key of the user. */
  readonly user: string;
  /** The user's name for people. */
  readonly name: string;
  /** Key that signed the user's JWT. */
  readonly issuer: string;
  /** Whether the issuer is a signing key of the account. */
  readonly bySigningKey: boolean;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly bearer: boolean;
  /** Whether permissions are the account's default ones. */
  readonly usesDefaultPermissions: boolean;
  readonly tags: readonly string[];
}

/** Who a connection turned out to be. */
export interface Identity {
  /** Name for logs and monitoring; empty for anonymous connections. */
  readonly user: string;
  /** Account name; undefined for the global account. */
  readonly account: string | undefined;
  /** Null when nothing is restricted. */
  readonly permissions: CompiledPermissions | null;
  readonly limits: UserLimits;
  /** Wall time (milliseconds) at which the connection ends; undefined: never. */
  readonly expires: number | undefined;
  /** Public key of the trusted proxy in between; empty: none. */
  readonly proxy: string;
  /** Null for users without a JWT. */
  readonly jwt: JwtOrigin | null;
}

/** Limits of those who have none of their own. */
export const UNLIMITED: UserLimits = { maxPayload: -1, maxSubscriptions: -1 };

/** Nobody in particular, who may do everything. */
export const ANONYMOUS: Identity = {
  user: "",
  account: undefined,
  permissions: null,
  limits: UNLIMITED,
  expires: undefined,
  proxy: "",
  jwt: null,
};

/** What the owners of a service's account hear of a refusal. */
export interface Announcement {
  /** Name of the account. */
  readonly account: string;
  readonly text: string;
  /** Who the client was while the service was asked; undefined: nobody yet. */
  readonly guest?: Identity;
}

/** An answer that keeps the connection out. The client is not told why. */
export class Refusal {
  /** @param announcement for an account other than the one that the client is in yet */
  constructor(
    readonly reason: CloseReason,
    readonly announcement?: Announcement,
  ) {}
}

/** Missing, wrong or insufficient credentials. */
export const NOT_AUTHENTICATED = new Refusal(
  CloseReason.AuthenticationViolation,
);

/** Who it is, or that it may not come in. */
export type Verdict = Identity | Refusal;
