/** How problems of a configuration are found and reported. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkConfigFile,
  ConfigSyntaxError,
  ConfigurationError,
  parseOptions,
} from "../../../src/config/mod.ts";
import { capability } from "../../tools/capability.ts";
import {
  assertOptions,
  errors,
  failure,
  FILE,
  load,
  options,
  warnings,
} from "./options_harness.ts";
import { memorySources } from "./memory_sources.ts";

function both(row: string) {
  return { positive: [`config/${row}`], edge: [`config/${row}`] };
}

capability(
  "errors - are all collected, with their places",
  both("error-text"),
  () => {
    const { errors, warnings, message } = failure(
      "port: x\ncluster {\n  port: y\n  nope: 1\n}\nping_interval: 3\nother: 1",
    );
    assertEquals(errors, [
      `${FILE}:1:0: interface conversion: interface {} is string, not int64`,
      `${FILE}:3:3: interface conversion: interface {} is string, not int64`,
      `${FILE}:4:3: unknown field "nope"`,
      `${FILE}:7:1: unknown field "other"`,
    ]);
    assertEquals(warnings.length, 1);
    assert(message.startsWith(warnings[0] + "\n"), "warnings come first");
    assert(message.endsWith(errors[3] + "\n"));
  },
);

capability("errors - of a file that can't be parsed come alone", {
  edge: ["config/error-text"],
}, () => {
  const error = assertThrows(
    () => load("port: 1\ncluster {"),
    ConfigSyntaxError,
  );
  assertEquals(error.message.split("\n").length, 1);
});

capability("errors - name the included file", {
  positive: ["config/error-text"],
}, () => {
  const files = { "inner.conf": "\nbad: 1\nport: 4\n" };
  assertEquals(failure('include "inner.conf"', { files }).errors, [
    'inner.conf:2:1: unknown field "bad"',
  ]);
});

capability(
  "unknown fields - are errors unless used as variables",
  both("unknown-field"),
  () => {
    assertEquals(errors("nope: 1"), ['1:0: unknown field "nope"']);
    assertEquals(errors("Nope { a: b }"), ['1:0: unknown field "Nope"']);
    assertOptions("mine: 7\nport: $mine", { port: 7 });
    assertOptions("nope: 1\nport: 5", { port: 5 }, {
      allowUnknownFields: true,
    });
    assertEquals(
      errors("cluster { nope: 1 }", { allowUnknownFields: true }).length,
      1,
    );
    assertEquals(options("cluster { mine: 7\n port: $mine }").cluster.port, 7);
  },
);

capability(
  "warnings - do not keep options from being used",
  both("warnings"),
  () => {
    const { options, warnings } = load(
      "cluster { ping_interval: 5, ping_interval: '40s' }",
    );
    assertEquals(options.cluster.pingInterval, 40_000);
    assertEquals(warnings, [
      `${FILE}:1:28: Cluster 'ping_interval' will reset to 30s which is the max for routes`,
    ]);
    assertEquals(load("authorization { token: t, timeout: 90 }").warnings, [
      `${FILE}:1:26: invalid use of field "timeout": timeout of 90 (90.000000 seconds) is high, ` +
      "consider keeping it under 60 seconds. possibly caused by unquoted duration; " +
      "use '1m' instead of 1m, for example",
    ]);
    assertEquals(load("authorization { token: t, timeout: 60 }").warnings, []);
  },
);

capability(
  "warnings - tell of old places of permissions",
  both("warnings"),
  () => {
    assertEquals(
      warnings(
        "cluster { authorization { user: a, permissions { import: b } } }",
      ),
      [
        '1:10: invalid use of field "authorization": ' +
        'setting "permissions" within cluster authorization block is deprecated',
      ],
    );
    assertEquals(warnings("cluster { permissions { import: b } }"), []);
  },
);

capability("type mismatches - have Go's words", both("type-mismatch"), () => {
  const cases: [string, string][] = [
    ["port: 1.5", "float64, not int64"],
    ["host: 1", "int64, not string"],
    ["host: {}", "map[string]interface {}, not string"],
    ["host: []", "[]interface {}, not string"],
    ["host: 2020-01-01T00:00:00Z", "time.Time, not string"],
    ["debug: 'x'", "string, not bool"],
    ["authorization: x", "string, not map[string]interface {}"],
  ];
  for (const [text, mismatch] of cases) {
    assertEquals(errors(text), [
      `1:0: interface conversion: interface {} is ${mismatch}`,
    ]);
  }
  // Go reports mismatches anywhere below jetstream at the option itself.
  assertEquals(errors("port: 1\njetstream { limits { max_ha_assets: x } }"), [
    "2:1: interface conversion: interface {} is string, not int64",
  ]);
});

capability("keys - are read in any case", both("case"), () => {
  assertOptions("PORT: 1\nHost: h", { port: 1, host: "h" });
  assertEquals(options("CLUSTER { Port: 1 }").cluster.port, 1);
  // Keys of ocsp are an exception.
  assertEquals(errors("ocsp { MODE: auto }"), [
    "1:7: error parsing ocsp config: unsupported field string",
  ]);
});

capability(
  "empty configurations - draw a warning",
  both("empty-config"),
  () => {
    assertEquals(load("").warnings, [
      `${FILE}: config has no values or is empty`,
    ]);
    assertEquals(load("# nothing").warnings, [
      `${FILE}: config has no values or is empty`,
    ]);
    assertEquals(load("port: 1").warnings, []);
  },
);

capability("embedding - loads text and files", both("embedding-api"), () => {
  const { disk, env } = memorySources({ "a.conf": "port: 5" });
  const context = {
    disk: {
      ...disk,
      exists: () => false,
      stat: () => ({ isFile: true, isDirectory: false, size: 0, modified: 0 }),
    },
    env,
  };
  const { options } = parseOptions("port: 6", context);
  assertEquals([options.port, options.configFile, options.configDigest], [
    6,
    "",
    "",
  ]);
  const checked = checkConfigFile("a.conf", context).options;
  assertEquals([checked.port, checked.configFile], [5, "a.conf"]);
  assert(checked.configDigest.startsWith("sha256:"));
  assertThrows(() => parseOptions("port: x", context), ConfigurationError);
  assertThrows(
    () => checkConfigFile("missing.conf", context),
    ConfigSyntaxError,
  );
});
