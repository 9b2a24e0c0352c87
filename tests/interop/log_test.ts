/**
 * What the Go server and ours log when they are configured, used and ended in
 * the same way.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { capability } from "../tools/capability.ts";
import { authority } from "../tools/certificates.ts";
import { type Peer, type PeerOptions, startPeer } from "../tools/oracle.ts";

const LISTEN = "host: 127.0.0.1\nport: -1\n";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Runs both servers through `use` and demands equal logs. @returns ours */
async function compareLogs(
  options: Partial<PeerOptions>,
  use: (server: Peer) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const config = LISTEN + (options.config ?? "");
  const logs: string[][] = [];
  for (const implementation of ["go", "ours"] as const) {
    await using server = await startPeer(implementation, {
      ...options,
      config,
    });
    await use(server);
    server.signal("SIGINT");
    await server.exited;
    logs.push(normalised(server));
  }
  const [go = [], ours = []] = logs;
  assertEquals(ours, go);
  return ours;
}

/**
 * Lines without what differs from run to run, and without debug lines of the
 * inside: ids of connections, for example, go to internal clients in Go, too.
 */
function normalised(server: Peer): string[] {
  return server.log()
    .replaceAll(server.directory, "{dir}")
    .replace(/^\[\d+\] (?:\S+ \S+ )?(?=\[)/gm, "")
    .replace(/^\[DBG\] (?!\d).*\n/gm, "")
    .replace(/ cid:\d+ /g, " cid:N ")
    .replace(/\bN[A-Z2-7]{55}\b/g, "ID")
    .replace(/127\.0\.0\.1:\d+/g, "ADDRESS")
    .trimEnd()
    .split("\n");
}

/** Sends each of `requests` and waits for what it must bring. */
async function converse(
  port: number,
  requests: readonly (readonly [string, string])[],
) {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(65536);
  let received = "";
  for (const [request, answer] of requests) {
    await connection.write(encoder.encode(request));
    while (!received.includes(answer)) {
      const length = await connection.read(buffer);
      if (length === null) return;
      received += decoder.decode(buffer.subarray(0, length));
    }
    received = received.slice(received.indexOf(answer) + answer.length);
  }
}

capability(
  "log - start and end of a server",
  {
    positive: [
      "cli-signals-logging/banner",
      "cli-signals-logging/listening-lines",
      "cli-signals-logging/shutdown",
    ],
  },
  async () => {
    await compareLogs({});
    await compareLogs({ args: ["-n", "name", "--client_advertise", "host:1"] });
    await compareLogs({ config: "server_name: a\nproxy_protocol: true\n" });
  },
);

capability(
  "log - warnings and feature flags",
  {
    positive: ["cli-signals-logging/warnings"],
    edge: ["cli-signals-logging/banner"],
  },
  async () => {
    await compareLogs({ args: ["--user", "u", "--pass", "p"] });
    await compareLogs({ config: "max_payload: 9MB\n" });
    await compareLogs({
      config: "feature_flags { nope: true, js_ack_fc_v2: true }\n",
    });
  },
);

capability(
  "log - time in UTC, no time, levels",
  {
    positive: ["cli-signals-logging/line-format", "cli-signals-logging/levels"],
    edge: ["cli-signals-logging/line-format"],
  },
  async () => {
    await compareLogs({ args: ["-T=false"] });
    await compareLogs({ config: "logtime_utc: true\n" });
    await compareLogs({ config: "debug: true\n", args: ["-D=false"] });
  },
);

capability(
  "log - a reload without changes, and one that fails",
  {
    positive: ["cli-signals-logging/sighup"],
    edge: ["cli-signals-logging/sighup"],
  },
  async () => {
    const reload =
      (config: string, expected: RegExp) => async (server: Peer) => {
        await Deno.writeTextFile(
          `${server.directory}/server.conf`,
          LISTEN + config,
        );
        server.signal("SIGHUP");
        await server.waitForLog(expected);
      };
    await compareLogs({}, reload("", /Reloaded server configuration/));
    await compareLogs(
      {},
      reload("prot: 1\n", /Failed to reload server configuration.*\n/),
    );
  },
);

capability(
  "log - traces of a client's conversation, without its secrets",
  {
    positive: [
      "cli-signals-logging/trace-ops",
      "cli-signals-logging/trace-payload",
      "cli-signals-logging/secret-redaction",
      "cli-signals-logging/connection-debug-lines",
    ],
    edge: [
      "cli-signals-logging/trace-payload",
      "cli-signals-logging/secret-redaction",
    ],
  },
  async () => {
    const connect =
      '{"verbose":false,"user":"u","pass":"s3cr3t","headers":true,"lang":"x","version":"1"}';
    const lines = await compareLogs(
      {
        config: "authorization { user: u, password: s3cr3t }\n",
        args: ["-DV", "--max_traced_msg_len", "8"],
      },
      async (server) => {
        await converse(server.port, [
          [`CONNECT ${connect}\r\nPING\r\n`, "PONG\r\n"],
          ["SUB foo 1\r\nPING\r\n", "PONG\r\n"],
          ["PUB foo 5\r\nhello\r\nPING\r\n", "PONG\r\n"],
          ["PUB foo 0\r\n\r\nPING\r\n", "PONG\r\n"],
          [
            'PUB foo bar 12\r\n\x00\x7f"quoted".\xff\r\nPING\r\n'.replace(
              "\xff",
              "x",
            ),
            "PONG\r\n",
          ],
          ["HPUB foo 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPING\r\n", "PONG\r\n"],
          ["UNSUB 1\r\nPING\r\n", "PONG\r\n"],
        ]);
        await server.waitForLog(/Client connection closed/);
      },
    );
    assertStringIncludes(lines.join("\n"), '"pass":"[REDACTED]"');
  },
);

capability(
  "log - the trace of a mapping",
  {
    positive: ["sublist-and-mapping/trace"],
    edge: ["sublist-and-mapping/trace"],
  },
  async () => {
    const lines = await compareLogs(
      {
        config:
          'mappings { "a.*": "b.$1", lost: [{destination: lost, weight: 0}] }\n',
        args: ["-V"],
      },
      (server) =>
        converse(server.port, [
          ['CONNECT {"verbose":false}\r\nPING\r\n', "PONG\r\n"],
          ["PUB a.x 2\r\nhi\r\nPING\r\n", "PONG\r\n"],
          ["PUB other 2\r\nhi\r\nPING\r\n", "PONG\r\n"],
          ["PUB lost back 2\r\nhi\r\nPING\r\n", "PONG\r\n"],
        ]),
    );
    assertStringIncludes(lines.join("\n"), "<<- [MAPPING a.x -> b.x]");
  },
);

capability(
  "log - the digest of the configuration, and that of a new one",
  { positive: ["config/shown-in"], edge: ["config/shown-in"] },
  async () => {
    const digests = (lines: string[]) =>
      lines.flatMap((line) => line.match(/sha256:[0-9a-f]{64}/) ?? []);
    const replace =
      (config: string, expected: RegExp) => async (server: Peer) => {
        const path = `${server.directory}/server.conf`;
        await Deno.writeTextFile(path, LISTEN + config);
        server.signal("SIGHUP");
        await server.waitForLog(expected);
      };
    const changed = digests(
      await compareLogs({}, replace("logtime: true\n", /Reloaded server/)),
    );
    assertEquals(new Set(changed).size, 2);
    // A configuration that is not taken over has none to show.
    const failed = digests(
      await compareLogs({}, replace("prot: 1\n", /Failed to reload/)),
    );
    assertEquals(failed, changed.slice(0, 1));
  },
);

capability(
  "log - a certificate that demands a staple while OCSP is off",
  { positive: ["tls-ocsp/never"], edge: ["tls-ocsp/never"] },
  async () => {
    const root = authority();
    // The same paths for both servers, as the digest covers them.
    const folder = await Deno.makeTempDir();
    const tls = `tls {
      cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem"
    }`;
    const reload = async (server: Peer) => {
      const path = `${server.directory}/server.conf`;
      const config = `${LISTEN}ocsp { mode: never }\nlogtime: true\n${tls}\n`;
      await Deno.writeTextFile(path, config);
      server.signal("SIGHUP");
      await server.waitForLog(/Reloaded server configuration/);
    };
    const warnings = async (mustStaple: boolean) => {
      const { cert, key } = root.server({ mustStaple });
      await Deno.writeTextFile(`${folder}/cert.pem`, cert);
      await Deno.writeTextFile(`${folder}/key.pem`, key);
      const config = `ocsp: false\n${tls}\n`;
      const lines = await compareLogs({ config }, reload);
      return lines.filter((line) => line.startsWith("[WRN]"));
    };
    try {
      assertEquals(await warnings(true), [
        `[WRN] Certificate at '${folder}/cert.pem' has MustStaple but OCSP is disabled`,
      ]);
      assertEquals(await warnings(false), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
