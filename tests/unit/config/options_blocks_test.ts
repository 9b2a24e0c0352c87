/** Blocks of links, listeners and JetStream. */

import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { USER_KEY, USER_SEED } from "../../tools/identities.ts";
import {
  assertContains,
  errors,
  load,
  options,
  warnings,
} from "./options_harness.ts";

const ROW = "config/cluster-gateway-leafnodes-websocket-mqtt-jetstream";
const BOTH = { positive: [ROW], edge: [ROW] };

/** An error without its place. */
function bare(error: string): string {
  return error.replace(/^\d+:\d+: /, "");
}

capability("cluster - is read", BOTH, () => {
  const { cluster } = options(
    "cluster { name: c, listen: 'h:1', routes: ['nats-route://u:p%40@r:2'], pool_size: 5, accounts: A, " +
      "advertise: a, no_advertise: true, connect_retries: 3, connect_backoff: true, " +
      "authorization { user: u, password: p, timeout: 1 }, " +
      "permissions { import: { allow: i }, export: [e] }, compression: true, " +
      "ping_interval: 5s, ping_max: 4, write_deadline: 3s }",
  );
  assertContains(cluster, {
    name: "c",
    host: "h",
    port: 1,
    poolSize: 5,
    accounts: ["A"],
    advertise: "a",
    noAdvertise: true,
    connectRetries: 3,
    connectBackoff: true,
    username: "u",
    password: "p",
    authTimeout: 1000,
    permissions: {
      import: { allow: ["i"], deny: [] },
      export: { allow: ["e"], deny: [] },
    },
    compression: { mode: "s2_fast", rttThresholds: [] },
    pingInterval: 5000,
    pingMax: 4,
    writeDeadline: 3000,
  });
  assertContains(cluster.routes[0] ?? {}, {
    scheme: "nats-route",
    username: "u",
    password: "p@",
    host: "r",
    port: "2",
  });
});

capability("cluster - refuses what routes can't have", { edge: [ROW] }, () => {
  const cases: [string, string][] = [
    ["name: 'a b'", "cluster name cannot contain spaces"],
    ["name: '_'", "cluster name is reserved"],
    [
      "authorization { token: t }",
      "Cluster authorization does not support tokens",
    ],
    [
      "authorization { users: [] }",
      "Cluster authorization does not allow multiple users",
    ],
    [
      "permissions { allow_responses: true }",
      "Cluster permissions do not support dynamic responses",
    ],
    [
      "permissions { export: 'a q' }",
      'cluster export allow: subject "a q" is not a valid subject',
    ],
    [
      "compression: 5",
      'field "compression" should be a boolean or a structure, got int64',
    ],
    ["compression { rtts: [x] }", 'time: invalid duration "x"'],
    ["routes: ['nats://h:x']", 'error parsing route url ["nats://h:x"]'],
  ];
  for (const [text, message] of cases) {
    assertEquals(errors(`cluster { ${text} }`).map(bare), [message]);
  }
  assertEquals(errors("cluster: x").map(bare), [
    "Expected map to define cluster, got string",
  ]);
  assertEquals(
    warnings("cluster { routes: ['nats://a', 'nats://a'] }").map(bare),
    [
      'invalid use of field "nats://a": Duplicate route entry detected',
    ],
  );
});

capability("gateway - is read", BOTH, () => {
  const { gateway } = options(
    "gateway { name: g, port: 1, reject_unknown: true, advertise: a, connect_retries: 2, " +
      "gateways: [ { name: h, url: 'nats://h' }, { name: i, urls: ['nats://i', 'nats://j'] } ] }",
  );
  assertContains(gateway, {
    name: "g",
    port: 1,
    rejectUnknown: true,
    advertise: "a",
    connectRetries: 2,
  });
  assertEquals(gateway.gateways.map(({ name, urls }) => [name, urls.length]), [[
    "h",
    1,
  ], ["i", 2]]);
  assertEquals(errors("gateway { name: 'a b' }").map(bare), [
    "gateway name cannot contain spaces",
  ]);
  assertEquals(errors("gateway { gateways: [ 5, ] }").map(bare), [
    "Expected gateway entry to be a map/struct, got 5",
  ]);
  assertEquals(errors("gateway: x").map(bare), [
    "Expected gateway to be a map, got string",
  ]);
});

capability("leafnodes - are read", BOTH, () => {
  const { leafnodes } = options(
    "leafnodes { port: 1, no_advertise: true, min_version: 2.9.0, reconnect: 5s, dial_timeout: 2s, isolate: true, " +
      "compression { mode: s2_auto, rtts: ['1ms', '2ms'] }, " +
      "authorization { users: [ { user: a, pass: b, account: A } ] }, " +
      `remotes: [ { urls: ['nats://h:1'], account: A, seed: ${USER_SEED}, hub: true, deny_imports: [x], ` +
      "js_cluster_migrate { leader_migrate_delay: 3s }, first_info_timeout: 4s, ws_compression: true, " +
      "proxy { url: 'http://p', timeout: 6s } } ] }",
  );
  assertContains(leafnodes, {
    port: 1,
    noAdvertise: true,
    minVersion: "2.9.0",
    reconnectInterval: 5000,
    dialTimeout: 2000,
    isolateLeafnodeInterest: true,
    compression: { mode: "s2_auto", rttThresholds: [1, 2] },
  });
  assertContains(leafnodes.users[0] ?? {}, {
    username: "a",
    password: "b",
    account: "A",
  });
  assertContains(leafnodes.remotes[0] ?? {}, {
    account: "A",
    nkey: USER_SEED,
    hub: true,
    denyImports: ["x"],
    jetstreamClusterMigrate: true,
    jetstreamClusterMigrateDelay: 3000,
    firstInfoTimeout: 4000,
    websocketCompression: true,
    proxy: {
      url: "http://p",
      username: "",
      password: "",
      timeout: 6000,
      tls: undefined,
    },
  });
});

capability("leafnodes - refuse what leafs can't have", { edge: [ROW] }, () => {
  const remote = (text: string) => `remotes: [ { url: 'nats://h', ${text} } ]`;
  const cases: [string, string][] = [
    ["min_version: 2.7.9", "the minimum version should be at least 2.8.0"],
    ["min_version: x", "invalid leafnode's minimum version: invalid semver"],
    [
      "authorization { user: a, users: [ {user: b} ] }",
      "can not have a single user/pass and a users array",
    ],
    [
      "authorization { users: [ {user: b}, {user: b} ] }",
      'duplicate user "b" detected in leafnode authorization',
    ],
    [
      "authorization { nkey: x }",
      "Not a valid public nkey for leafnode authorization",
    ],
    [remote("seed: x"), 'Remote leafnode nkey is not a valid seed: "x"'],
    [
      remote(`creds: a, seed: ${USER_SEED}`),
      "Remote leafnode can not have both creds and nkey defined",
    ],
    [
      remote("proxy { username: u }"),
      "proxy URL must be specified when other proxy options are set",
    ],
    [
      remote("proxy { url: 'ftp://p' }"),
      "proxy URL scheme must be http or https, got: ftp",
    ],
    [
      remote("proxy { url: 'https://p', tls { verify: true } }"),
      '"verify" is not supported for proxy TLS',
    ],
    [
      "remotes: [ {url: 'nats://u:p@h'}, {url: 'nats://u:p@h'} ]",
      'duplicate remote urls=["nats://u:xxxxx@h"], account="$G"',
    ],
    [
      `remotes: [ ${USER_KEY} ]`,
      `Expected remote leafnode entry to be a map/struct, got ${USER_KEY}`,
    ],
  ];
  for (const [text, message] of cases) {
    assertEquals(errors(`leafnodes { ${text} }`).map(bare), [message]);
  }
});

capability("websocket - is read", BOTH, () => {
  const { websocket } = options(
    "ws { listen: 'h:1', advertise: a, no_tls: true, same_origin: true, origins: [x, y], compress: true, " +
      "handshake_timeout: 3, ping_interval: '4s', jwt_cookie: j, user_cookie: u, pass_cookie: p, token_cookie: t, " +
      "no_auth_user: n, headers { H: v }, authorization { user: a, pass: b, token: c, timeout: 2 } }",
  );
  assertContains(websocket, {
    host: "h",
    port: 1,
    advertise: "a",
    noTls: true,
    sameOrigin: true,
    allowedOrigins: ["x", "y"],
    compression: true,
    handshakeTimeout: 3000,
    pingInterval: 4000,
    jwtCookie: "j",
    usernameCookie: "u",
    passwordCookie: "p",
    tokenCookie: "t",
    noAuthUser: "n",
    headers: new Map([["H", "v"]]),
    username: "a",
    password: "b",
    token: "c",
    authTimeout: 2000,
  });
  assertEquals(errors("websocket { headers { a: 5 } }").map(bare), [
    "error parsing header key a: unsupported type int64",
  ]);
  assertEquals(errors("websocket: x").map(bare), [
    "Expected websocket to be a map, got string",
  ]);
});

capability("mqtt - is read", BOTH, () => {
  const { mqtt } = options(
    "mqtt { port: 1, ack_wait: 3s, js_api_timeout: 4s, max_ack_pending: 65535, js_domain: d, stream_replicas: 3, " +
      "consumer_memory_storage: true, consumer_auto_cleanup: 5s, reject_qos2_publish: true, no_auth_user: n }",
  );
  assertContains(mqtt, {
    port: 1,
    ackWait: 3000,
    jsApiTimeout: 4000,
    maxAckPending: 65535,
    jsDomain: "d",
    streamReplicas: 3,
    consumerMemoryStorage: true,
    consumerInactiveThreshold: 5000,
    rejectQos2Publish: true,
    downgradeQos2Subscribe: false,
    noAuthUser: "n",
  });
  assertEquals(errors("mqtt { max_inflight: 65536 }").map(bare), [
    "invalid value 65536, should in [0..65535] range",
  ]);
  assertEquals(warnings("mqtt { consumer_replicas: 3 }").map(bare), [
    'invalid use of field "consumer_replicas": consumer replicas setting ignored in this server version',
  ]);
});

capability("jetstream - is a switch, a word or a block", BOTH, () => {
  const enabled = (text: string) => load(text).options.jetstream.enabled;
  assertEquals(
    ["true", "enabled", "ENABLE", "{}"].map((value) =>
      enabled(`jetstream: ${value}`)
    ),
    [
      true,
      true,
      true,
      true,
    ],
  );
  assertEquals(
    ["false", "disabled", "{ enabled: false }"].map((value) =>
      enabled(`jetstream: ${value}`)
    ),
    [
      false,
      false,
      false,
    ],
  );
  const { jetstream } = options(
    "jetstream { store_dir: d, sync: always, max_mem: 1KB, max_file: '2G', domain: x, key: k, ek: e, prev_key: p, " +
      "cipher: AES, unique_tag: ' Az ', strict: false, extension_hint: no_extend, max_outstanding_catchup: '3M', " +
      "max_buffered_msgs: 4, request_queue_limit: 5, meta_compact: 6, meta_compact_size: '7K', " +
      "meta_compact_sync: true, max_concurrent_io: 8, " +
      "limits { max_ack_pending: 1, max_ha_assets: 2, duplicate_window: 3s, batch { max_msgs: 4, timeout: 5s } }, " +
      "tpm { keys_file: f, pcr: 22 } }",
  );
  assertContains(jetstream, {
    storeDir: "d",
    syncAlways: true,
    syncInterval: 120_000,
    maxMemory: 1024,
    maxStore: 2 * 1024 ** 3,
    domain: "x",
    key: "e",
    previousKey: "p",
    cipher: "aes",
    uniqueTag: "az",
    strict: false,
    extensionHint: "no_extend",
    maxOutstandingCatchup: 3 * 1024 ** 2,
    maxBufferedMessages: 4,
    requestQueueLimit: 5,
    metaCompact: 6,
    metaCompactSize: 7168,
    metaCompactSync: true,
    maxConcurrentIo: 8,
    tpm: { keysFile: "f", keyPassword: "", srkPassword: "", pcr: 22 },
  });
  assertContains(jetstream.limits, {
    maxAckPending: 1,
    maxHaAssets: 2,
    duplicateWindow: 3000,
    maxBatchSize: 4,
    maxBatchTimeout: 5000,
  });
});

capability("jetstream - refuses bad sizes and words", { edge: [ROW] }, () => {
  const cases: [string, string][] = [
    [
      "jetstream: x",
      "Expected 'enabled' or 'disabled' for string value, got 'x'",
    ],
    [
      "jetstream: 5",
      "Expected map, bool or string to define JetStream, got int64",
    ],
    [
      "jetstream { max_mem: '1X' }",
      "max_mem_store sizes defined as strings must end in K, M, G, T",
    ],
    [
      "jetstream { max_file: 'xG' }",
      'max_file_store strconv.ParseInt: parsing "x": invalid syntax',
    ],
    ["jetstream { max_file: true }", "max_file_store must be int64 or string"],
    ["jetstream { cipher: x }", 'Unknown cipher type: "x"'],
    [
      "jetstream { meta_compact: -1 }",
      'Expected an absolute size for "meta_compact", got -1',
    ],
    [
      "jetstream { max_concurrent_io: 3 }",
      'Expected an absolute size for "max_concurrent_io" between 4 and 8192, got 3',
    ],
    [
      "jetstream { limits { duplicate_window: x } }",
      'time: invalid duration "x"',
    ],
  ];
  for (const [text, message] of cases) {
    assertEquals(errors(text).map(bare), [message]);
  }
});
