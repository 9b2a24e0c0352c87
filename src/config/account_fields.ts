/**
 * Reading the `accounts` block.
 *
 * @module
 */

import { exportList, importList } from "./account_link_fields.ts";
import {
  attempt,
  boolean,
  type Field,
  type FieldReader,
  isList,
  isMap,
  readBlock,
  schema,
  setter,
  unplaced,
} from "./field.ts";
import { formatValue, quote, quoteValue } from "./go_text.ts";
import { mappings } from "./mapping_fields.ts";
import { isPublicKey } from "./nkeys.ts";
import type {
  AccountJetStreamLimits,
  AccountLimits,
  AccountOptions,
  NkeyEntry,
  UserEntry,
} from "./options_accounts.ts";
import { permissions } from "./permission_fields.ts";
import { userList, withDefaults } from "./authorization_fields.ts";
import { isValidPublishSubject } from "./subjects.ts";
import type { ConfigNode } from "./value.ts";

/** The account of users that no account claims. */
export const GLOBAL_ACCOUNT = "$G";

const NO_LIMITS: AccountLimits = {
  maxConnections: -1,
  maxSubscriptions: -1,
  maxPayload: -1,
  maxLeafnodes: -1,
};

const NO_JETSTREAM_LIMITS: AccountJetStreamLimits = {
  maxMemory: -1,
  maxStore: -1,
  maxStreams: -1,
  maxConsumers: -1,
  maxAckPending: -1,
  memoryMaxStreamBytes: -1,
  storeMaxStreamBytes: -1,
  maxBytesRequired: false,
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An account while it is read, with its users. */
interface AccountDraft extends Mutable<AccountOptions> {
  users: UserEntry[];
  nkeys: NkeyEntry[];
  /** Where users were written. */
  usersAt: ConfigNode | undefined;
}

/** An account that only has a name. */
function emptyAccount(name: string): AccountDraft {
  return {
    name,
    nkey: "",
    exports: [],
    imports: [],
    mappings: [],
    defaultPermissions: undefined,
    limits: NO_LIMITS,
    jetstream: undefined,
    clusterTrafficOwner: false,
    traceDestination: "",
    traceSampling: 0,
    users: [],
    nkeys: [],
    usersAt: undefined,
  };
}

const set = setter<AccountDraft>();

const ACCOUNT = schema<AccountDraft>({
  nkey: (field, account) => {
    if (
      typeof field.value !== "string" || !isPublicKey(field.value, "account")
    ) {
      return field.fail(
        `Not a valid public nkey for an account: ${quoteValue(field.value)}`,
      );
    }
    account.nkey = field.value;
  },
  imports: set("imports", importList),
  exports: set("exports", exportList),
  jetstream: unplaced(accountJetStream),
  users: (field, account) => {
    account.usersAt = field.node;
    const { users, nkeys } = unplaced(userList)(field);
    account.users = users;
    account.nkeys = nkeys;
  },
  default_permissions: set("defaultPermissions", permissions),
  "mappings maps": set("mappings", mappings),
  limits: set("limits", accountLimits),
  "msg_trace trace_dest": (field, account) => {
    messageTrace(field, account);
    if (account.traceDestination !== "" && account.traceSampling === 0) {
      account.traceSampling = 100;
    } else if (account.traceDestination === "" && account.traceSampling > 0) {
      field.scope.report.warning(
        field.node,
        "Trace destination sampling ignored since no destination was set",
      );
      account.traceSampling = 0;
    }
  },
});

/** What an `accounts` block defines. */
export interface Accounts {
  readonly accounts: AccountOptions[];
  readonly users: UserEntry[];
  readonly nkeys: NkeyEntry[];
}

/** Credentials of the `authorization` block, as far as it was read already. */
export interface Credentials {
  readonly username: string;
  readonly authorization: string;
  readonly users: readonly UserEntry[];
  readonly nkeys: readonly NkeyEntry[];
}

/** Reads a list of names or a map of accounts. As in Go, other values say nothing. */
export function accounts(field: Field, credentials: Credentials): Accounts {
  if (isList(field.value)) return accountNames(field);
  const result: Accounts = { accounts: [], users: [], nkeys: [] };
  if (!isMap(field.value)) return result;
  const taken = namesOf(credentials.users, credentials.nkeys);
  for (const [name, node] of field.value) {
    if (node.usedAsVariable) continue;
    attempt(field.at(node), () => {
      const draft = account(field.at(node, name));
      addUsers(field, draft, credentials, taken, result);
    });
  }
  return result;
}

/** Names and public keys of users. */
export function namesOf(
  users: readonly UserEntry[],
  nkeys: readonly NkeyEntry[],
): Set<string> {
  return new Set([
    ...users.map((user) => user.username),
    ...nkeys.map((user) => user.nkey),
  ]);
}

function accountNames(field: Field): Accounts {
  const names = new Set<string>();
  for (const node of field.list()) {
    const entry = field.at(node);
    const name = entry.string();
    if (name === GLOBAL_ACCOUNT) {
      entry.error(`${quote(name)} is a Reserved Account`);
    } else if (names.has(name)) entry.error(`Duplicate Account Entry: ${name}`);
    else names.add(name);
  }
  return { accounts: [...names].map(emptyAccount), users: [], nkeys: [] };
}

function account(field: Field): AccountDraft {
  if (!isMap(field.value)) {
    return field.fail("Expected map entries for accounts");
  }
  if (field.key === GLOBAL_ACCOUNT) {
    field.fail(`${quote(field.key)} is a Reserved Account`);
  }
  const draft = emptyAccount(field.key);
  readBlock(field, ACCOUNT, draft);
  return draft;
}

/** Adds an account and its users, unless they contradict the authorization block. */
function addUsers(
  field: Field,
  draft: AccountDraft,
  credentials: Credentials,
  taken: Set<string>,
  result: Accounts,
): void {
  const { users, nkeys, usersAt, ...options } = draft;
  result.accounts.push(options);
  if (usersAt === undefined) return;
  const place = field.at(usersAt);
  if (users.length > 0 || nkeys.length > 0) {
    if (credentials.username !== "") {
      place.fail("Can not have a single user/pass and accounts");
    }
    if (credentials.authorization !== "") {
      place.fail("Can not have a token and accounts");
    }
  }
  const isNew = (kind: string, name: string): boolean => {
    if (taken.has(name)) {
      place.error(`Duplicate ${kind} ${quote(name)} detected`);
    } else taken.add(name);
    return true;
  };
  const own = { account: draft.name };
  for (const user of withDefaults(nkeys, draft.defaultPermissions)) {
    if (isNew("nkey", user.nkey)) result.nkeys.push({ ...user, ...own });
  }
  for (const user of withDefaults(users, draft.defaultPermissions)) {
    if (isNew("user", user.username)) result.users.push({ ...user, ...own });
  }
}

type LimitsDraft = Mutable<AccountLimits>;

/** A limit that Go keeps in 32 bits. */
function int32(name: keyof AccountLimits): FieldReader<LimitsDraft> {
  return (field, limits) => {
    limits[name] = Number(BigInt.asIntN(32, field.int64()));
  };
}

const LIMITS = schema<LimitsDraft>({
  "max_connections max_conn": int32("maxConnections"),
  "max_subscriptions max_subs": int32("maxSubscriptions"),
  "max_payload max_pay": int32("maxPayload"),
  "max_leafnodes max_leafs": int32("maxLeafnodes"),
});

function accountLimits(field: Field): AccountLimits {
  if (!isMap(field.value)) {
    return field.fail(
      `Expected account limits to be a map/struct, got ${
        formatValue(field.value)
      }`,
    );
  }
  const limits: LimitsDraft = { ...NO_LIMITS };
  readBlock(field, LIMITS, limits, {
    unknown: (key) => `Unknown field ${quote(key)} parsing account limits`,
  });
  return limits;
}

interface JetStreamDraft extends Mutable<AccountJetStreamLimits> {
  clusterTrafficOwner: boolean;
}

const setLimit = setter<JetStreamDraft>();

/** A size or a count. */
function size(field: Field): number {
  if (typeof field.value === "bigint") return field.integer();
  return field.fail(
    `Expected a parseable size for ${quote(field.key)}, got ${
      formatValue(field.value)
    }`,
  );
}

const ACCOUNT_JETSTREAM = schema<JetStreamDraft>({
  "max_memory max_mem mem memory": setLimit("maxMemory", size),
  "max_store max_file max_disk store disk": setLimit("maxStore", size),
  "max_streams streams": setLimit("maxStreams", size),
  "max_consumers consumers": setLimit("maxConsumers", size),
  "max_bytes_required max_stream_bytes max_bytes": setLimit(
    "maxBytesRequired",
    (field) => {
      if (typeof field.value === "boolean") return boolean(field);
      return field.fail(
        `Expected a parseable bool for ${quote(field.key)}, got ${
          formatValue(field.value)
        }`,
      );
    },
  ),
  "mem_max_stream_bytes memory_max_stream_bytes": setLimit(
    "memoryMaxStreamBytes",
    size,
  ),
  "disk_max_stream_bytes store_max_stream_bytes": setLimit(
    "storeMaxStreamBytes",
    size,
  ),
  max_ack_pending: setLimit("maxAckPending", size),
  cluster_traffic: setLimit("clusterTrafficOwner", (field) => {
    const { value } = field;
    if (value === "system" || value === "" || value === "owner") {
      return value === "owner";
    }
    const either = typeof value === "string" ? "" : "either ";
    return field.fail(
      `Expected ${either}'system' or 'owner' string value for ${
        quote(field.key)
      }, ` +
        `got ${formatValue(value)}`,
    );
  }),
});

function accountJetStream(field: Field, account: AccountDraft): void {
  const { value } = field;
  if (typeof value === "boolean") {
    if (value) account.jetstream = NO_JETSTREAM_LIMITS;
  } else if (typeof value === "string") {
    const enabled = enablement(field, value);
    account.jetstream = enabled ? NO_JETSTREAM_LIMITS : undefined;
  } else if (isMap(value)) {
    const draft: JetStreamDraft = {
      ...NO_JETSTREAM_LIMITS,
      clusterTrafficOwner: false,
    };
    readBlock(field, ACCOUNT_JETSTREAM, draft, { stopAtError: true });
    const { clusterTrafficOwner, ...limits } = draft;
    account.jetstream = limits;
    account.clusterTrafficOwner = clusterTrafficOwner;
  } else {
    field.fail(
      `Expected map, bool or string to define JetStream, got ${field.typeName}`,
    );
  }
}

/** Whether a word enables JetStream. */
export function enablement(field: Field, word: string): boolean {
  if (/^enabled?$/i.test(word)) return true;
  if (/^disabled?$/i.test(word)) return false;
  return field.fail(
    `Expected 'enabled' or 'disabled' for string value, got '${word}'`,
  );
}

function messageTrace(field: Field, account: AccountDraft): void {
  if (typeof field.value === "string") {
    account.traceDestination = traceDestination(field);
    return;
  }
  if (!isMap(field.value)) {
    return field.fail(
      `Expected account message trace ${
        quote(field.key)
      } to be a string or a map/struct, got ${field.typeName}`,
    );
  }
  const rows = schema<AccountDraft>({
    dest: set("traceDestination", traceDestination),
    sampling: set("traceSampling", traceSampling),
  });
  for (const [key, node] of field.value) {
    const entry = field.at(node, key);
    const read = rows.get(key.toLowerCase());
    if (read !== undefined) read(entry, account);
    else if (!node.usedAsVariable) {
      entry.fail(
        `Unknown field ${quote(key)} parsing account message trace map/struct ${
          quote(field.key)
        }`,
      );
    }
  }
}

function traceDestination(field: Field): string {
  if (typeof field.value !== "string") {
    return field.fail(
      `Field ${quote(field.key)} should be a string, got ${field.typeName}`,
    );
  }
  if (isValidPublishSubject(field.value)) return field.value;
  return field.fail(`Trace destination ${quote(field.value)} is not valid`);
}

function traceSampling(field: Field): number {
  const { value } = field;
  if (typeof value !== "bigint" && typeof value !== "string") {
    return field.fail(
      `Trace destination sampling field ${
        quote(field.key)
      } should be an integer or a percentage, got ${field.typeName}`,
    );
  }
  const digits = String(value).replace(/%$/, "");
  if (!/^[-+]?\d+$/.test(digits)) {
    return field.fail(
      `Invalid trace destination sampling value ${quote(String(value))}`,
    );
  }
  const percent = Number(digits);
  if (percent > 0 && percent <= 100) return percent;
  // The typing error is Go's.
  return field.fail(
    `Ttrace destination sampling value ${percent} is invalid, needs to be [1..100]`,
  );
}
