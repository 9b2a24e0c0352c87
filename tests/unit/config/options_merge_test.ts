/** File, command line, defaults: who wins, and what is checked at the end. */

import { assertEquals, assertNotStrictEquals, assertThrows } from "@std/assert";
import {
  applyDefaults,
  emptyOptions,
  type LoadRequest,
  OptionsError,
} from "../../../src/config/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { ACCOUNT_KEY } from "../../tools/identities.ts";
import {
  assertContains,
  assertOptions,
  errors,
  load,
  options,
  ready,
  startFailure,
} from "./options_harness.ts";
import { START_FAILURES } from "./start_failures.ts";

function both(row: string) {
  return { positive: [`config/${row}`], edge: [`config/${row}`] };
}

function withFlags(text: string, overrides: LoadRequest["overrides"] = {}) {
  return load(text, { overrides }).options;
}

capability(
  "precedence - command line, file, defaults",
  both("precedence"),
  () => {
    const merged = withFlags("port: 5\nhost: h\ndebug: true\nmax_payload: 9", {
      port: 6,
      debug: false,
    });
    assertContains(merged, { port: 6, host: "h", debug: false, maxPayload: 9 });
    assertEquals(applyDefaults(merged).maxPending, 64 * 1024 * 1024);
    assertEquals(withFlags("port: 5").port, 5);
  },
);

capability(
  "precedence - flags are seen by the checks of the file",
  both("precedence"),
  () => {
    assertEquals(errors("store_dir: a", { overrides: { storeDir: "b" } }), [
      "1:0: Duplicate 'store_dir' configuration",
    ]);
    assertEquals(
      withFlags("port: 1", { storeDir: "b" }).jetstream.storeDir,
      "b",
    );
  },
);

capability("precedence - cluster flags", both("precedence"), () => {
  const file =
    "cluster { port: 1, host: a, authorization { user: u, password: p }, routes: ['nats://x'] }";
  const moved = withFlags(file, { cluster: "nats://h:7" }).cluster;
  assertContains(moved, { host: "h", port: 7, username: "", password: "" });
  assertContains(withFlags(file, { cluster: "nats://v:w@h:-1" }).cluster, {
    host: "h",
    port: -1,
    username: "v",
    password: "w",
  });
  assertEquals(withFlags(file, { cluster: "" }).cluster.port, 0);
  assertEquals(withFlags(file, { routes: "" }).cluster.routes, []);
  const { routes } =
    withFlags(file, { routes: "nats://a:1, nats://b:2" }).cluster;
  assertEquals(routes.map(({ host, port }) => host + port), ["a1", "b2"]);
  assertThrows(
    () => withFlags(file, { cluster: "nats://u@h:1" }),
    OptionsError,
    "expected cluster password to be set",
  );
  for (
    const [cluster, message] of [
      ["nats://h", "address h: missing port in address"],
      ["h", "missing port in address"],
      ["nats://a b:1", 'parse "nats://a b:1": invalid URL'],
    ] as const
  ) {
    assertThrows(() => withFlags(file, { cluster }), OptionsError, message);
  }
  assertThrows(
    () => withFlags("port: 1", { routes: "nats://a" }),
    OptionsError,
    "solicited routes require cluster capabilities, e.g. --cluster",
  );
});

capability("precedence - TLS flags", {
  positive: ["config/precedence", "tls-ocsp/cli-equivalents"],
  edge: ["config/precedence", "tls-ocsp/cli-equivalents"],
}, () => {
  const { cert, key } = authority().server();
  const files = { "c.pem": cert, "k.pem": key };
  const text = "tls { cert_file: c.pem, key_file: k.pem, timeout: 3 }";
  const own = load(text, {
    files,
    overrides: { tlsCert: "c.pem", tlsKey: "k.pem", tlsVerify: true },
  });
  assertEquals(own.options.tls?.verify, true);
  assertEquals(own.options.tlsTimeout, 3000);
  assertEquals(
    load(text, { files, overrides: { tls: false } }).options.tls,
    undefined,
  );
  const quiet = load(text, {
    files,
    overrides: { tlsVerify: false, tlsCert: "c.pem", tlsKey: "k.pem" },
  });
  assertEquals(quiet.options.tls?.timeout, 0);
  const refused: [LoadRequest["overrides"], string][] = [
    [{ tls: true }, "TLS Server certificate must be present and valid"],
    [{ tlsCert: "c.pem" }, "TLS Server private key must be present and valid"],
    [
      { tlsCert: "x", tlsKey: "k.pem" },
      "error parsing X509 certificate/key pair: open x: no such file or directory",
    ],
  ];
  for (const [overrides = {}, message] of refused) {
    assertThrows(
      () => load("port: 1", { files, overrides }),
      OptionsError,
      message,
    );
  }
});

capability("baseline - fills in what is not set", both("baseline"), () => {
  assertEquals(ready("port: 1").authTimeout, 2000);
  const { cert, key } = authority().server();
  const files = { "c.pem": cert, "k.pem": key };
  const tls = "tls { cert_file: c.pem, key_file: k.pem, timeout: 4 }";
  assertEquals(ready(tls, { files }).authTimeout, 5000);
  assertEquals(
    ready("authorization { user: a, pass: b, timeout: 0.5 }").authTimeout,
    500,
  );
  const { cluster } = ready("cluster { port: 1 }");
  assertContains(cluster, {
    host: "0.0.0.0",
    poolSize: 3,
    accounts: ["$SYS"],
    authTimeout: 2000,
  });
  assertEquals(cluster.compression.mode, "accept");
  assertEquals(
    ready("cluster { port: 1, pool_size: -1 }").cluster.accounts,
    [],
  );
  assertEquals(
    ready("cluster { port: 1 }\nsystem_account: S").cluster.accounts,
    ["S"],
  );
  assertEquals(
    ready("cluster { port: 1 }\nno_system: true").cluster.accounts,
    [],
  );
  assertEquals(
    ready("cluster { port: 1, accounts: ['$SYS'] }").cluster.accounts,
    ["$SYS"],
  );
  const { leafnodes } = ready(
    "leafnodes { port: 1, remotes: [ { url: 'nats://h' } ] }",
  );
  assertEquals(leafnodes.compression, {
    mode: "s2_auto",
    rttThresholds: [10, 50, 100],
  });
  assertEquals(leafnodes.reconnectInterval, 1000);
  const [remote] = leafnodes.remotes;
  assertEquals([
    remote?.urls[0]?.port,
    remote?.account,
    remote?.firstInfoTimeout,
  ], ["7422", "$G", 1000]);
  const { jetstream } = ready("jetstream {}");
  assertContains(jetstream, {
    enabled: true,
    maxMemory: -1,
    maxStore: -1,
    syncInterval: 120_000,
    requestQueueLimit: 10_000,
    infoQueueLimit: 10_000,
    maxConcurrentIo: 4096,
  });
  assertEquals(jetstream.limits.defaultMaxConsumers, 1000);
});

capability("baseline - leaves blocks that do not listen alone", {
  edge: ["config/baseline"],
}, () => {
  const { cluster, gateway, websocket, mqtt } = ready("port: 1");
  assertEquals([cluster.host, cluster.poolSize, cluster.compression.mode], [
    "",
    0,
    "",
  ]);
  assertEquals([gateway.host, websocket.host, mqtt.tlsTimeout], ["", "", 0]);
});

capability(
  "validation - reports the first contradiction in Go's order",
  both("validation-order-at-start"),
  () => {
    for (const [text, message] of START_FAILURES) {
      assertEquals(
        startFailure(text),
        message,
      );
    }
  },
);

capability("validation - gives options their normal form", {
  positive: ["config/validation-order-at-start"],
}, () => {
  assertEquals(ready("gateway { name: g, port: 1 }").cluster.name, "g");
  assertEquals(
    ready("cluster { compression: ON }").cluster.compression.mode,
    "s2_fast",
  );
  assertEquals(
    ready(
      "leafnodes { compression { mode: S2_Auto, rtts: ['0s', '5ms', '0s'] } }",
    ).leafnodes.compression,
    { mode: "s2_auto", rttThresholds: [0, 5] },
  );
});

capability(
  "auth_callout - only allows accounts that exist",
  both("auth-callout-post-check"),
  () => {
    const text = (allowed: string) =>
      `authorization { auth_callout { issuer: ${ACCOUNT_KEY}, auth_users: [a], allowed_accounts: [${allowed}] } }\n` +
      "accounts { A {}, B {} }";
    assertEquals(options(text("A, B")).authCallout?.allowedAccounts, [
      "A",
      "B",
    ]);
    assertEquals(errors(text("A, C")), [
      'auth_callout allowed account "C" not found in configured accounts',
    ]);
  },
);

capability(
  "system account - is read before what depends on it",
  both("system-account-pre-pass"),
  () => {
    assertEquals(
      errors("port: x\nsystem_account: 5")[0],
      "2:1: system account name must be a string",
    );
    assertOptions("accounts { S {} }\nsystem_account: S", {
      systemAccount: "S",
    });
    assertOptions("system: T\nsystem_account: S", { systemAccount: "S" });
  },
);

capability(
  "clone - defaults and checks leave what they are given alone",
  both("options-clone"),
  () => {
    const raw = load(
      "cluster { port: 1, compression: on }\nleafnodes { remotes: [ { url: 'nats://h' } ] }",
    ).options;
    const before = structuredClone(raw);
    const complete = applyDefaults(raw);
    assertEquals(raw, before);
    assertNotStrictEquals(complete.cluster, raw.cluster);
    assertNotStrictEquals(complete.jetstream.limits, raw.jetstream.limits);
    assertNotStrictEquals(emptyOptions().cluster, emptyOptions().cluster);
    assertEquals(
      applyDefaults(complete).cluster.accounts,
      complete.cluster.accounts,
    );
  },
);

capability("credentials - paths are expanded", both("path-expansion"), () => {
  const credentials = (path: string, env: Record<string, string>) =>
    options(
      `leafnodes { remotes: [ { url: 'nats://h', credentials: "${path}" } ] }`,
      { env },
    )
      .leafnodes.remotes[0]?.credentials;
  assertEquals(
    credentials("~/a.creds", { HOME: "/home/u" }),
    "/home/u/a.creds",
  );
  assertEquals(credentials("${X}/$Y.creds", { X: "/x", Y: "y" }), "/x/y.creds");
  assertEquals(credentials("/a/~/b", {}), "/a/~/b");
  assertEquals(
    errors('leafnodes { remotes: [ { url: "nats://h", creds: "~/a" } ] }'),
    [
      "1:42: failed to get home dir, require $HOME",
    ],
  );
  assertEquals(options("log_file: '~/x'").logFile, "~/x");
});

capability(
  "cross checks - hold in both orders",
  both("random-order-hazard"),
  () => {
    const auth = "authorization { user: a, password: b }";
    const accounts = "accounts { A { users: [ { user: c } ] } }";
    assertEquals(errors(`${auth}\n${accounts}`), [
      "2:16: Can not have a single user/pass and accounts",
    ]);
    assertEquals(errors(`${accounts}\n${auth}`), [
      "2:1: Can not have a single user/pass and a users array",
    ]);
    const token = "authorization { token: t }";
    assertEquals(errors(`${token}\n${accounts}`), [
      "2:16: Can not have a token and accounts",
    ]);
    assertEquals(errors(`${accounts}\n${token}`), [
      "2:1: Can not have a token and a users array",
    ]);
    const users = "authorization { users: [ { user: c } ] }";
    assertEquals(errors(`${users}\n${accounts}`), [
      '2:16: Duplicate user "c" detected',
    ]);
    assertEquals(errors(`${accounts}\n${users}`), [
      '2:1: Duplicate user "c" detected',
    ]);
    const other = "authorization { users: [ { user: d } ] }";
    assertEquals(
      options(`${accounts}\n${other}`).users.map(({ username }) => username),
      ["c", "d"],
    );
  },
);
