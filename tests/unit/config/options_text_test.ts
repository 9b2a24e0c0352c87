/** Texts that options are written in: durations, URLs, keys, Go's notations. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  DurationError,
  formatDuration,
  parseDuration,
} from "../../../src/config/duration.ts";
import {
  formatFloat,
  formatValue,
  quoteAll,
  quoteValue,
} from "../../../src/config/go_text.ts";
import { isPublicKey, isUserSeed } from "../../../src/config/nkeys.ts";
import { parseUrl, redactedUrl, urlText } from "../../../src/config/url.ts";
import {
  ACCOUNT_KEY,
  ACCOUNT_SEED,
  CURVE_KEY,
  OPERATOR_KEY,
  SERVER_KEY,
  USER_KEY,
  USER_SEED,
} from "../../tools/identities.ts";

Deno.test("durations - are parsed as Go parses them", () => {
  const cases: [string, number][] = [
    ["0", 0],
    ["1ns", 1e-6],
    ["1.5us", 0.0015],
    ["2\u00b5s", 0.002],
    ["3\u03bcs", 0.003],
    [".5ms", 0.5],
    ["5.s", 5000],
    ["1h2m3.5s", 3_723_500],
    ["-1m", -60_000],
    ["+1m", 60_000],
    ["2562047h47m16.854775807s", 9_223_372_036_854.775],
  ];
  for (const [text, milliseconds] of cases) {
    assertEquals(parseDuration(text), milliseconds, text);
  }
});

Deno.test("durations - are refused in Go's words", () => {
  const cases: [string, string][] = [
    ["", 'time: invalid duration ""'],
    ["-", 'time: invalid duration "-"'],
    [".", 'time: invalid duration "."'],
    ["x", 'time: invalid duration "x"'],
    ["5", 'time: missing unit in duration "5"'],
    ["1m5", 'time: missing unit in duration "1m5"'],
    ["5d", 'time: unknown unit "d" in duration "5d"'],
    ["1s ", 'time: unknown unit "s " in duration "1s "'],
    ["2562048h", 'time: invalid duration "2562048h"'],
  ];
  for (const [text, message] of cases) {
    assertThrows(() => parseDuration(text), DurationError, message);
  }
});

Deno.test("durations - are printed as Go prints them", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [1e-6, "1ns"],
    [0.0015, "1.5\u00b5s"],
    [250, "250ms"],
    [1500, "1.5s"],
    [120_000, "2m0s"],
    [-90_000, "-1m30s"],
    [3_723_500, "1h2m3.5s"],
  ];
  for (const [milliseconds, text] of cases) {
    assertEquals(formatDuration(milliseconds), text);
  }
});

Deno.test("values - are printed as Go prints them", () => {
  const floats: [number, string][] = [
    [1, "1"],
    [1.5, "1.5"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e20, "100000000000000000000"],
    [1e21, "1e+21"],
    [-1.25e30, "-1.25e+30"],
  ];
  for (const [value, text] of floats) assertEquals(formatFloat(value), text);
  assertEquals(formatValue(5n), "5");
  assertEquals(formatValue("a"), "a");
  assertEquals(
    formatValue(new Date(Date.UTC(2020, 0, 2))),
    "2020-01-02 00:00:00 +0000 UTC",
  );
  assertEquals(quoteValue(5n), "'\\x05'");
  assertEquals(quoteValue(65n), "'A'");
  assertEquals(quoteValue(true), "%!q(bool=true)");
  assertEquals(quoteAll(["a", 'b"']), '["a" "b\\""]');
});

Deno.test("URLs - are taken apart", () => {
  const url = parseUrl(" nats://u%40:p:q@[::1]:4222/x?y#z ");
  assertEquals(url, {
    text: "nats://u%40:p:q@[::1]:4222/x?y#z",
    scheme: "nats",
    username: "u@",
    password: "p:q",
    host: "::1",
    port: "4222",
    path: "/x",
  });
  assertEquals(url && redactedUrl(url), "nats://u%40:xxxxx@[::1]:4222/x");
  const plain = parseUrl("tls://u@h");
  assertEquals(plain && urlText(plain), "tls://u@h");
  assertEquals(parseUrl("localhost")?.path, "localhost");
  assertEquals(parseUrl("nats://h:")?.port, "");
});

Deno.test("URLs - that are none are refused", () => {
  const texts = [
    "%",
    "nats://h:x",
    "nats://a b",
    ":x",
    "1:2",
    "a\nb",
    "x://%zz",
    "http://[::1",
    "x://a<b",
  ];
  for (const text of texts) assertEquals(parseUrl(text), undefined, text);
});

Deno.test("nkeys - are told apart", () => {
  const keys = {
    account: ACCOUNT_KEY,
    operator: OPERATOR_KEY,
    server: SERVER_KEY,
    user: USER_KEY,
    curve: CURVE_KEY,
  } as const;
  for (const [kind, key] of Object.entries(keys)) {
    assertEquals(isPublicKey(key), true, kind);
    for (
      const other of ["account", "operator", "server", "user", "curve"] as const
    ) {
      assertEquals(
        isPublicKey(key, other),
        other === kind,
        `${kind} as ${other}`,
      );
    }
  }
});

Deno.test("nkeys - that are damaged are refused", () => {
  const damaged = [
    "",
    "U",
    "UA",
    USER_KEY.slice(0, -1),
    USER_KEY.toLowerCase(),
    USER_KEY.replace("D", "E"),
    USER_KEY + "A",
    USER_SEED,
    "\u00dc".repeat(56),
  ];
  for (const text of damaged) assertEquals(isPublicKey(text), false, text);
  assertEquals(isUserSeed(USER_SEED), true);
  for (const text of [ACCOUNT_SEED, USER_KEY, "", USER_SEED.slice(1)]) {
    assertEquals(isUserSeed(text), false, text);
  }
});
