/**
 * Account JWTs that other servers, or account servers, have.
 *
 * @module
 */

import { type DirectoryResolver, ResolverError } from "../auth/mod.ts";
import type { Timer } from "../runtime/mod.ts";
import type { EventServer } from "./event_server.ts";
import type { SystemClient } from "./system_client.ts";

const INBOX_BYTES = 12;

/** Asks through the system account. Belongs to one server. */
export class RemoteJwts {
  readonly #server: EventServer;
  readonly #client: SystemClient;
  #ticker: Timer | null = null;

  constructor(server: EventServer, client: SystemClient) {
    this.#server = server;
    this.#client = client;
  }

  /** Asks for one JWT. @throws ResolverError when nobody has it in time */
  async fetch(account: string, timeout: number): Promise<string> {
    const { accounts: { system }, timers } = this.#server;
    const subject = `$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`;
    if (system === null || !this.#client.hasListeners(system, subject)) {
      throw new ResolverError("account jwt not found");
    }
    const reply = this.#inbox();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const end = this.#client.subscribe(system, reply, ({ body }) => {
      if (body.length > 0) resolve(new TextDecoder().decode(body));
      else reject(new ResolverError("account jwt not found"));
    });
    const timer = timers.after(
      timeout,
      () => reject(new ResolverError("fetching jwt timed out")),
    );
    const body = new Uint8Array(0);
    this.#client.publish({ account: system, subject, reply, body });
    try {
      return await promise;
    } finally {
      timer.cancel();
      end();
    }
  }

  /** Compares a directory with those of others now and then, and takes what is newer. */
  synchronise(resolver: DirectoryResolver, subject: string): void {
    const { accounts: { system }, timers, logger } = this.#server;
    if (system === null) return;
    const { directory } = resolver;
    const reply = this.#inbox();
    this.#client.subscribe(system, reply, ({ body }) => {
      if (body.length === 0) {
        logger.debug(
          `DirResolver - Merging finished and resulting in: ${directory.hash.toHex()}`,
        );
        return;
      }
      const before = directory.hash.toHex();
      try {
        directory.merge(new TextDecoder().decode(body));
        logger.debug(
          `DirResolver - Merging succeeded and changed ${before} to ${directory.hash.toHex()}`,
        );
      } catch (error) {
        if (!(error instanceof ResolverError)) throw error;
        logger.error(
          `DirResolver - Merging resulted in error: ${error.message}`,
        );
      }
    });
    this.#ticker = timers.every(resolver.syncInterval, () => {
      const body = directory.hash;
      logger.debug(`DirResolver - Checking store state: ${body.toHex()}`);
      this.#client.publish({ account: system, subject, reply, body });
    });
  }

  close(): void {
    this.#ticker?.cancel();
  }

  #inbox(): string {
    const bytes = new Uint8Array(INBOX_BYTES);
    this.#server.random.fill(bytes);
    return `$SYS._INBOX.${bytes.toHex()}`;
  }
}
