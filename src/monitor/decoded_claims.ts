/**
 * What JWTs say, as monitoring shows it: fields in the order of the Go
 * server's own types, those left out that are empty there.
 *
 * The JWTs were checked when they came; here they are only read.
 *
 * @module
 */

type Fields = Readonly<Record<string, unknown>>;

const CLAIMS = ["aud", "exp", "jti", "iat", "iss", "name", "nbf", "sub"];

const GENERIC = ["tags", "type", "version"];

const OPERATOR = [
  "signing_keys",
  "account_server_url",
  "operator_service_urls",
  "system_account",
  "assert_server_version",
  "strict_signing_key_usage",
  ...GENERIC,
];

const ACCOUNT = [
  "imports",
  "exports",
  "limits",
  "signing_keys",
  "revocations",
  "default_permissions",
  "mappings",
  "authorization",
  "trace",
  "cluster_traffic",
  "description",
  "info_url",
  ...GENERIC,
];

/** Those whose keys are in order. */
const MAPS: ReadonlySet<string> = new Set(["revocations", "mappings"]);

const LIMITS = [
  "subs",
  "data",
  "payload",
  "imports",
  "exports",
  "wildcards",
  "disallow_bearer",
  "conn",
  "leaf",
  "mem_storage",
  "disk_storage",
  "streams",
  "consumer",
  "max_ack_pending",
  "mem_max_stream_bytes",
  "disk_max_stream_bytes",
  "max_bytes_required",
  "tiered_limits",
];

/** What an operator's JWT says. */
export function operatorClaims(token: string): object {
  const claims = read(token);
  return {
    ...ordered(claims, CLAIMS),
    nats: ordered(fieldsOf(claims.nats), OPERATOR),
  };
}

/** What an account's JWT says. */
export function accountClaims(token: string): object {
  const claims = read(token);
  const nats = fieldsOf(claims.nats);
  const { pub, sub, resp } = fieldsOf(nats.default_permissions);
  // Structures are shown even if they are empty.
  const structures = {
    limits: ordered(fieldsOf(nats.limits), LIMITS),
    default_permissions: {
      pub: ordered(fieldsOf(pub), ["allow", "deny"]),
      sub: ordered(fieldsOf(sub), ["allow", "deny"]),
      resp: isEmpty(resp) ? undefined : resp,
    },
    authorization: ordered(
      fieldsOf(nats.authorization),
      ["auth_users", "allowed_accounts", "xkey"],
    ),
  };
  const shown: Record<string, unknown> = {};
  for (const name of ACCOUNT) {
    if (name in structures) {
      shown[name] = structures[name as keyof typeof structures];
    } else if (!isEmpty(nats[name])) {
      shown[name] = MAPS.has(name)
        ? new Map(Object.entries(fieldsOf(nats[name])))
        : nats[name];
    }
  }
  return { ...ordered(claims, CLAIMS), nats: shown };
}

function read(token: string): Fields {
  const body = (token.split(".")[1] ?? "")
    .replace(/-/g, "+").replace(/_/g, "/");
  const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
  return fieldsOf(JSON.parse(new TextDecoder().decode(bytes)));
}

/** The fields of those names that are not empty, in that order. */
function ordered(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.filter((name) => !isEmpty(fields[name]))
      .map((name) => [name, fields[name]]),
  );
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? value as Fields : {};
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" ||
    value === 0 || value === false ||
    (typeof value === "object" && Object.keys(value).length === 0);
}
