import { assertEquals, assertMatch } from "@std/assert";
import type { Options } from "../../../src/config/mod.ts";
import type { Logger } from "../../../src/log/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import {
  type BannerFacts,
  logBanner,
  logConfiguration,
} from "../../../src/server/banner.ts";
import { shortRevision, VERSION } from "../../../src/server/build.ts";
import { capability } from "../../tools/capability.ts";

const FACTS: BannerFacts = {
  cluster: "",
  name: "n1",
  node: "",
  id: "NID",
  featureFlags: new Map(),
  knownFlags: new Map([["js_ack_fc_v2", false], ["old", true]]),
};

function collect(fn: (log: Logger) => void): string[] {
  const lines: string[] = [];
  const write = (level: string) => (text: string) =>
    void lines.push(`${level} ${text}`);
  fn({
    debugging: false,
    tracing: false,
    notice: write("INF"),
    warn: write("WRN"),
    error: write("ERR"),
    fatal: write("FTL"),
    debug: write("DBG"),
    trace: write("TRC"),
  });
  return lines;
}

/** The options that `logConfiguration` reads. */
type Configuration = Parameters<typeof logConfiguration>[1];
const OPTIONS: Configuration = {
  configFile: "",
  configDigest: "",
  trustedOperators: [],
  systemAccount: "",
  maxPayload: 1024 * 1024,
  defaultJsDomain: new Map(),
};
const configuration = (options: Partial<Options>) =>
  collect((log) =>
    logConfiguration(log, { ...OPTIONS, ...options }, denoRuntime().clock)
  );

capability(
  "logBanner - which server this is, what is unknown left out",
  { positive: ["cli-signals-logging/banner"] },
  () => {
    const lines = collect((log) => logBanner(log, FACTS));
    assertEquals(lines.filter((line) => !line.includes("Git:")), [
      "INF Starting nats-server",
      `INF   Version:  ${VERSION}`,
      "INF   Name:     n1",
      "INF   ID:       NID",
    ]);
    assertMatch(lines[2] ?? "", /^INF {3}Git: {6}\[([0-9a-f]{7}|not set)\]$/);
  },
);

capability(
  "logBanner - cluster, node and feature flags",
  { edge: ["cli-signals-logging/banner"] },
  () => {
    const featureFlags = new Map([["x", true], ["old", false], [
      "js_ack_fc_v2",
      true,
    ]]);
    const facts = { ...FACTS, cluster: "c", node: "S1Nunr6R", featureFlags };
    assertEquals(collect((log) => logBanner(log, facts)).slice(3), [
      "INF   Cluster:  c",
      "INF   Name:     n1",
      "INF   Node:     S1Nunr6R",
      "INF   ID:       NID",
      "INF   Feature flags:",
      "INF     Configured:    js_ack_fc_v2 (opt-in), old (opt-out)",
      "INF     Unsupported:   x",
    ]);
    assertEquals(
      collect((log) =>
        logBanner(log, { ...FACTS, featureFlags: new Map([["x", true]]) })
      ).slice(-2),
      ["INF     Configured:    none", "INF     Unsupported:   x"],
    );
    assertEquals([shortRevision("0123456789abcdef"), shortRevision("abc")], [
      "0123456",
      "abc",
    ]);
  },
);

capability(
  "logConfiguration - the file with its digest, and the trusted operators",
  { positive: ["cli-signals-logging/banner"] },
  () => {
    assertEquals(
      configuration({ configFile: "n.conf", configDigest: "sha256:ab" }),
      [
        "INF Using configuration file: n.conf (sha256:ab)",
      ],
    );
    const claims = btoa(JSON.stringify({ iat: 1767225600, name: "O" }))
      .replaceAll("=", "");
    const operator = {
      jwt: `e30.${claims}.sig`,
      subject: "O1",
      issuer: "O1",
      name: 'O"x',
      signingKeys: [],
      accountServerUrl: "",
      systemAccount: "",
      assertServerVersion: "",
      strictSigningKeyUsage: false,
      expires: 0,
    };
    const lines = configuration({
      trustedOperators: [operator],
      systemAccount: "SYS",
    });
    assertEquals(lines.slice(0, 3), [
      "INF Trusted Operators",
      'INF   System  : ""',
      String.raw`INF   Operator: "O\"x"`,
    ]);
    assertMatch(
      lines[3] ?? "",
      /^INF {3}Issued {2}: 202[56]-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} \S+$/,
    );
    assertEquals(lines[4], "INF   Expires : Never");
    const expiring = configuration({
      trustedOperators: [{ ...operator, expires: 1767225600 }],
    });
    assertEquals(expiring[4]?.replace("Expires", "Issued "), lines[3]);
    assertEquals(
      expiring[5],
      "WRN Trusted Operators should utilize a System Account",
    );
  },
);

capability(
  "logConfiguration - warns of large payloads and of default_js_domain",
  { positive: ["cli-signals-logging/warnings"] },
  () => {
    assertEquals(configuration({ maxPayload: 8 * 1024 * 1024 + 1 }), [
      "WRN Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance",
    ]);
    assertEquals(configuration({ defaultJsDomain: new Map([["A", "d"]]) }), [
      "WRN The option `default_js_domain` is a temporary backwards compatibility measure and will be removed",
    ]);
  },
);

capability(
  "logConfiguration - says nothing of a sound configuration",
  { edge: ["cli-signals-logging/warnings"] },
  () => {
    assertEquals(configuration({ maxPayload: 8 * 1024 * 1024 }), []);
  },
);
