import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  CommandLineError,
  parseCommandLine,
} from "../../../src/cli/command_line.ts";
import { levelOverrides } from "../../../src/cli/logging_flags.ts";
import { TLS_USAGE } from "../../../src/cli/tls_usage.ts";
import { USAGE } from "../../../src/cli/usage.ts";
import { versionText } from "../../../src/cli/version.ts";
import { FLAGS } from "../../../src/cli/flags.ts";
import { parseFlags } from "../../../src/cli/flag_set.ts";
import { capability } from "../../tools/capability.ts";

const kind = (...args: string[]) => parseCommandLine(args).kind;
const failure = (...args: string[]) =>
  assertThrows(() => parseCommandLine(args), CommandLineError).message;
const levels = (...args: string[]) => levelOverrides(parseFlags(FLAGS, args));

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
  "levelOverrides - bundled flags",
  { positive: ["cli-signals-logging/logging-flags"] },
  () => {
    assertEquals(levels(), {});
    assertEquals(levels("-D"), { debug: true });
    assertEquals(levels("--trace"), { trace: true });
    assertEquals(levels("-DV"), { debug: true, trace: true });
    assertEquals(levels("-VV"), { trace: true, traceVerbose: true });
    assertEquals(levels("-DVV"), {
      debug: true,
      trace: true,
      traceVerbose: true,
    });
  },
);

capability(
  "levelOverrides - bundles switch off too, in an order of their own",
  { edge: ["cli-signals-logging/logging-flags"] },
  () => {
    assertEquals(levels("-DV=false"), { debug: false, trace: false });
    assertEquals(levels("-DV=false", "-D"), { debug: false, trace: false });
    assertEquals(levels("-VV=false", "-DVV"), {
      debug: true,
      trace: false,
      traceVerbose: false,
    });
    assertEquals(levels("-V=false"), { trace: false });
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
