/**
 * Decides who a connection is and what it may do.
 *
 * @module
 */

import type { Options } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Random, Workers } from "../runtime/mod.ts";
import { ConfiguredUsers, type UserOptions } from "./configured_users.ts";
import { ANONYMOUS, type AuthRequest, type Verdict } from "./identity.ts";
import { refuseProxy, TrustedProxies } from "./proxies.ts";

/** The options that authentication reads. */
export type AuthOptions = UserOptions & Pick<Options, "proxies">;

/** Tries the methods in their order. Replaced as a whole on reload. */
export class Authenticator {
  readonly #options: AuthOptions;
  readonly #users: ConfiguredUsers;
  readonly #proxies: TrustedProxies;

  constructor(
    options: AuthOptions,
    ports: { workers: Workers; random: Random },
    logger: Logger,
  ) {
    this.#options = options;
    this.#users = new ConfiguredUsers(options, ports, logger);
    this.#proxies = new TrustedProxies(options.proxies);
  }

  /** Whether clients must present credentials. */
  get required(): boolean {
    return this.#users.any;
  }

  /** Whether connections are given a nonce to sign. */
  get needsNonce(): boolean {
    return this.#users.hasNkeys || this.#proxies.any;
  }

  /** Whether clients are told that they need no credentials. */
  get admitsAnonymous(): boolean {
    return this.#options.noAuthUser !== "";
  }

  /** Whether a connection that sends no CONNECT is let in as `no_auth_user`. */
  get admitsWithoutConnect(): boolean {
    return this.#users.admitsWithoutConnect;
  }

  /** Whether some password stands in the configuration in clear text. */
  get hasPlaintextPasswords(): boolean {
    return this.#users.hasPlaintextPasswords;
  }

  /** Who the request proves to be. */
  authenticate(request: AuthRequest): Verdict | Promise<Verdict> {
    const proxy = this.#proxies.identify(request);
    if (proxy === undefined) return refuseProxy(request.log);
    if (!this.required) return { ...ANONYMOUS, proxy };
    return this.#users.authenticate(request, proxy);
  }

  /** Stops background work; pending checks fail. */
  close(): void {
    this.#users.close();
  }
}
