/**
 * Reading `authorization` blocks: users, nkeys, tokens, the callout.
 *
 * @module
 */

import {
  attempt,
  boolean,
  type Field,
  isList,
  isMap,
  lastEntry,
  readBlock,
  schema,
  secondsOrDuration,
  setter,
  string,
  strings,
  textOrTexts,
} from "./field.ts";
import { formatValue, quote, quoteAll } from "./go_text.ts";
import { isPublicKey } from "./nkeys.ts";
import type {
  AuthCalloutOptions,
  ConnectionType,
  NkeyEntry,
  Permissions,
  UserEntry,
} from "./options_accounts.ts";
import { permissions } from "./permission_fields.ts";

const CONNECTION_TYPES: ReadonlySet<string> = new Set<ConnectionType>([
  "STANDARD",
  "WEBSOCKET",
  "LEAFNODE",
  "LEAFNODE_WS",
  "MQTT",
  "MQTT_WS",
  "IN_PROCESS",
]);

/** Whether a (upper-case) name is a connection type. */
export function isConnectionType(name: string): name is ConnectionType {
  return CONNECTION_TYPES.has(name);
}

/** What an authorization block says. */
export interface Authorization {
  user: string;
  password: string;
  token: string;
  /** Milliseconds; 0: not set. */
  timeout: number;
  /** Undefined: the block has no list of users. */
  users: UserEntry[] | undefined;
  nkeys: NkeyEntry[];
  defaultPermissions: Permissions | undefined;
  callout: AuthCalloutOptions | undefined;
  proxyRequired: boolean;
  /** Of leafnodes only. */
  nkey: string;
  account: string;
}

/** An authorization block that says nothing. */
export function emptyAuthorization(): Authorization {
  return {
    user: "",
    password: "",
    token: "",
    timeout: 0,
    users: undefined,
    nkeys: [],
    defaultPermissions: undefined,
    callout: undefined,
    proxyRequired: false,
    nkey: "",
    account: "",
  };
}

const set = setter<Authorization>();

const AUTHORIZATION = schema<Authorization>({
  "user username": set("user", string),
  "pass password": set("password", string),
  token: set("token", string),
  timeout: set(
    "timeout",
    (field) =>
      authTimeout(field, "error parsing authorization config, 'timeout'"),
  ),
  users: (field, auth) => {
    const { users, nkeys } = userList(field);
    auth.users = users;
    auth.nkeys = nkeys;
  },
  "default_permission default_permissions permissions": set(
    "defaultPermissions",
    permissions,
  ),
  "auth_callout auth_hook": set("callout", authCallout),
  proxy_required: set("proxyRequired", boolean),
});

/** Reads an authorization block; default permissions are applied to its users. */
export function authorization(field: Field): Authorization {
  const auth = emptyAuthorization();
  readBlock(field, AUTHORIZATION, auth);
  if (auth.users !== undefined) {
    auth.users = withDefaults(auth.users, auth.defaultPermissions);
    auth.nkeys = withDefaults(auth.nkeys, auth.defaultPermissions);
  }
  return auth;
}

/** The users, with `defaults` for those that have no permissions of their own. */
export function withDefaults<
  T extends { readonly permissions: Permissions | undefined },
>(
  users: readonly T[],
  defaults: Permissions | undefined,
): T[] {
  return users.map((user) => ({
    ...user,
    permissions: user.permissions ?? defaults,
  }));
}

/** Reads an authentication timeout and warns about long ones. */
export function authTimeout(field: Field, label: string): number {
  const milliseconds = secondsOrDuration(field, label);
  if (milliseconds > 60_000) {
    const seconds = (milliseconds / 1000).toFixed(6);
    field.scope.report.misuse(
      field.node,
      field.key,
      `timeout of ${formatValue(field.value)} (${seconds} seconds) is high, ` +
        "consider keeping it under 60 seconds. possibly caused by unquoted duration; " +
        "use '1m' instead of 1m, for example",
    );
  }
  return milliseconds;
}

interface UserDraft {
  username: string;
  password: string;
  nkey: string;
  permissions: Permissions | undefined;
  allowedConnectionTypes: ReadonlySet<ConnectionType> | undefined;
  proxyRequired: boolean;
}

const setUser = setter<UserDraft>();

const USER = schema<UserDraft>({
  nkey: setUser("nkey", string),
  "user username": setUser("username", string),
  "pass password": setUser("password", string),
  "permission permissions authorization": (field, user) => {
    user.permissions = attempt(field, () => permissions(field));
  },
  "allowed_connection_types connection_types clients": setUser(
    "allowedConnectionTypes",
    connectionTypes,
  ),
  proxy_required: setUser("proxyRequired", boolean),
});

/** Reads a list of users with passwords or nkeys. The first bad user ends it. */
export function userList(
  field: Field,
): { users: UserEntry[]; nkeys: NkeyEntry[] } {
  const users: UserEntry[] = [];
  const nkeys: NkeyEntry[] = [];
  for (const entry of userEntries(field)) {
    const user: UserDraft = {
      username: "",
      password: "",
      nkey: "",
      permissions: undefined,
      allowedConnectionTypes: undefined,
      proxyRequired: false,
    };
    readBlock(entry, USER, user, { stopAtError: true });
    const { nkey, username, password, ...common } = user;
    const last = entry.at(lastEntry(entry));
    if (nkey === "" && username === "") last.fail("User entry requires a user");
    if (nkey === "") {
      users.push({
        username,
        password,
        ...common,
        account: undefined,
        connectionDeadline: undefined,
      });
      continue;
    }
    if (!isPublicKey(nkey, "user")) {
      last.fail("Not a valid public nkey for a user");
    }
    if (username !== "" || password !== "") {
      last.fail("Nkey users do not take usernames or passwords");
    }
    nkeys.push({ nkey, ...common, account: undefined });
  }
  return { users, nkeys };
}

/** The maps in a list of users; others are reported and left out. */
function userEntries(field: Field): Field[] {
  if (!isList(field.value)) {
    return field.fail(
      `Expected users field to be an array, got ${formatValue(field.value)}`,
    );
  }
  return field.value.map((node) => field.at(node)).filter((entry) => {
    if (isMap(entry.value)) return true;
    entry.error(
      `Expected user entry to be a map/struct, got ${formatValue(entry.value)}`,
    );
    return false;
  });
}

/** Reads connection types; unknown ones are reported and left out. */
function connectionTypes(
  field: Field,
): ReadonlySet<ConnectionType> | undefined {
  if (typeof field.value !== "string" && !isList(field.value)) {
    field.error(
      `error parsing allowed connection types: unsupported type ${field.typeName}`,
    );
    return undefined;
  }
  const names = textOrTexts("allowed connection types")(field).map((name) =>
    name.toUpperCase()
  );
  const unknown = names.filter((name) => !isConnectionType(name));
  if (unknown.length > 0) {
    field.error(`invalid connection types ${quoteAll(unknown)}`);
  }
  return new Set(names.filter(isConnectionType));
}

interface CalloutDraft {
  issuer: string;
  account: string;
  authUsers: string[];
  xkey: string;
  allowedAccounts: string[];
}

const setCallout = setter<CalloutDraft>();

const CALLOUT = schema<CalloutDraft>({
  issuer: (field, callout) => {
    callout.issuer = field.string();
    if (!isPublicKey(callout.issuer, "account")) {
      field.fail(
        `Expected callout user to be a valid public account nkey, got ${
          quote(callout.issuer)
        }`,
      );
    }
  },
  "account acc": setCallout("account", string),
  "auth_users users": setCallout(
    "authUsers",
    (field) => calloutNames(field, "auth_users"),
  ),
  "xkey key": (field, callout) => {
    callout.xkey = field.string();
    if (!isPublicKey(callout.xkey, "curve")) {
      field.fail(
        `Expected callout xkey to be a valid public xkey, got ${
          quote(callout.xkey)
        }`,
      );
    }
  },
  allowed_accounts: setCallout(
    "allowedAccounts",
    (field) => calloutNames(field, "allowed accounts"),
  ),
});

function calloutNames(field: Field, label: string): string[] {
  if (!isList(field.value)) {
    field.fail(`Expected ${label} field to be an array, got *conf.token`);
  }
  return strings(field);
}

/** Reads the block of an external authentication service. */
function authCallout(field: Field): AuthCalloutOptions {
  if (!isMap(field.value)) {
    return field.fail(
      `Expected authorization callout to be a map/struct, got ${
        formatValue(field.value)
      }`,
    );
  }
  const callout: CalloutDraft = {
    issuer: "",
    account: "",
    authUsers: [],
    xkey: "",
    allowedAccounts: [],
  };
  readBlock(field, CALLOUT, callout, {
    stopAtError: true,
    unknown: (key) =>
      `Unknown field ${quote(key)} parsing authorization callout`,
  });
  const last = field.at(lastEntry(field));
  if (callout.issuer === "") {
    last.fail("Authorization callouts require an issuer to be specified");
  }
  if (callout.authUsers.length === 0) {
    last.fail(
      "Authorization callouts require authorized users to be specified",
    );
  }
  return { ...callout, account: callout.account || "$G" };
}

interface LeafUserDraft {
  username: string;
  password: string;
  account: string | undefined;
  proxyRequired: boolean;
}

const setLeafUser = setter<LeafUserDraft>();

const LEAF_USER = schema<LeafUserDraft>({
  "user username": setLeafUser("username", string),
  "pass password": setLeafUser("password", string),
  account: setLeafUser("account", string),
  proxy_required: setLeafUser("proxyRequired", boolean),
});

const LEAF_AUTHORIZATION = schema<Authorization>({
  "user username": set("user", string),
  "pass password": set("password", string),
  nkey: (field, auth) => {
    auth.nkey = field.string();
    if (!isPublicKey(auth.nkey, "user")) {
      field.error("Not a valid public nkey for leafnode authorization");
    }
  },
  timeout: set(
    "timeout",
    (field) =>
      authTimeout(
        field,
        "error parsing leafnode authorization config, 'timeout'",
      ),
  ),
  users: (field, auth) => {
    auth.users = userEntries(field).map((entry) => {
      const user: LeafUserDraft = {
        username: "",
        password: "",
        account: undefined,
        proxyRequired: false,
      };
      readBlock(entry, LEAF_USER, user, { stopAtError: true });
      return {
        ...user,
        permissions: undefined,
        allowedConnectionTypes: undefined,
        connectionDeadline: undefined,
      };
    });
  },
  account: set("account", string),
  proxy_required: set("proxyRequired", boolean),
});

/** Reads the authorization block of leafnodes. */
export function leafAuthorization(field: Field): Authorization {
  const auth = emptyAuthorization();
  readBlock(field, LEAF_AUTHORIZATION, auth);
  return auth;
}

const SIMPLE_AUTHORIZATION = schema<Authorization>({
  "user username": set("user", string),
  "pass password": set("password", string),
  token: set("token", string),
  timeout: set("timeout", ({ value }) => {
    // As in Go, anything but a number counts as one second.
    return typeof value === "bigint" || typeof value === "number"
      ? Number(value) * 1000
      : 1000;
  }),
});

/** Reads the authorization block of websocket and mqtt. */
export function simpleAuthorization(field: Field): Authorization {
  const auth = emptyAuthorization();
  readBlock(field, SIMPLE_AUTHORIZATION, auth);
  return auth;
}
