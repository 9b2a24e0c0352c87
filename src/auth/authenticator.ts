/**
 * Decides who a connection is and what it may do.
 *
 * @module
 */

import type { ConnectionType, Options } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { ConnectOptions } from "../protocol/mod.ts";
import type { Clock, Random, Workers } from "../runtime/mod.ts";
import { type CustomAuthentication, judgeByEmbedder } from "./custom.ts";
import { Callout, type CalloutContext } from "./callout/callout.ts";
import { Delegation } from "./callout/delegation.ts";
import { ConfiguredUsers, type UserOptions } from "./configured_users.ts";
import type { ClaimedAccounts } from "./operator/claimed_accounts.ts";
import { isOverridden } from "./entrance.ts";
import { type JwtUserOptions, JwtUsers } from "./operator/jwt_users.ts";
import { ANONYMOUS, type AuthRequest, type Verdict } from "./identity.ts";
import { refuseProxy, TrustedProxies } from "./proxies.ts";

/** The options that authentication reads. */
export type AuthOptions =
  & UserOptions
  & JwtUserOptions
  & Pick<Options, "proxies" | "authCallout">;

/** What authentication needs of the platform, and of an embedder. */
export interface AuthPorts {
  readonly workers: Workers;
  readonly random: Random;
  readonly clock: Clock;
  readonly process: { readonly cores: number };
  /** Decides alone if there is one. */
  readonly custom?: CustomAuthentication | undefined;
  /** Whether clients are not told that they need no credentials. */
  readonly hidesGuest?: boolean;
}

/** Tries the methods in their order. Replaced as a whole on reload. */
export class Authenticator {
  readonly #options: AuthOptions;
  readonly #users: ConfiguredUsers;
  readonly #proxies: TrustedProxies;
  readonly #jwtUsers: JwtUsers | null;
  readonly #accounts: ClaimedAccounts | null;
  readonly #delegation: Delegation;
  readonly #ports: AuthPorts;
  readonly #logger: Logger;

  /** @param accounts accounts of trusted operators; null: users need no JWT */
  constructor(
    options: AuthOptions,
    ports: AuthPorts,
    logger: Logger,
    accounts: ClaimedAccounts | null,
    callout: CalloutContext,
  ) {
    this.#options = options;
    this.#ports = ports;
    this.#logger = logger;
    this.#users = new ConfiguredUsers(options, ports, logger);
    this.#proxies = new TrustedProxies(options.proxies);
    this.#jwtUsers = accounts === null
      ? null
      : new JwtUsers(options, accounts, { ...ports, logger });
    this.#accounts = accounts;
    this.#delegation = new Delegation(
      new Callout(callout),
      options.authCallout,
      ports.random,
    );
  }

  /** Whether clients must present credentials. */
  get required(): boolean {
    return this.#ports.custom !== undefined || this.usesJwts ||
      this.#users.any;
  }

  /** The same of clients that come in by one kind of listener. */
  requires(type: ConnectionType): boolean {
    return this.required || isOverridden(this.#options, type);
  }

  /** Whether users are known by JWTs; without that a JWT says nothing. */
  get usesJwts(): boolean {
    return this.#jwtUsers !== null;
  }

  /** Whether connections are given a nonce to sign. */
  get needsNonce(): boolean {
    return this.usesJwts || this.#users.hasNkeys || this.#proxies.any;
  }

  /** Whether clients are told that they need no credentials. */
  get admitsAnonymous(): boolean {
    return this.#options.noAuthUser !== "" && this.#ports.hidesGuest !== true;
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
    const { custom } = this.#ports;
    if (custom !== undefined) {
      const tools = { random: this.#ports.random, logger: this.#logger };
      return judgeByEmbedder(custom, request, proxy, tools);
    }
    if (this.#jwtUsers !== null && this.#accounts !== null) {
      return this.#judgeJwt(this.#jwtUsers, this.#accounts, request, proxy);
    }
    const verdict = this.requires(request.connectionType)
      ? this.#users.authenticate(request, proxy)
      : { ...ANONYMOUS, proxy };
    return this.#options.authCallout === undefined
      ? verdict
      : this.#judgeConfigured(verdict, request, proxy);
  }

  /** Whether whoever a CONNECT names may be somebody; false: it is nobody any more. */
  lists({ nkey, user }: Pick<ConnectOptions, "nkey" | "user">): boolean {
    return this.#ports.custom !== undefined || this.usesJwts ||
      (nkey === "" && user === "") ||
      this.#users.lists(nkey, user);
  }

  async #judgeJwt(
    users: JwtUsers,
    accounts: ClaimedAccounts,
    request: AuthRequest,
    proxy: string,
  ): Promise<Verdict> {
    const examined = await users.examine(request, proxy);
    return this.#delegation.overClaimed(examined, accounts, request, proxy);
  }

  async #judgeConfigured(
    verdict: Verdict | Promise<Verdict>,
    request: AuthRequest,
    proxy: string,
  ): Promise<Verdict> {
    const own = await verdict;
    const user = this.#users.claimedName(request);
    return this.#delegation.overConfigured(own, user, request, proxy);
  }

  /** Stops background work; pending checks fail. */
  close(): void {
    this.#users.close();
  }
}
