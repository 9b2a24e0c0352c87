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

  reload(): void {
    // What the configuration says is stored by whoever reads it.
  }

  close(): void {
    // Holds nothing but memory.
  }
}
