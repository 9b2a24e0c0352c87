/** Defaults, then the configuration file, then the command line. */

import { assertEquals, assertThrows } from "@std/assert";
import { FLAGS } from "../../../src/cli/flags.ts";
import { parseFlags } from "../../../src/cli/flag_set.ts";
import { overridesOf } from "../../../src/cli/overrides.ts";
import {
  applyDefaults,
  ConfigurationError,
  loadOptions,
  type Options,
  OptionsError,
} from "../../../src/config/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";

const { disk } = denoRuntime();

/** The options that a file and arguments come to. */
function options(config: string, ...args: string[]): Options {
  const configFile = Deno.makeTempFileSync({ suffix: ".conf" });
  try {
    Deno.writeTextFileSync(configFile, config);
    const overrides = overridesOf(parseFlags(FLAGS, args));
    const loaded = loadOptions({
      configFile,
      overrides,
      disk,
      env: () => undefined,
    });
    return applyDefaults(loaded.options);
  } finally {
    Deno.removeSync(configFile);
  }
}

const routes = (...args: Parameters<typeof options>) =>
  options(...args).cluster.routes.map((url) => url.text);
const CLUSTER =
  "cluster { listen: 127.0.0.1:6222, authorization { user: u, password: p }\n" +
  "routes: [ nats://127.0.0.1:1, nats://127.0.0.1:2 ] }\n";

capability(
  "precedence - defaults, then the file, then flags",
  { positive: ["config/precedence", "cli-signals-logging/precedence"] },
  () => {
    assertEquals(options("# nothing").port, 4222);
    assertEquals(options("port: 5").port, 5);
    const flagged = options(
      "port: 5\nhttp: 8222\ndebug: true\nlogtime: true",
      "-p",
      "6",
      "-T=false",
    );
    assertEquals([
      flagged.port,
      flagged.httpPort,
      flagged.debug,
      flagged.logTime,
    ], [6, 8222, true, false]);
  },
);

capability(
  "precedence - a flag may set what would be the default, or switch off",
  {
    edge: [
      "config/precedence",
      "cli-signals-logging/precedence",
      "cli-signals-logging/server-flags",
    ],
  },
  () => {
    assertEquals(
      options("port: 5\nhttp: 8222", "-p", "0", "-m", "0").port,
      4222,
    );
    assertEquals(options("http: 8222", "-m", "0").httpPort, 0);
    const quiet = options(
      "debug: true\ntrace: true\nsyslog: true",
      "-DV=false",
      "-s=false",
    );
    assertEquals([quiet.debug, quiet.trace, quiet.syslog], [
      false,
      false,
      false,
    ]);
    assertEquals(options("server_name: file", "-n", "").serverName, "");
  },
);

capability(
  "precedence - the cluster URL replaces address and credentials",
  {
    positive: ["cli-signals-logging/cluster-flags"],
    edge: ["config/precedence"],
  },
  () => {
    const { cluster } = options(CLUSTER, "--cluster", "nats://a:b@127.0.0.2:7");
    const { host, port, username, password } = cluster;
    assertEquals({ host, port, username, password }, {
      host: "127.0.0.2",
      port: 7,
      username: "a",
      password: "b",
    });
    assertEquals(
      options(CLUSTER, "--cluster", "nats://127.0.0.1:-1").cluster.port,
      -1,
    );
    const bare = options(CLUSTER, "--cluster_listen=nats://h:8").cluster;
    assertEquals([bare.username, bare.password], ["", ""]);
    assertEquals(options(CLUSTER, "--cluster", "").cluster.port, 0);
  },
);

capability(
  "precedence - routes replace those of the file, and want a cluster",
  { edge: ["cli-signals-logging/cluster-flags"] },
  () => {
    assertEquals(
      routes(CLUSTER, "--routes", "nats://127.0.0.1:3, nats://127.0.0.1:4"),
      [
        "nats://127.0.0.1:3",
        "nats://127.0.0.1:4",
      ],
    );
    assertEquals(routes(CLUSTER, "--routes", ""), []);
    const error = assertThrows(
      () => options("port: 1", "--routes", "nats://h:1"),
      OptionsError,
    );
    assertEquals(
      error.message,
      "solicited routes require cluster capabilities, e.g. --cluster",
    );
  },
);

capability(
  "precedence - JetStream and its directory",
  {
    positive: ["cli-signals-logging/other-flags"],
    edge: ["cli-signals-logging/other-flags"],
  },
  () => {
    const { jetstream } = options("jetstream: enabled", "-sd", "/flag");
    assertEquals([jetstream.enabled, jetstream.storeDir], [true, "/flag"]);
    assertThrows(
      () => options("jetstream { store_dir: /file }", "-sd", "/flag"),
      ConfigurationError,
      "Duplicate 'store_dir' configuration",
    );
    assertEquals(
      options("jetstream: enabled", "--jetstream=false").jetstream.enabled,
      false,
    );
  },
);
