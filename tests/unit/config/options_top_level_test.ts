/** Options of the top level. */

import { assertEquals } from "@std/assert";
import { applyDefaults, emptyOptions } from "../../../src/config/mod.ts";
import { capability } from "../../tools/capability.ts";
import {
  assertContains,
  assertOptions,
  errors,
  load,
  options,
  ready,
  warnings,
} from "./options_harness.ts";

/** Claims a row of the configuration's registry for both kinds of test. */
function both(row: string) {
  return { positive: [`config/${row}`], edge: [`config/${row}`] };
}

const defaults = applyDefaults(emptyOptions());

capability("listen - takes a port or host and port", both("listen"), () => {
  assertOptions("listen: 4333", { host: "", port: 4333 });
  assertOptions('listen: "127.0.0.1:4333"', { host: "127.0.0.1", port: 4333 });
  assertOptions('listen: "[::1]:-1"', { host: "::1", port: -1 });
  assertEquals(errors("listen: nowhere"), [
    '1:0: could not parse address string "nowhere"',
  ]);
  assertEquals(errors("listen: 'a:b'"), ['1:0: could not parse port "b"']);
  assertEquals(errors("listen: 'a:1:2'"), [
    '1:0: could not parse address string "a:1:2"',
  ]);
  assertEquals(errors("listen: yes"), [
    "1:0: expected port or host:port, got bool",
  ]);
});

capability(
  "host and port - have defaults and aliases",
  both("host-net-port"),
  () => {
    assertContains(defaults, { host: "0.0.0.0", port: 4222 });
    assertOptions("net: localhost\nport: 1", { host: "localhost", port: 1 });
    assertEquals(ready("port: -1").port, 0);
    assertEquals(ready("port: 0").port, 4222);
    assertEquals(errors("port: '1'"), [
      "1:0: interface conversion: interface {} is string, not int64",
    ]);
  },
);

capability("client_advertise - is text", both("client-advertise"), () => {
  assertOptions("client_advertise: 'me:1'", { clientAdvertise: "me:1" });
  assertEquals(errors("client_advertise: 1").length, 1);
});

capability("server_name - has no blanks", both("server-name"), () => {
  assertOptions("server_name: n1", { serverName: "n1" });
  assertEquals(errors("server_name: 'n 1'"), [
    "1:0: server name cannot contain spaces",
  ]);
});

capability(
  "log switches - verbose and headers imply trace",
  both("debug-trace-trace-verbose-trace-headers-logtime-logtime"),
  () => {
    assertContains(defaults, {
      debug: false,
      trace: false,
      logTime: true,
      logTimeUtc: false,
    });
    assertOptions("debug: on\ntrace: yes", {
      debug: true,
      trace: true,
      traceVerbose: false,
    });
    assertOptions("trace_verbose: true", { trace: true, traceVerbose: true });
    assertOptions("trace_headers: true", { trace: true, traceHeaders: true });
    assertOptions("trace: true\ntrace_verbose: false", {
      trace: false,
      traceVerbose: false,
    });
    assertOptions("logtime: no\nlogtime_utc: yes", {
      logTime: false,
      logTimeUtc: true,
    });
    assertEquals(errors("debug: 'true'").length, 1);
  },
);

capability(
  "log files - take sizes and counts",
  both("logfile-log-file-logfile-size-limit-log-size"),
  () => {
    assertOptions("log_file: a.log\nlog_size_limit: 1KB\nlog_max_num: 3", {
      logFile: "a.log",
      logFileSizeLimit: 1024,
      logFileMaxCount: 3,
    });
    assertOptions("logfile: b\nlogfile_size_limit: 1k\nlogfile_max_num: 1", {
      logFile: "b",
      logFileSizeLimit: 1000,
      logFileMaxCount: 1,
    });
    assertOptions("syslog: true\nremote_syslog: 'udp://h:514'", {
      syslog: true,
      remoteSyslog: "udp://h:514",
    });
    assertEquals(errors("logfile_size_limit: '1k'").length, 1);
  },
);

capability(
  "process files and profiling - are read",
  both("pidfile-pid-file-ports-file-dir-prof-port"),
  () => {
    assertOptions(
      "pidfile: a\nports_file_dir: b\nprof_port: 1\nprof_block_rate: 2",
      {
        pidFile: "a",
        portsFileDir: "b",
        profPort: 1,
        profBlockRate: 2,
      },
    );
    assertEquals(errors("pid_file: 1\nprof_port: x").length, 2);
  },
);

Deno.test("the dashboard - is there unless it is switched off", () => {
  assertOptions("debug: on", { dashboard: true });
  assertOptions("dashboard: off", { dashboard: false });
  assertEquals(errors("dashboard: 1").length, 1);
});

capability("monitoring - takes ports and addresses", both("http-https"), () => {
  assertOptions("http: 'localhost:8222'", {
    httpHost: "localhost",
    httpPort: 8222,
  });
  assertOptions("https: 8443\nhttp_base_path: '/n'", {
    httpsPort: 8443,
    httpBasePath: "/n",
  });
  assertOptions("monitor_port: 1\nhttps_port: 2", {
    httpPort: 1,
    httpsPort: 2,
  });
  assertEquals(ready("host: h").httpHost, "h");
  assertEquals(errors("http: x"), ['1:0: could not parse address string "x"']);
});

capability("max_control_line - is an int32", both("max-control-line"), () => {
  assertEquals(defaults.maxControlLine, 4096);
  assertOptions("max_control_line: 2147483647", { maxControlLine: 2147483647 });
  assertEquals(errors("Max_Control_Line: 2147483648"), [
    "1:0: Max_Control_Line value is too big",
  ]);
});

capability("max_payload - is an int32", both("max-payload"), () => {
  assertEquals(defaults.maxPayload, 1024 * 1024);
  assertOptions("max_payload: 8MB", { maxPayload: 8 * 1024 * 1024 });
  assertEquals(errors("max_payload: 2GB"), [
    "1:0: max_payload value is too big",
  ]);
});

capability("max_pending - is an integer", both("max-pending"), () => {
  assertEquals(defaults.maxPending, 64 * 1024 * 1024);
  assertOptions("max_pending: 10GB", { maxPending: 10 * 1024 ** 3 });
  assertEquals(errors("max_pending: '1'").length, 1);
});

capability(
  "max_connections - asked for zero refuses all",
  both("max-connections-max-conn"),
  () => {
    assertEquals(defaults.maxConnections, 65536);
    assertOptions("max_conn: 5", { maxConnections: 5 });
    assertEquals(ready("max_connections: 0").maxConnections, -1);
    assertEquals(ready("max_connections: -3").maxConnections, -3);
  },
);

capability(
  "max_subscriptions - is unlimited by default",
  both("max-subscriptions-max-subs"),
  () => {
    assertEquals(defaults.maxSubscriptions, 0);
    assertOptions("max_subs: 3", { maxSubscriptions: 3 });
    assertEquals(errors("max_subscriptions: x").length, 1);
  },
);

capability(
  "max_sub_tokens - lies in 1 to 255",
  both("max-sub-tokens-max-subscription-tokens"),
  () => {
    assertEquals(defaults.maxSubscriptionTokens, 0);
    assertOptions("max_subscription_tokens: 255", {
      maxSubscriptionTokens: 255,
    });
    assertEquals(errors("max_sub_tokens: 256"), [
      "1:0: max_sub_tokens value is too big",
    ]);
    assertEquals(errors("max_sub_tokens: 0"), [
      "1:0: max_sub_tokens value can not be negative",
    ]);
  },
);

capability(
  "max_traced_msg_len - is an integer",
  both("max-traced-msg-len"),
  () => {
    assertEquals(defaults.maxTracedMessageLength, 0);
    assertOptions("max_traced_msg_len: 9", { maxTracedMessageLength: 9 });
    assertEquals(errors("max_traced_msg_len: 1.5").length, 1);
  },
);

capability(
  "max_closed_clients - has a default",
  both("max-closed-clients"),
  () => {
    assertEquals(defaults.maxClosedClients, 10_000);
    assertOptions("max_closed_clients: 9", { maxClosedClients: 9 });
    assertEquals(errors("max_closed_clients: x").length, 1);
  },
);

capability(
  "ping_interval - is a duration, or seconds with a warning",
  both("ping-interval"),
  () => {
    assertContains(defaults, { pingInterval: 120_000, pingMax: 2 });
    assertOptions("ping_interval: '1m30s'\nping_max: 5", {
      pingInterval: 90_000,
      pingMax: 5,
    });
    assertEquals(load("ping_interval: 5").options.pingInterval, 5000);
    assertEquals(warnings("ping_interval: 5"), [
      '1:0: invalid use of field "ping_interval": ping_interval should be converted to a duration',
    ]);
    // Unquoted, the text is the integer 2,000,000.
    assertEquals(load("ping_interval: 2m").options.pingInterval, 2e9);
  },
);

capability(
  "write_deadline - is a duration, or seconds with a warning",
  both("write-deadline"),
  () => {
    assertEquals(defaults.writeDeadline, 10_000);
    assertOptions("write_deadline: 250ms", { writeDeadline: 250 });
    assertEquals(warnings("write_deadline: 3").length, 1);
    assertEquals(errors("write_deadline: 3x"), [
      '1:0: error parsing write_deadline: time: unknown unit "x" in duration "3x"',
    ]);
    assertEquals(errors("write_deadline: '3'"), [
      '1:0: error parsing write_deadline: time: missing unit in duration "3"',
    ]);
    assertEquals(errors("write_deadline: ''"), [
      '1:0: error parsing write_deadline: time: invalid duration ""',
    ]);
  },
);

capability(
  "write_timeout - names a policy, also for links",
  both("write-timeout"),
  () => {
    assertEquals(defaults.writeTimeout, "default");
    assertOptions("write_timeout: retry", { writeTimeout: "retry" });
    assertEquals(
      options("cluster { write_timeout: close }").cluster.writeTimeout,
      "close",
    );
    assertEquals(
      options("gateway { write_timeout: retry }").gateway.writeTimeout,
      "retry",
    );
    assertEquals(
      options("leafnodes { write_timeout: close }").leafnodes.writeTimeout,
      "close",
    );
    assertEquals(errors("write_timeout: Close"), [
      "1:0: write_timeout must be 'default', 'close' or 'retry'",
    ]);
  },
);

capability(
  "lame_duck_duration - is at least 30 s",
  both("lame-duck-duration"),
  () => {
    assertEquals(defaults.lameDuckDuration, 120_000);
    assertOptions("lame_duck_duration: 30s", { lameDuckDuration: 30_000 });
    assertEquals(errors("lame_duck_duration: '29.5s'"), [
      "1:0: invalid lame_duck_duration of 29.5s, minimum is 30 seconds",
    ]);
    assertEquals(errors("lame_duck_duration: x"), [
      '1:0: error parsing lame_duck_duration: time: invalid duration "x"',
    ]);
    assertEquals(errors("lame_duck_duration: 60").length, 1);
  },
);

capability(
  "lame_duck_grace_period - is not negative",
  both("lame-duck-grace-period"),
  () => {
    assertEquals(defaults.lameDuckGracePeriod, 10_000);
    assertOptions("lame_duck_grace_period: 5s", { lameDuckGracePeriod: 5000 });
    assertEquals(errors("lame_duck_grace_period: '-1s'"), [
      "1:0: invalid lame_duck_grace_period, needs to be positive",
    ]);
  },
);

capability("switches - are booleans", {
  positive: [
    "config/disable-sublist-cache-no-sublist-cache",
    "config/no-header-support",
    "config/proxy-protocol",
    "config/no-fast-producer-stall",
  ],
  edge: [
    "config/disable-sublist-cache-no-sublist-cache",
    "config/no-header-support",
    "config/proxy-protocol",
    "config/no-fast-producer-stall",
  ],
}, () => {
  assertContains(defaults, {
    disableSublistCache: false,
    noHeaderSupport: false,
    proxyProtocol: false,
    noFastProducerStall: false,
  });
  assertOptions(
    "no_header_support: true\nproxy_protocol: on\nno_fast_producer_stall: yes",
    {
      noHeaderSupport: true,
      proxyProtocol: true,
      noFastProducerStall: true,
    },
  );
  assertOptions("no_sublist_cache: true", { disableSublistCache: true });
  assertOptions("disable_sublist_cache: true", { disableSublistCache: true });
  for (
    const name of [
      "no_sublist_cache",
      "no_header_support",
      "proxy_protocol",
      "no_fast_producer_stall",
    ]
  ) {
    assertEquals(errors(`${name}: 1`), [
      "1:0: interface conversion: interface {} is int64, not bool",
    ]);
  }
});

capability(
  "error reports - have defaults",
  both("connect-error-reports-reconnect-error-reports"),
  () => {
    assertContains(defaults, {
      connectErrorReports: 3600,
      reconnectErrorReports: 1,
    });
    assertOptions("connect_error_reports: 5\nreconnect_error_reports: 6", {
      connectErrorReports: 5,
      reconnectErrorReports: 6,
    });
    assertEquals(errors("connect_error_reports: x").length, 1);
  },
);

capability(
  "server_tags - are lower case and unique",
  both("server-tags"),
  () => {
    assertOptions("server_tags: [A, ' a ', 'B:c', '']", {
      serverTags: ["a", "b:c"],
    });
    assertOptions("server_tags: X", { serverTags: ["x"] });
    assertEquals(errors("server_tags: 5"), [
      "1:0: error parsing tags: unsupported type int64",
    ]);
    assertEquals(errors("server_tags: [a, 5 ]"), [
      "1:0: error parsing tags: unsupported type *conf.token where string is expected",
    ]);
  },
);

capability(
  "server_metadata - maps text to text",
  both("server-metadata"),
  () => {
    assertOptions("server_metadata { A: b }", {
      serverMetadata: new Map([["A", "b"]]),
    });
    assertEquals(errors("server_metadata: x"), [
      "1:0: error parsing metadata: unsupported type string",
    ]);
    assertEquals(errors("server_metadata { a: 5 }").length, 1);
  },
);

capability(
  "feature_flags - map names to booleans",
  both("feature-flags"),
  () => {
    assertOptions("feature_flags { js_ack_fc_v2: true, other: no }", {
      featureFlags: new Map([["js_ack_fc_v2", true], ["other", false]]),
    });
    assertEquals(errors("feature_flags { a: 'on' }"), [
      '1:16: error parsing feature flag "a": expected bool, got string',
    ]);
    assertEquals(errors("feature_flags: 1"), [
      "1:0: error parsing feature flags: unsupported type int64",
    ]);
  },
);

capability(
  "default_js_domain - maps accounts to domains",
  both("default-js-domain"),
  () => {
    assertOptions("default_js_domain { A: b }", {
      defaultJsDomain: new Map([["A", "b"]]),
    });
    assertEquals(errors("default_js_domain: 1"), [
      "1:0: error default_js_domain config: unsupported type int64",
    ]);
  },
);

capability(
  "mappings - have destinations with weights",
  both("mappings-maps"),
  () => {
    assertOptions(
      "mappings { a: b, 'c.*': [ {dest: 'd.$1', weight: 20%}, {destination: e, weight: 30, cluster: X} ] }",
      {
        mappings: [
          {
            source: "a",
            destinations: [{ subject: "b", weight: 100, cluster: "" }],
          },
          {
            source: "c.*",
            destinations: [
              { subject: "d.$1", weight: 20, cluster: "" },
              { subject: "e", weight: 30, cluster: "X" },
            ],
          },
        ],
      },
    );
    assertEquals(errors("maps { 'a..b': c }"), [
      '1:0: Subject "a..b" is not a valid subject',
    ]);
    assertEquals(
      errors(
        "mappings { a: [ {dest: b, weight: 60}, {dest: c, weight: 50} ] }",
      ),
      [
        '1:11: Error adding mapping for "a" : total weight needs to be <= 100',
      ],
    );
    assertEquals(
      errors("mappings { a: [ {dest: b, weight: 60}, {dest: b, weight: 5} ] }"),
      [
        '1:11: Error adding mapping for "a" : duplicate entry for "b"',
      ],
    );
    assertEquals(errors("mappings { a: [ {dest: b} ] }"), [
      '1:25: Missing weight for mapping destination "b"',
    ]);
    assertEquals(errors("mappings { a: '$1.b..' }"), [
      '1:11: Error adding mapping for "a" to "$1.b.." : ' +
      "invalid mapping destination: invalid transform",
    ]);
  },
);

capability("store_dir - is given once", both("store-dir-storedir"), () => {
  assertEquals(options("store_dir: a").jetstream.storeDir, "a");
  assertEquals(options("jetstream { storedir: a }").jetstream.storeDir, "a");
  assertEquals(errors("store_dir: a\njetstream { store: b }"), [
    "2:13: Duplicate 'store_dir' configuration",
  ]);
  assertEquals(errors("jetstream { store: b }\nstoredir: a"), [
    "2:1: Duplicate 'store_dir' configuration",
  ]);
});

capability(
  "system_account - is a name",
  both("system-account-system-no-system-account-no-system"),
  () => {
    assertOptions("system_account: S", {
      systemAccount: "S",
      noSystemAccount: false,
    });
    assertOptions("system: S\nno_system: true", {
      systemAccount: "S",
      noSystemAccount: true,
    });
    assertOptions("no_sys_acc: true", { noSystemAccount: true });
    assertEquals(errors("system: 5"), [
      "1:0: system account name must be a string",
    ]);
  },
);
