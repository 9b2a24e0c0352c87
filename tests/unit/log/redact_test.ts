import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  redactArguments,
  redactSecrets,
  redactUrl,
} from "../../../src/log/mod.ts";
import { capability } from "../../tools/capability.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const redacted = (text: string) =>
  decoder.decode(redactSecrets(encoder.encode(text)));

capability(
  "redactSecrets - hides passwords, tokens, signatures and nkeys of a CONNECT",
  { positive: ["cli-signals-logging/secret-redaction"] },
  () => {
    assertEquals(
      redacted('{"verbose":false,"pass":"s3cr3t","user":"derek"}'),
      '{"verbose":false,"pass":"[REDACTED]","user":"derek"}',
    );
    assertEquals(
      redacted(
        '{"sig":"SIG","proxy_sig":"P","nkey":"UN","jwt":"ey.J","mysig":"shown"}',
      ),
      '{"sig":"[REDACTED]","proxy_sig":"[REDACTED]","nkey":"[REDACTED]","jwt":"ey.J","mysig":"shown"}',
    );
    assertEquals(
      redacted('{"auth_token" : "tok", "auth_token":"again"}'),
      '{"auth_token" : "[REDACTED]", "auth_token":"[REDACTED]"}',
    );
  },
);

capability(
  "redactSecrets - finds unquoted values, stops at the same bytes as Go, changes nothing in place",
  { edge: ["cli-signals-logging/secret-redaction"] },
  () => {
    assertEquals(
      redacted('{"pass":123,"passcode":x}'),
      '{"pass":[REDACTED],"passcode":[REDACTED]}',
    );
    assertEquals(
      redacted("pass = foo, nkey=bar"),
      "pass = [REDACTED], nkey=[REDACTED]",
    );
    assertEquals(
      redacted(String.raw`{"password":"a\"b,c","x":1}`),
      String.raw`{"password":"[REDACTED]"b,c","x":1}`,
    );
    assertEquals(redacted('{"user":"pass"}'), '{"user":"pass"}');

    const original = encoder.encode('{"pass":"x"}');
    const copy = original.slice();
    assertNotStrictEquals(redactSecrets(original), original);
    assertEquals(original, copy);
    const harmless = encoder.encode('{"user":"x"}');
    assertStrictEquals(redactSecrets(harmless), harmless);
  },
);

Deno.test("redactSecrets - equals Go for 20 000 pseudo-random texts", async () => {
  // deno-fmt-ignore
  const words = [
    "pass", "auth_token", "sig", "proxy_sig", "nkey", "user", "jwt", '"', ":", "=", " ", ",",
    "}", "{", "x", "secret", "\r\n", "\t", "word", "_", "é", "\v", "PASS",
  ];
  let state = 99;
  const next = () =>
    (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
  let all = "";
  for (let i = 0; i < 20_000; i++) {
    let text = "";
    for (let length = next() % 25; length > 0; length--) {
      text += words[next() % words.length];
    }
    all += redacted(text) + "\n";
  }
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(all));
  assertEquals(
    new Uint8Array(digest).toHex(),
    "d63aa99257fd1bff587b70e354b7f022662622e383316d132a823a144908bb79",
  );
});

capability(
  "redactUrl - replaces the password and nothing else",
  { edge: ["cli-signals-logging/secret-redaction"] },
  () => {
    assertEquals(redactUrl("nats://u:p@h:4222/x"), "nats://u:xxxxx@h:4222/x");
    assertEquals(redactUrl("nats://u:p@ss@h"), "nats://u:xxxxx@h");
    assertEquals(redactUrl("nats://token@h:4222"), "nats://token@h:4222");
    assertEquals(redactUrl("h:4222/a@b"), "h:4222/a@b");
  },
);

capability(
  "redactArguments - hides users, passwords, tokens and the users of URLs",
  { positive: ["cli-signals-logging/argv-redaction"] },
  () => {
    assertEquals(
      redactArguments([
        "--user",
        "u",
        "-pass=p",
        "--auth=t",
        "-p",
        "4222",
        "--user=x",
      ]),
      [
        "--user",
        "[REDACTED]",
        "-pass=[REDACTED]",
        "--auth=[REDACTED]",
        "-p",
        "4222",
        "--user=[REDACTED]",
      ],
    );
    assertEquals(
      redactArguments(["--routes", "nats://a:b@h:1, nats://c@h:2,nats://h:3"]),
      ["--routes", "nats://[REDACTED]@h:1,nats://[REDACTED]@h:2,nats://h:3"],
    );
    assertEquals(
      redactArguments([
        "--cluster=nats://a:b@h:-1",
        "--cluster_listen",
        "nats://h:1",
      ]),
      ["--cluster=nats://[REDACTED]@h:-1", "--cluster_listen", "nats://h:1"],
    );
  },
);

capability(
  "redactArguments - leaves other flags, missing values and its input alone",
  { edge: ["cli-signals-logging/argv-redaction"] },
  () => {
    const args = ["--users", "x", "pass", "y", "---pass", "z", "--pass"];
    assertEquals(redactArguments(args), args);
    const input = ["--pass", "p"];
    redactArguments(input);
    assertEquals(input, ["--pass", "p"]);
  },
);
