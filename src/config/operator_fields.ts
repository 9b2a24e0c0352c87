/**
 * Reading the options of operator mode: operators, resolvers, trusted keys.
 *
 * @module
 */

import { type Field, isList, isMap } from "./field.ts";
import { readFailure } from "./file_error.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { DurationError } from "./duration.ts";
import { quote } from "./go_text.ts";
import { decodeJwt, JwtError, text, texts, undecorated } from "./jwt.ts";
import { isPublicKey } from "./nkeys.ts";
import type { Options } from "./options.ts";
import type { ResolverOptions, TrustedOperator } from "./options_accounts.ts";
import { parseUrl } from "./url.ts";
import type { ConfigMap, ConfigNode } from "./value.ts";
import { goTypeName } from "./value.ts";

/** Reads operators: files with their JWTs, or the JWTs themselves. */
export function readOperators(field: Field, options: Options): void {
  const operators: TrustedOperator[] = [];
  for (const file of operatorFiles(field)) {
    try {
      operators.push(readOperator(file, field));
    } catch (error) {
      if (!(error instanceof JwtError)) throw error;
      field.error(`error parsing operator JWT: ${error.message}`);
    }
  }
  options.trustedOperators = operators;
  const [only] = operators;
  if (only === undefined || operators.length > 1) return;
  // Settings of their own take precedence over what the JWT says.
  options.resolver ??= {
    kind: "url",
    url: `${only.accountServerUrl}/accounts/`,
  };
  if (options.systemAccount === "") options.systemAccount = only.systemAccount;
}

function operatorFiles(field: Field): string[] {
  const prefix = "error parsing operators: unsupported type";
  if (typeof field.value === "string") return [field.value];
  if (!isList(field.value)) {
    field.error(`${prefix} ${field.typeName}`);
    return [];
  }
  const files: string[] = [];
  for (const { value } of field.value) {
    if (typeof value === "string") files.push(value);
    else field.error(`${prefix} *conf.token where string is expected`);
  }
  return files;
}

function readOperator(file: string, field: Field): TrustedOperator {
  let contents = file;
  try {
    contents = new TextDecoder().decode(field.scope.disk.readFile(file));
  } catch (error) {
    const failure = readFailure(error, file);
    if (!file.startsWith("eyJ")) throw new JwtError(failure);
  }
  const jwt = undecorated(contents);
  const { kind, nats, ...claims } = decodeJwt(jwt);
  if (kind !== "operator") throw new JwtError("not operator claim");
  return {
    jwt,
    subject: claims.subject,
    issuer: claims.issuer,
    name: claims.name,
    expires: claims.expires,
    signingKeys: texts(nats.signing_keys),
    accountServerUrl: text(nats.account_server_url),
    systemAccount: text(nats.system_account),
    assertServerVersion: text(nats.assert_server_version),
    strictSigningKeyUsage: nats.strict_signing_key_usage === true,
  };
}

/** Reads where account JWTs come from. */
export function readResolver(field: Field, options: Options): void {
  const { value } = field;
  if (typeof value === "string") options.resolver = namedResolver(field, value);
  else if (isMap(value)) options.resolver = directoryResolver(field, value);
  else {field.fail(
      `error parsing operator resolver, wrong type ${field.typeName}`,
    );}
  if (options.resolver === undefined) {
    field.fail(
      'error parsing account resolver, should be MEM or  URL("url") or a map ' +
        "containing dir and type state=[FULL|CACHE])",
    );
  }
}

function namedResolver(
  field: Field,
  name: string,
): ResolverOptions | undefined {
  if (/mem/i.test(name)) return { kind: "memory" };
  const match = /URL(?:\(\s*"?([^\s"]*)"?\s*\))?\s*/i.exec(name);
  if (match === null) return undefined;
  const url = match[1] ?? "";
  if (parseUrl(url) === undefined) {
    field.fail(`error parsing account resolver url [${quote(url)}]`);
  }
  return { kind: "url", url: url.endsWith("/") ? url : url + "/" };
}

/** Entries of a resolver's block. As in Go, unknown ones are ignored. */
class ResolverEntries {
  constructor(readonly field: Field, readonly map: ConfigMap) {}

  has(key: string): boolean {
    return this.map.has(key);
  }

  string(key: string): string {
    return this.#entry(key)?.string() ?? "";
  }

  boolean(key: string): boolean {
    return this.#entry(key)?.boolean() ?? false;
  }

  integer(key: string): number {
    return this.#entry(key)?.integer() ?? 0;
  }

  /** A duration; bad ones are reported at the block. */
  duration(key: string): number {
    const entry = this.#entry(key);
    if (entry === undefined) return 0;
    try {
      return parseDuration(entry.string());
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      return this.field.fail(error.message);
    }
  }

  #entry(key: string): Field | undefined {
    const node = this.map.get(key);
    return node === undefined ? undefined : this.field.at(node, key);
  }
}

function directoryResolver(
  field: Field,
  map: ConfigMap,
): ResolverOptions | undefined {
  const entries = new ResolverEntries(field, map);
  const directory = entries.string("dir");
  const type = entries.string("type").toUpperCase();
  const allowDelete = entries.boolean("allow_delete");
  const hardDelete = entries.boolean("hard_delete");
  const limit = entries.integer("limit");
  const ttl = entries.duration("ttl");
  const interval = entries.duration("interval");
  const fetchTimeout = entries.duration("timeout");
  if (type === "MEM" || type === "MEMORY") return { kind: "memory" };
  if (type !== "CACHE" && type !== "FULL") return undefined;
  checkDirectory(field, directory);
  const refuse = (isSet: boolean, reason: string) => {
    if (isSet) field.error(reason);
  };
  if (type === "CACHE") {
    refuse(interval !== 0, "CACHE does not accept sync");
    refuse(allowDelete, "CACHE does not accept allow_delete");
    refuse(entries.has("hard_delete"), "CACHE does not accept hard_delete");
  } else {
    refuse(ttl !== 0, "FULL does not accept ttl");
    refuse(
      entries.has("hard_delete") && !allowDelete,
      "hard_delete has no effect without delete",
    );
  }
  refuseDirectory(field, directory);
  if (entries.has("timeout") && fetchTimeout <= 0) {
    field.fail(`Fetch timeout ${formatDuration(fetchTimeout)} is too smal`);
  }
  const common = { directory, limit, fetchTimeout };
  if (type === "CACHE") return { kind: "cache", ...common, ttl };
  const deletion = !allowDelete ? "never" : hardDelete ? "hard" : "rename";
  return { kind: "full", ...common, interval, delete: deletion };
}

/** The directory need not exist yet; the resolver makes it at start. */
function isUsableDirectory(field: Field, directory: string): boolean {
  const { disk } = field.scope;
  if (directory === "") return false;
  return !disk.exists(directory) || disk.stat(directory).isDirectory;
}

function checkDirectory(field: Field, directory: string): void {
  if (isUsableDirectory(field, directory)) return;
  field.error(
    directory === ""
      ? "dir has no value and needs to point to a directory"
      : "dir needs to point to an accessible directory",
  );
}

/** Reports what Go finds when it makes the directory. */
function refuseDirectory(field: Field, directory: string): void {
  if (isUsableDirectory(field, directory)) return;
  const reason = directory === ""
    ? "no such file or directory"
    : "not a directory";
  field.fail(`mkdir ${directory}: ${reason}`);
}

/** Reads account JWTs that the resolver knows from the start. */
export function resolverPreload(field: Field): ReadonlyMap<string, string> {
  if (!isMap(field.value)) {
    return field.fail(
      "preload should be a map of account_public_key:account_jwt",
    );
  }
  const found = new Map<string, string>();
  for (const [key, node] of field.value) {
    const entry = field.at(node);
    if (typeof node.value !== "string") {
      entry.error("preload map value should be a string JWT");
    } else if (!isAccountJwt(node.value)) entry.error("invalid account JWT");
    else found.set(key, node.value);
  }
  return found;
}

function isAccountJwt(token: string): boolean {
  try {
    return decodeJwt(token).kind === "account";
  } catch (error) {
    if (error instanceof JwtError) return false;
    throw error;
  }
}

/** Reads keys or names: a text or a list of them. Also tells where the last one stands. */
function keyList(
  field: Field,
  label: string,
): { keys: string[]; last: ConfigNode } {
  if (typeof field.value === "string") {
    return { keys: [field.value], last: field.node };
  }
  if (!isList(field.value)) {
    field.error(`error parsing ${label}: unsupported type ${field.typeName}`);
    return { keys: [], last: field.node };
  }
  const keys: string[] = [];
  for (const node of field.value) {
    if (typeof node.value === "string") keys.push(node.value);
    else {
      field.at(node).error(
        `error parsing ${label}: unsupported type in array ${
          goTypeName(node.value)
        }`,
      );
    }
  }
  return { keys, last: field.value.at(-1) ?? field.node };
}

/** Reads accounts that stay loaded. */
export function resolverPinnedAccounts(field: Field): ReadonlySet<string> {
  return new Set(keyList(field, "resolver_pinned_accounts").keys);
}

/** Reads public keys of operators. */
export function trustedKeys(field: Field): string[] {
  const { keys, last } = keyList(field, "trusted");
  for (const key of keys) {
    if (!isPublicKey(key, "operator")) {
      field.at(last).error(
        `trust key ${quote(key)} required to be a valid public operator nkey`,
      );
    }
  }
  return keys;
}
