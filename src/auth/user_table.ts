/**
 * The users that the configuration names: by password, nkey or certificate.
 *
 * @module
 */

import type {
  ConnectionType,
  NkeyEntry,
  Options,
  Permissions,
  UserEntry,
} from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Random } from "../runtime/mod.ts";
import {
  type DistinguishedName,
  NameSyntaxError,
  parseDistinguishedName,
  sameName,
  sameRelativeNames,
} from "./certificate/distinguished_name.ts";
import { matchCertificate } from "./certificate/match.ts";
import type { AuthRequest } from "./identity.ts";
import { CompiledPermissions } from "./permissions.ts";

/** A user with a name and perhaps a password. */
export interface NamedUser {
  readonly kind: "named";
  readonly name: string;
  readonly entry: UserEntry;
  readonly permissions: CompiledPermissions | null;
  /** The name as a certificate's subject; undefined when it is none. */
  readonly subject: DistinguishedName | undefined;
}

/** A user who is known by a key. */
export interface NkeyUser {
  readonly kind: "nkey";
  readonly name: string;
  readonly entry: NkeyEntry;
  readonly permissions: CompiledPermissions | null;
}

/** The users of the authorization block and of all accounts. */
export class UserTable {
  readonly #named = new Map<string, NamedUser>();
  readonly #byNkey = new Map<string, NkeyUser>();

  constructor(
    { users, nkeys }: Pick<Options, "users" | "nkeys">,
    random: Random,
    logger: Logger,
  ) {
    for (const entry of users) {
      this.#named.set(entry.username, {
        kind: "named",
        name: entry.username,
        entry,
        permissions: compilePermissions(entry.permissions, random, logger),
        subject: distinguishedName(entry.username),
      });
    }
    for (const entry of nkeys) {
      this.#byNkey.set(entry.nkey, {
        kind: "nkey",
        name: entry.nkey,
        entry,
        permissions: compilePermissions(entry.permissions, random, logger),
      });
    }
  }

  get hasNamed(): boolean {
    return this.#named.size > 0;
  }

  get hasNkeys(): boolean {
    return this.#byNkey.size > 0;
  }

  named(): Iterable<NamedUser> {
    return this.#named.values();
  }

  byName(name: string): NamedUser | undefined {
    return this.#named.get(name);
  }

  byNkey(nkey: string): NkeyUser | undefined {
    return this.#byNkey.get(nkey);
  }

  /** The user that the client's certificate names. */
  byCertificate(
    { tls, connectionType, log }: AuthRequest,
  ): NamedUser | undefined {
    const allowed = (user: NamedUser | undefined) =>
      user !== undefined &&
        allowsConnection(user.entry.allowedConnectionTypes, connectionType)
        ? user
        : undefined;
    return matchCertificate(tls, {
      byName: (name) => allowed(this.#named.get(name)),
      byDistinguishedName: (name) => {
        const users = [...this.#named.values()].filter(allowed);
        const find = (same: typeof sameName) =>
          users.find(({ subject }) =>
            subject !== undefined && same(subject, name)
          );
        return find(sameName) ?? find(sameRelativeNames);
      },
    }, log);
  }
}

/** Whether a user may connect in this way; undefined or nothing named allows all. */
export function allowsConnection(
  types: ReadonlySet<ConnectionType> | undefined,
  type: ConnectionType,
): boolean {
  return types === undefined || types.size === 0 || types.has(type);
}

/** Compiles permissions, reporting subjects that are none. */
export function compilePermissions(
  permissions: Permissions | undefined,
  random: Random,
  logger: Logger,
): CompiledPermissions | null {
  if (permissions === undefined) return null;
  const compiled = new CompiledPermissions(permissions, random.below(2 ** 31));
  for (const { kind, text } of compiled.invalid) {
    logger.error(`invalid ${kind} subject "${text}"`);
  }
  return compiled;
}

function distinguishedName(text: string): DistinguishedName | undefined {
  try {
    return parseDistinguishedName(text);
  } catch (error) {
    if (error instanceof NameSyntaxError) return undefined;
    throw error;
  }
}
