/**
 * What the log says of each option that a reload takes over, or refuses.
 *
 * @module
 */

import { createUser } from "@nats-io/nkeys";
import { aloneScenario, reloadLog, type Scenario } from "../harness/mod.ts";
import { server } from "./fixtures.ts";
import { FILES } from "./tls_servers.ts";

/** Keys are made anew for each run; names of tests stay. */
const NKEYS = /\b[A-Z][A-Z2-7]{55}\b/g;

const id = (name: string) => `reload/${name}`;
const NKEY = createUser().getPublicKey();
const PROXY_KEYS = [createUser().getPublicKey(), createUser().getPublicKey()];

/** What is in the file before and after; the rows that it proves, if any. */
interface Change {
  readonly row: string;
  readonly before: string;
  readonly after: string;
}

const taken = (row: string, before: string, after: string): Change => ({
  row,
  before,
  after,
});

/** Taken over, each there and back. */
const RELOADABLE: readonly Change[] = [
  taken("debug-trace-trace-verbose-trace-headers", "", "debug: true"),
  taken("debug-trace-trace-verbose-trace-headers", "", "trace_verbose: true"),
  taken("debug-trace-trace-verbose-trace-headers", "trace: true", ""),
  taken(
    "debug-trace-trace-verbose-trace-headers",
    "",
    "trace: true, trace_headers: true",
  ),
  taken("max-connections", "", "max_connections: 10"),
  taken("max-payload", "", "max_payload: 2048"),
  taken("max-control-line", "max_control_line: 2048", "max_control_line: 512"),
  taken("ping-interval-ping-max", "", "ping_interval: '30s'"),
  taken("ping-interval-ping-max", "ping_interval: '90s'", "ping_max: 7"),
  taken("write-deadline", "", "write_deadline: '3s'"),
  taken("client-advertise", "", "client_advertise: 'me.example.com:4222'"),
  taken("pid-file-ports-file-dir", "", "pid_file: '{{dir}}/pid'"),
  taken(
    "pid-file-ports-file-dir",
    "pid_file: '{{dir}}/a.pid'",
    "pid_file: '{{dir}}/b.pid'",
  ),
  taken(
    "connect-error-reports-reconnect-error-reports-max-traced",
    "",
    "connect_error_reports: 5",
  ),
  taken(
    "connect-error-reports-reconnect-error-reports-max-traced",
    "",
    "reconnect_error_reports: 5",
  ),
  taken(
    "connect-error-reports-reconnect-error-reports-max-traced",
    "max_traced_msg_len: 1024",
    "max_traced_msg_len: 10",
  ),
  taken("no-fast-producer-stall", "", "no_fast_producer_stall: true"),
  taken(
    "server-tags-server-metadata",
    "server_tags: [a]",
    "server_tags: [a, b], server_metadata: {k: v}",
  ),
  taken(
    "authorization-user-pass-token-users-nkeys-timeout",
    "",
    "authorization: {user: a, password: b}",
  ),
  taken(
    "authorization-user-pass-token-users-nkeys-timeout",
    "authorization: {user: a, password: b}",
    "authorization: {user: a, password: c, timeout: 3}",
  ),
  taken(
    "authorization-user-pass-token-users-nkeys-timeout",
    "authorization: {token: a}",
    "authorization: {token: b}",
  ),
  taken(
    "authorization-user-pass-token-users-nkeys-timeout",
    "authorization: {users: [{user: a, password: b}]}",
    `authorization: {users: [{user: a, password: b}, {nkey: ${NKEY}}]}`,
  ),
  taken(
    "accounts-mappings",
    "",
    "accounts: {A: {users: [{user: a, password: b}]}}",
  ),
  taken("accounts-mappings", "mappings: {a: b}", "mappings: {a: c}"),
  taken(
    "removed-accounts",
    "accounts: {A: {}, B: {users: [{user: a, password: b}]}}",
    "accounts: {B: {users: [{user: a, password: b}]}}",
  ),
  taken(
    "proxies",
    `proxies: {trusted: [{key: ${PROXY_KEYS[0]}}]}`,
    `proxies: {trusted: [{key: ${PROXY_KEYS[0]}}, {key: ${PROXY_KEYS[1]}}]}`,
  ),
  taken(
    "proxies",
    `proxies: {trusted: [{key: ${PROXY_KEYS[0]}}]}`,
    `proxies: {trusted: [{key: ${PROXY_KEYS[1]}}]}`,
  ),
  taken(
    "logtime-logtime-utc-log-file-syslog-remote-syslog",
    "",
    "logtime_utc: true",
  ),
  taken(
    "system-account",
    "accounts: {$SYS: {}}, system_account: '$SYS'",
    "accounts: {$SYS: {}}",
  ),
  taken("silently-kept", "", "# only a comment"),
  taken("after", "", ""),
  taken(
    "tls",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem'}",
    "",
  ),
  taken(
    "tls-timeout-handshake-first-fallback-pinned-certs",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem'}",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem', timeout: 5, handshake_first: '80ms'}",
  ),
  taken(
    "tls-timeout-handshake-first-fallback-pinned-certs",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem'}",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem', pinned_certs: ['" +
      "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069']}",
  ),
  taken(
    "no-auth-user",
    "authorization: {users: [{user: a, password: b}]}, no_auth_user: a",
    "authorization: {users: [{user: c, password: b}]}",
  ),
];

/** Refused; the running configuration stays. */
const REFUSED: readonly Change[] = [
  taken("not-reloadable", "server_name: a", "server_name: b"),
  taken("not-reloadable", "", "max_subscriptions: 10"),
  taken("not-reloadable", "", "max_sub_tokens: 10"),
  taken("not-reloadable", "", "max_pending: 1000000"),
  taken("not-reloadable", "", "max_closed_clients: 10"),
  taken("not-reloadable", "", "write_timeout: retry"),
  taken("not-reloadable", "", "lame_duck_duration: '40s'"),
  taken(
    "not-reloadable",
    "lame_duck_duration: '50s'",
    "lame_duck_duration: '50s', lame_duck_grace_period: '5s'",
  ),
  taken("not-reloadable", "", "http: '127.0.0.1:-1'"),
  taken("not-reloadable", "", "http_base_path: '/x'"),
  taken("not-reloadable", "", "proxy_protocol: true"),
  taken("not-reloadable", "", "no_header_support: true"),
  taken("not-reloadable", "", "logfile_max_num: 3"),
  taken("not-reloadable", "", "logfile_size_limit: 3000"),
  taken("not-reloadable", "", "disable_sublist_cache: true"),
  taken("not-reloadable", "", "no_system_account: true"),
  taken("not-reloadable", "", "feature_flags: {js_api_reply_v2: true}"),
  taken("not-reloadable", "", "default_js_domain: {A: B}, accounts: {A: {}}"),
  taken(
    "not-reloadable",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem'}",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem'}, allow_non_tls: true",
  ),
  taken(
    "not-reloadable",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem'}",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem', connection_rate_limit: 5}",
  ),
  taken(
    "not-reloadable",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem', ca_file: '{{dir}}/ca.pem', verify: true}",
    "tls: {cert_file: '{{dir}}/server.pem', key_file: '{{dir}}/server-key.pem', ca_file: '{{dir}}/ca.pem', verify_and_map: true}",
  ),
  taken(
    "no-auth-user",
    "authorization: {users: [{user: a, password: b}]}",
    "authorization: {users: [{user: a, password: b}]}, no_auth_user: a",
  ),
  taken(
    "no-auth-user",
    "authorization: {users: [{user: a, password: b}]}, no_auth_user: a",
    "authorization: {users: [{user: a, password: b}]}",
  ),
  taken(
    "system-account",
    "accounts: {A: {}, B: {}}, system_account: A",
    "accounts: {A: {}, B: {}}, system_account: B",
  ),
  taken("account-resolver", "", "resolver: MEMORY"),
  taken("client-advertise", "", "client_advertise: 'a:b:c'"),
  taken("port", "", "port: 14222"),
  taken("parse-phase", "", "max_payload: x"),
  taken("parse-phase", "", "{"),
  taken("config-check-vs-reload", "", "no_such_option: 1"),
  taken("validate", "", "max_payload: 100000000"),
  taken(
    "validate",
    "",
    "authorization: {users: [{user: a, password: b}]}, no_auth_user: z",
  ),
  taken("diff", "", "max_connections: 7, max_subscriptions: 5"),
];

/** Takes an option over, and back; or refuses it, and takes the old ones over again. */
function scenarioOf({ row, before, after }: Change, verb: string): Scenario {
  const general = verb === "takes"
    ? ["logged-per-option", "apply-order", "after", "diff"]
    : ["diff", "validate"];
  const rows = [row, ...general].map(id);
  const fixture = { ...server(before), files: FILES };
  const what = (after || before || "nothing new").replaceAll("{{dir}}", "");
  return aloneScenario(
    fixture,
    `reload ${verb} - ${what.replace(NKEYS, "<nkey>").slice(0, 90)}`,
    { positive: rows, edge: rows },
    reloadLog(server(after).config),
    reloadLog(fixture.config),
  );
}

export const RELOAD_OPTIONS: readonly Scenario[] = [
  ...RELOADABLE.map((change) => scenarioOf(change, "takes")),
  ...REFUSED.map((change) => scenarioOf(change, "refuses")),
];
