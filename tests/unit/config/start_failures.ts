/**
 * Configurations that parse but that no server starts with, and Go's words.
 *
 * @module
 */

/** Configuration and message; where two things are wrong, Go's order decides. */
export const START_FAILURES: readonly [text: string, message: string][] = [
  [
    "lame_duck_duration: 30s\nlame_duck_grace_period: 30s\nmax_payload: 2\nmax_pending: 1",
    "lame duck grace period (30s) should be strictly lower than lame duck duration (30s)",
  ],
  [
    "max_payload: 2\nmax_pending: 1\ndefault_sentinel: x",
    "max_payload (2) cannot be higher than max_pending (1)",
  ],
  [
    "default_sentinel: x\nno_auth_user: y",
    "default sentinel requires operators and accounts",
  ],
  [
    "leafnodes { authorization { account: X } }\nno_auth_user: y",
    'cannot find local account "X" specified in leafnode authorization',
  ],
  [
    "leafnodes { remotes: [ { url: 'nats://h', account: X } ] }",
    'cannot find local account "X" specified in leafnode remote',
  ],
  ["leafnodes { compression: x }", 'unsupported compression mode "x"'],
  [
    "leafnodes { remotes: [ { urls: ['nats://a', 'ws://u:p@b'] } ] }",
    "remote leaf node configuration cannot have a mix of websocket and non-websocket urls: " +
    '["nats://a:7422" "ws://u:xxxxx@b:7422"]',
  ],
  [
    "no_auth_user: y\ngateway { port: 1 }",
    'no_auth_user: "y" present, but users/nkeys are not defined',
  ],
  [
    "no_auth_user: y\nauthorization { users: [ { user: a } ] }",
    'no_auth_user: "y" not present as user or nkey in authorization block or account configuration',
  ],
  [
    "gateway { port: 1 }\ncluster { compression: x }",
    "gateway has no name",
  ],
  [
    "gateway { name: g }",
    'gateway "g" has no port specified (select -1 for random port)',
  ],
  [
    "gateway { name: g, port: 1, gateways: [ { url: 'nats://h' } ] }",
    "gateway in the list 0 has no name",
  ],
  [
    "gateway { name: g, port: 1, gateways: [ { name: h } ] }",
    'gateway "h" has no URL',
  ],
  [
    "gateway { name: g, port: 1 }\ncluster { name: c }",
    "cluster name conflicts between cluster and gateway definitions",
  ],
  [
    "cluster { port: 1, compression: x }\nmqtt { port: 1 }",
    'unsupported compression mode "x"',
  ],
  [
    "cluster { compression { mode: s2_auto, rtts: ['5ms', '1ms'] } }",
    "RTT threshold values [5ms 1ms] should be in ascending order",
  ],
  [
    "cluster { compression { mode: auto, rtts: ['0s'] } }",
    'compression mode "auto" requires at least one RTT threshold',
  ],
  [
    "cluster { port: 1, pool_size: -1, accounts: [A] }",
    "pool_size cannot be negative if pinned accounts are specified",
  ],
  [
    "cluster { port: 1, accounts: [A, A] }",
    'found duplicate account name "A" in pinned accounts list ["A" "A" "$SYS"]',
  ],
  [
    "mqtt { port: 1 }\nwebsocket { port: 1 }",
    "mqtt requires JetStream to be enabled if running in standalone mode",
  ],
  [
    "mqtt { port: 1 }\ncluster { port: 2 }",
    "mqtt requires server name to be explicitly set",
  ],
  [
    "jetstream { domain: 'a b' }\nwebsocket { port: 1 }",
    'invalid domain name: derived "$JS.a b.API.>" is not a valid subject',
  ],
  [
    "jetstream { domain: 'a.b' }",
    "invalid domain name: may not contain ., * or >",
  ],
  [
    "jetstream {}\ncluster { port: 1 }",
    "jetstream cluster requires `server_name` to be set",
  ],
  [
    "jetstream {}\ncluster { port: 1 }\nserver_name: n",
    "jetstream cluster requires `cluster.name` to be set",
  ],
  [
    "default_js_domain { A: d }",
    'in non operator mode, `default_js_domain` references non existing account "A"',
  ],
  [
    "accounts { A { jetstream: true } }\ndefault_js_domain { A: d }",
    'default_js_domain contains account name "A" with enabled JetStream',
  ],
  ["websocket { port: 1 }", "websocket requires TLS configuration"],
  [
    "websocket { port: 1, no_tls: true, origins: 'ftp://h' }",
    'unable to parse allowed origin "ftp://h": allowed origins must be absolute URLs with http or https scheme',
  ],
  [
    "websocket { port: 1, no_tls: true, jwt_cookie: c }",
    'trusted operators or trusted keys configuration is required for JWT authentication via cookie "c"',
  ],
  [
    "websocket { port: 1, no_tls: true, headers { Host: h } }",
    'websocket: invalid header "Host" not allowed',
  ],
  [
    "websocket { port: 1, no_tls: true, authorization { token: t } }\nauthorization { users: [ { user: a } ] }",
    "websocket authentication token not compatible with presence of users/nkeys",
  ],
];
