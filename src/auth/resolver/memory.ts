/**
 * Account JWTs that the configuration brings along.
 *
 * @module
 */

import { type AccountResolver, ResolverError } from "./resolver.ts";

/** Keeps JWTs for as long as the server runs. */
export class MemoryResolver implements AccountResolver {
  readonly readOnly = false;
  readonly #tokens = new Map<string, string>();

  start(): Promise<void> {
    return Promise.resolve();
  }

  fetch(account: string): Promise<string> {
    const token = this.#tokens.get(account);
    return token === undefined
      ? Promise.reject(new ResolverError("account missing"))
      : Promise.resolve(token);
  }

  store(account: string, token: string): void {
    this.#tokens.set(account, token);
  }

  /** Forgets all; what the configuration says now is stored thereafter. */
  reload(): void {
    this.#tokens.clear();
  }

  close(): void {
    // Holds nothing but memory.
  }
}
