import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  CommandLineError,
  parseCommandLine,
} from "../../../src/cli/command_line.ts";
import { overridesOf } from "../../../src/cli/overrides.ts";
import { TLS_USAGE } from "../../../src/cli/tls_usage.ts";
import { USAGE } from "../../../src/cli/usage.ts";
import { versionText } from "../../../src/cli/version.ts";
import { FLAGS } from "../../../src/cli/flags.ts";
import { parseFlags } from "../../../src/cli/flag_set.ts";
import { capability } from "../../tools/capability.ts";

const kind = (...args: string[]) => parseCommandLine(args).kind;
const failure = (...args: string[]) =>
  assertThrows(() => parseCommandLine(args), CommandLineError).message;
const overrides = (...args: string[]) => overridesOf(parseFlags(FLAGS, args));

capability(
  "parseCommandLine - version and help in every spelling",
  {
    positive: [
      "cli-signals-logging/version",
      "cli-signals-logging/help",
      "cli-signals-logging/positional",
    ],
  },
  () => {
    for (const word of ["-v", "--version", "version", "VERSION"]) {
      assertEquals(kind(word), "version");
    }
    for (const word of ["-h", "-help", "help", "Help"]) {
      assertEquals(kind(word), "help");
    }
    assertEquals(kind("-help_tls"), "tls help");
  },
);

capability(
  "parseCommandLine - version goes before help, both before commands, signals and checks",
  {
    edge: [
      "cli-signals-logging/version",
      "cli-signals-logging/help",
      "cli-signals-logging/positional",
    ],
  },
  () => {
    assertEquals(kind("-h", "-v"), "version");
    assertEquals(kind("-help_tls", "-h"), "help");
    assertEquals(kind("-h", "nonsense"), "help");
    assertEquals(kind("--signal", "quit", "help"), "help");
    assertEquals(kind("-v=false", "-p", "1"), "serve");
    assertEquals(failure("start"), 'unrecognized command: "start"');
    assertEquals(
      failure("-p", "1", "x\n", "-v"),
      String.raw`unrecognized command: "x\n"`,
    );
  },
);

Deno.test("parseCommandLine - a signal goes before a check, a check wants a file", () => {
  assertEquals(parseCommandLine(["-sl", "quit=1", "-t"]), {
    kind: "signal",
    signal: "quit=1",
  });
  assertEquals(parseCommandLine(["-t", "-c", "x"]), {
    kind: "check",
    configFile: "x",
  });
  assertEquals(kind("-t=false"), "serve");
  assertEquals(kind("-sl", ""), "serve");
  assertEquals(
    failure("-t"),
    "must specify [-c, --config] option to check configuration file syntax",
  );
});

Deno.test("parseCommandLine - mistakes in the flags", () => {
  assertEquals(parseCommandLine(["-nope", "-v"]), {
    kind: "mistake",
    message: "flag provided but not defined: -nope",
  });
});

capability(
  "overridesOf - bundled flags",
  { positive: ["cli-signals-logging/logging-flags"] },
  () => {
    assertEquals(overrides(), {});
    assertEquals(overrides("-D"), { debug: true });
    assertEquals(overrides("--trace"), { trace: true });
    assertEquals(overrides("-DV"), { debug: true, trace: true });
    assertEquals(overrides("-VV"), { trace: true, traceVerbose: true });
    assertEquals(overrides("-DVV"), {
      debug: true,
      trace: true,
      traceVerbose: true,
    });
  },
);

capability(
  "overridesOf - bundles switch off too, in an order of their own",
  { edge: ["cli-signals-logging/logging-flags"] },
  () => {
    assertEquals(overrides("-DV=false"), { debug: false, trace: false });
    assertEquals(overrides("-DV=false", "-D"), { debug: false, trace: false });
    assertEquals(overrides("-VV=false", "-DVV"), {
      debug: true,
      trace: false,
      traceVerbose: false,
    });
    assertEquals(overrides("-V=false"), { trace: false });
  },
);

capability(
  "overridesOf - every flag sets one option",
  {
    positive: [
      "cli-signals-logging/server-flags",
      "cli-signals-logging/logging-flags",
      "cli-signals-logging/auth-tls-flags",
      "cli-signals-logging/cluster-flags",
      "cli-signals-logging/other-flags",
    ],
  },
  () => {
    // deno-fmt-ignore
    const args = [
      "-a", "h", "-p", "1", "-n", "s", "-client_advertise", "ca", "-P", "pf", "-ports_file_dir", "pd",
      "-m", "2", "-ms", "3", "-l", "lf", "-log_size_limit", "4", "-T=false", "-logtime_utc", "-s",
      "-r", "rs", "-max_traced_msg_len", "5", "-user", "u", "-pass", "pw", "-auth", "t", "-tls",
      "-tlscert", "c", "-tlskey", "k", "-tlsverify", "-tlscacert", "ca", "-cluster", "cl",
      "-cluster_name", "cn", "-cluster_advertise", "cad", "-no_advertise", "-connect_retries", "6",
      "-routes", "r", "-js", "-sd", "sd", "-profile", "7",
    ];
    assertEquals(overrides(...args), {
      host: "h",
      port: 1,
      serverName: "s",
      clientAdvertise: "ca",
      pidFile: "pf",
      portsFileDir: "pd",
      httpPort: 2,
      httpsPort: 3,
      logFile: "lf",
      logFileSizeLimit: 4,
      logTime: false,
      logTimeUtc: true,
      syslog: true,
      remoteSyslog: "rs",
      maxTracedMessageLength: 5,
      username: "u",
      password: "pw",
      authorization: "t",
      tls: true,
      tlsCert: "c",
      tlsKey: "k",
      tlsVerify: true,
      tlsCaCert: "ca",
      cluster: "cl",
      clusterName: "cn",
      clusterAdvertise: "cad",
      noAdvertise: true,
      connectRetries: 6,
      routes: "r",
      jetstream: true,
      storeDir: "sd",
      profPort: 7,
    });
  },
);

capability(
  "overridesOf - long spellings, values that switch off, and nothing that was not given",
  {
    edge: [
      "cli-signals-logging/server-flags",
      "cli-signals-logging/auth-tls-flags",
      "cli-signals-logging/cluster-flags",
      "cli-signals-logging/other-flags",
    ],
  },
  () => {
    // deno-fmt-ignore
    const long = ["--addr", "a", "--net", "b", "--name=n", "--server_name=m", "--http_port=0", "--port=-1"];
    assertEquals(overrides(...long), {
      host: "b",
      serverName: "m",
      httpPort: 0,
      port: -1,
    });
    assertEquals(
      overrides(
        "--tls=false",
        "--jetstream=false",
        "--cluster=",
        "--routes",
        "",
      ),
      {
        tls: false,
        jetstream: false,
        cluster: "",
        routes: "",
      },
    );
    assertEquals(overrides("-store_dir="), { storeDir: "" });
    assertEquals(overrides("-c", "file"), {});
  },
);

Deno.test("usage - mentions every flag", () => {
  const mentioned = new Set(USAGE.match(/(?<=[\s,]-{1,2})[A-Za-z_]+/g));
  const silent = [...FLAGS.keys()].filter((name) => !mentioned.has(name));
  assertEquals(silent, []);
});

Deno.test("TLS usage - names suites and curves in a fixed order", () => {
  const suites = TLS_USAGE.match(/^ {4}TLS_\w+$/gm) ?? [];
  assertEquals(suites.length, 25);
  assertEquals(suites, suites.toSorted());
  assert(
    TLS_USAGE.includes(
      "\nAvailable curve preferences include:\n    CurveP256\n",
    ),
  );
});

capability(
  "versionText - Go's line first, then the build",
  { edge: ["cli-signals-logging/version"] },
  () => {
    assertMatch(
      versionText(),
      /^nats-server: v\d+\.\d+\.\d+\ngit: \[([0-9a-f]{7}|not set)\]\n$/,
    );
  },
);
