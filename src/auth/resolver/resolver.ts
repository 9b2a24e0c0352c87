/**
 * Where account JWTs come from.
 *
 * @module
 */

/** An account JWT that could not be had. The message is for logs. */
export class ResolverError extends Error {
  override readonly name = "ResolverError";
}

/** Finds JWTs of accounts by their public keys. */
export interface AccountResolver {
  /** Whether `store` always fails. */
  readonly readOnly: boolean;
  /** Makes ready. @throws ResolverError when it can't work */
  start(): Promise<void>;
  /** @throws ResolverError */
  fetch(account: string): Promise<string>;
  /** Keeps a JWT unless a newer one is known. @throws ResolverError */
  store(account: string, token: string): void;
  /** Looks anew at what it keeps. */
  reload(): void;
  close(): void;
}
