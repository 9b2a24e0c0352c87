/**
 * Decides who a connection is and what it may do, from the static users,
 * password or token of the configuration.
 *
 * @module
 */

import type { ConnectionType, Options, UserEntry } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { ConnectOptions } from "../protocol/mod.ts";
import type { Random, TlsState, Workers } from "../runtime/mod.ts";
import { isBcrypt, PasswordChecker } from "./password.ts";
import { CompiledPermissions } from "./permissions.ts";

/** What is known of a connection that wants in. */
export interface AuthRequest {
  readonly connect: ConnectOptions;
  readonly connectionType: ConnectionType;
  /** Null without TLS. */
  readonly tls: TlsState | null;
}

/** Who a connection turned out to be. */
export interface Identity {
  /** Name for logs and monitoring; empty for anonymous connections. */
  readonly user: string;
  /** Account name; undefined for the global account. */
  readonly account: string | undefined;
  /** Null when nothing is restricted. */
  readonly permissions: CompiledPermissions | null;
}

const ANONYMOUS: Identity = {
  user: "",
  account: undefined,
  permissions: null,
};

/** The options that authentication reads. */
export type AuthOptions = Pick<
  Options,
  | "users"
  | "username"
  | "password"
  | "authorization"
  | "noAuthUser"
  | "proxyRequired"
>;

interface User {
  readonly entry: UserEntry;
  readonly permissions: CompiledPermissions | null;
}

/** Replaced as a whole when the configuration is reloaded. */
export class Authenticator {
  readonly #options: AuthOptions;
  readonly #users = new Map<string, User>();
  readonly #passwords: PasswordChecker;

  constructor(
    options: AuthOptions,
    ports: { workers: Workers; random: Random },
    logger: Logger,
  ) {
    this.#options = options;
    this.#passwords = new PasswordChecker(ports.workers);
    for (const entry of options.users) {
      this.#users.set(entry.username, {
        entry,
        permissions: compile(entry, ports.random, logger),
      });
    }
  }

  /** Whether clients must present credentials. */
  get required(): boolean {
    const { username, authorization } = this.#options;
    return this.#users.size > 0 || username !== "" || authorization !== "";
  }

  /** Whether a connection that says nothing is let in as `no_auth_user`. */
  get admitsAnonymous(): boolean {
    return this.#users.has(this.#options.noAuthUser);
  }

  /** Whether some password stands in the configuration in clear text. */
  get hasPlaintextPasswords(): boolean {
    const { password, authorization } = this.#options;
    const passwords = [...this.#users.values()].map((user) =>
      user.entry.password
    );
    return [...passwords, password, authorization].some((text) =>
      text !== "" && !isBcrypt(text)
    );
  }

  /** The identity that the request proves, or null when it proves none. */
  authenticate(
    request: AuthRequest,
  ): Identity | null | Promise<Identity | null> {
    if (!this.required) return ANONYMOUS;
    const { connect } = request;
    const named = this.#findUser(connect);
    if (named !== undefined) return this.#checkUser(named, request);
    if (this.#users.size > 0 && connect.user !== "") return null;
    const { username, password, authorization, proxyRequired } = this.#options;
    if (proxyRequired) return null;
    if (authorization !== "") {
      return this.#check(authorization, connect.auth_token, ANONYMOUS);
    }
    if (username === "" || connect.user !== username) return null;
    return this.#check(password, connect.pass, {
      ...ANONYMOUS,
      user: username,
    });
  }

  /** Stops background work; pending checks fail. */
  close(): void {
    this.#passwords.close();
  }

  #findUser(connect: ConnectOptions): User | undefined {
    const { noAuthUser } = this.#options;
    const silent = connect.user === "" && connect.pass === "" &&
      connect.auth_token === "";
    if (silent && noAuthUser !== "") {
      const user = this.#users.get(noAuthUser);
      if (user !== undefined) {
        // Logs, monitoring and the checks see the user as if named.
        connect.user = user.entry.username;
        connect.pass = user.entry.password;
        return user;
      }
    }
    return connect.user === "" ? undefined : this.#users.get(connect.user);
  }

  #checkUser(
    user: User,
    request: AuthRequest,
  ): Identity | null | Promise<Identity | null> {
    const { entry, permissions } = user;
    const types = entry.allowedConnectionTypes;
    if (types !== undefined && !types.has(request.connectionType)) return null;
    // Only proxies that the configuration trusts count, and none can be yet.
    if (entry.proxyRequired) return null;
    return this.#check(entry.password, request.connect.pass, {
      user: entry.username,
      account: entry.account,
      permissions,
    });
  }

  #check(
    configured: string,
    given: string,
    identity: Identity,
  ): Identity | null | Promise<Identity | null> {
    const outcome = this.#passwords.check(configured, given);
    if (typeof outcome === "boolean") return outcome ? identity : null;
    return outcome.then((matches) => matches ? identity : null);
  }
}

function compile(
  entry: UserEntry,
  random: Random,
  logger: Logger,
): CompiledPermissions | null {
  if (entry.permissions === undefined) return null;
  const compiled = new CompiledPermissions(
    entry.permissions,
    random.below(2 ** 31),
  );
  for (const { kind, text } of compiled.invalid) {
    logger.error(`invalid ${kind} subject "${text}"`);
  }
  return compiled;
}
