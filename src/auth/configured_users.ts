/**
 * Authentication by what stands in the configuration: nkeys, certificates,
 * users with passwords, the token, the single user.
 *
 * @module
 */

import type { ConnectionType, Options } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import { quoteText } from "../log/mod.ts";
import type { Random, Workers } from "../runtime/mod.ts";
import {
  isCertificateUser,
  type MappingOptions,
} from "./certificate_identity.ts";
import { type Entrance, entranceFor } from "./entrance.ts";
import {
  ANONYMOUS,
  type AuthRequest,
  type Identity,
  NOT_AUTHENTICATED,
  type Refusal,
  type Verdict,
} from "./identity.ts";
import { isBcrypt, PasswordChecker } from "./password.ts";
import { demandProxy } from "./proxies.ts";
import { signatureProblem } from "./signature.ts";
import {
  allowsConnection,
  type NamedUser,
  type NkeyUser,
  UserTable,
} from "./user_table.ts";

/** The options that name users. */
export type UserOptions =
  & MappingOptions
  & Pick<
    Options,
    | "users"
    | "nkeys"
    | "username"
    | "password"
    | "authorization"
    | "noAuthUser"
    | "proxyRequired"
  >;

/** Replaced as a whole when the configuration is reloaded. */
export class ConfiguredUsers {
  readonly #options: UserOptions;
  readonly #table: UserTable;
  readonly #passwords: PasswordChecker;
  readonly #logger: Logger;

  constructor(
    options: UserOptions,
    ports: { workers: Workers; random: Random; process: { cores: number } },
    logger: Logger,
  ) {
    this.#options = options;
    this.#logger = logger;
    this.#table = new UserTable(options, ports.random, logger);
    this.#passwords = new PasswordChecker(
      ports.workers,
      ports.process.cores,
    );
    if (hasHashes(options)) this.#passwords.warmUp();
  }

  /** Whether there are any. */
  get any(): boolean {
    const { username, authorization } = this.#options;
    return this.#table.hasNamed || this.#table.hasNkeys || username !== "" ||
      authorization !== "";
  }

  /** Whether some user signs a nonce. */
  get hasNkeys(): boolean {
    return this.#table.hasNkeys;
  }

  /** Whether `no_auth_user` has a name, and not just a key. */
  get admitsWithoutConnect(): boolean {
    return this.#table.byName(this.#options.noAuthUser) !== undefined;
  }

  /** Whether some password stands in the configuration in clear text. */
  get hasPlaintextPasswords(): boolean {
    const { password } = this.#options;
    if (password !== "" && !isBcrypt(password)) return true;
    return [...this.#table.named()].some(({ entry }) =>
      !isBcrypt(entry.password) &&
      (entry.password !== "" || !isCertificateUser(entry, this.#options))
    );
  }

  /** @param proxy key of the trusted proxy that the client came through, or empty */
  authenticate(
    request: AuthRequest,
    proxy: string,
  ): Verdict | Promise<Verdict> {
    const user = this.#find(request);
    if (user === "unknown") return NOT_AUTHENTICATED;
    if (user === undefined) return this.#checkSimple(request, proxy);
    const { log } = request;
    if (user.entry.proxyRequired && proxy === "") return demandProxy(log);
    return user.kind === "nkey"
      ? this.#checkNkey(user, request, proxy)
      : this.#checkNamed(user, request, proxy);
  }

  /** The configured user that a client says to be, proven or not; empty: none. */
  claimedName({ connect, connectionType }: AuthRequest): string {
    const { username, authorization } = this.#entrance(connectionType);
    const byNkey = this.#table.byNkey(connect.nkey);
    if (byNkey !== undefined) return byNkey.name;
    const byName = this.#table.byName(connect.user);
    if (byName !== undefined && connect.nkey === "") return byName.name;
    const isSingle = authorization === "" && username !== "" &&
      connect.user === username;
    return isSingle ? username : "";
  }

  /** Whether there is a user of that key or, without one, of that name. */
  lists(nkey: string, name: string): boolean {
    return nkey === ""
      ? this.#table.byName(name) !== undefined
      : this.#table.byNkey(nkey) !== undefined;
  }

  close(): void {
    this.#passwords.close();
  }

  /** The user who it says to be; undefined when it names none. */
  #find(request: AuthRequest): NkeyUser | NamedUser | "unknown" | undefined {
    const { connect, connectionType } = request;
    const permitted = <T extends NkeyUser | NamedUser>(user: T | undefined) =>
      user !== undefined &&
        allowsConnection(user.entry.allowedConnectionTypes, connectionType)
        ? user
        : "unknown";
    if (this.#table.hasNkeys) {
      const { noAuthUser } = this.#entrance(connectionType);
      if (isSilent(request) && this.#table.byNkey(noAuthUser) !== undefined) {
        connect.nkey = noAuthUser;
      }
      if (connect.nkey !== "") {
        return permitted(this.#table.byNkey(connect.nkey));
      }
    }
    if (!this.#table.hasNamed) return undefined;
    const { tlsMap } = this.#entrance(connectionType);
    if (tlsMap) return this.#findByCertificate(request);
    this.#nameSilent(request);
    return connect.user === ""
      ? undefined
      : permitted(this.#table.byName(connect.user));
  }

  #findByCertificate(request: AuthRequest): NamedUser | "unknown" {
    const user = this.#table.byCertificate(request);
    if (user === undefined) return "unknown";
    const { connect } = request;
    if (connect.user !== "") {
      this.#logger.warn(
        `User ${
          quoteText(connect.user)
        } found in connect proto, but user required from cert`,
      );
    }
    connect.user = user.name;
    return user;
  }

  /** Logs, monitoring and the checks see `no_auth_user` as if it had been named. */
  #nameSilent({ connect, connectionType }: AuthRequest): void {
    const { noAuthUser } = this.#entrance(connectionType);
    const { user, pass, auth_token } = connect;
    if (user !== "" || pass !== "" || auth_token !== "") return;
    const named = this.#table.byName(noAuthUser);
    if (named === undefined) return;
    connect.user = named.name;
    connect.pass = named.entry.password;
  }

  #checkNkey(
    user: NkeyUser,
    { connect, connectionType, nonce, log }: AuthRequest,
    proxy: string,
  ): Verdict {
    // Who says nothing is let in without a proof.
    if (user.name !== this.#entrance(connectionType).noAuthUser) {
      const problem = signatureProblem(user.name, connect.sig, nonce);
      if (problem !== undefined) {
        log.debug(problem);
        return NOT_AUTHENTICATED;
      }
    }
    return this.#identity(user, proxy);
  }

  #checkNamed(
    user: NamedUser,
    request: AuthRequest,
    proxy: string,
  ): Verdict | Promise<Verdict> {
    const { connect, connectionType, log } = request;
    const { entry, name } = user;
    const { tlsMap, noAuthUser } = this.#entrance(connectionType);
    const needsCertificate = !tlsMap && entry.password === "" &&
      name !== noAuthUser && isCertificateUser(entry, this.#options);
    if (needsCertificate) {
      log.debug(`User ${quoteText(name)} requires a client certificate`);
      return NOT_AUTHENTICATED;
    }
    const { pass } = connect;
    return this.#check(
      request,
      entry.password,
      pass,
      this.#identity(user, proxy),
    );
  }

  /** Token, or the one user outside of lists. */
  #checkSimple(
    request: AuthRequest,
    proxy: string,
  ): Verdict | Promise<Verdict> {
    const { connect, connectionType, log } = request;
    const { proxyRequired } = this.#options;
    const { username, password, authorization } = this.#entrance(
      connectionType,
    );
    if (proxyRequired && proxy === "") return demandProxy(log);
    if (authorization !== "") {
      return this.#check(request, authorization, connect.auth_token, {
        ...ANONYMOUS,
        proxy,
      });
    }
    if (username === "" || connect.user !== username) return NOT_AUTHENTICATED;
    return this.#check(request, password, connect.pass, {
      ...ANONYMOUS,
      user: username,
      proxy,
    });
  }

  #entrance(type: ConnectionType): Entrance {
    return entranceFor(this.#options, type);
  }

  #identity(user: NamedUser | NkeyUser, proxy: string): Identity {
    const { name, entry, permissions } = user;
    const expires = user.kind === "named"
      ? user.entry.connectionDeadline
      : undefined;
    return {
      ...ANONYMOUS,
      user: name,
      account: entry.account,
      permissions,
      expires,
      proxy,
    };
  }

  #check(
    { isGone }: AuthRequest,
    configured: string,
    given: string,
    identity: Identity,
  ): Verdict | Promise<Verdict> {
    const judge = (matches: boolean): Identity | Refusal =>
      matches ? identity : NOT_AUTHENTICATED;
    const outcome = this.#passwords.check(configured, given, isGone);
    return typeof outcome === "boolean" ? judge(outcome) : outcome.then(judge);
  }
}

/** Whether some password is a hash, which takes a thread to check. */
function hasHashes({ users, password, authorization }: UserOptions): boolean {
  return [password, authorization, ...users.map((user) => user.password)]
    .some(isBcrypt);
}

/** Whether a connection brought no credentials at all. */
function isSilent({ connect }: AuthRequest): boolean {
  const { user, pass, auth_token, nkey } = connect;
  return [user, pass, auth_token, nkey].every((text) => text === "");
}
