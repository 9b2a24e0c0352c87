/** What the log says of one connection. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
} from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import {
  type Clock,
  denoRuntime,
  TlsHandshakeError,
  type TlsVersion,
} from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const runtime = denoRuntime();
const root = authority();
const certificate = root.server();
const FILES = {
  "cert.pem": certificate.cert,
  "key.pem": certificate.key,
  "ca.pem": root.ca,
};
const TLS = 'tls { cert_file: "cert.pem", key_file: "key.pem"';

/** Waits until the log has a line of connection `id` that says so. */
async function logged(
  { lines }: LogRecorder,
  pattern: RegExp,
  id = 1,
): Promise<string> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const found = lines.find((line) =>
      line.includes(` - cid:${id} - `) && pattern.test(line)
    );
    if (found !== undefined) return found;
    assert(performance.now() < deadline, `no ${pattern}: ${lines.join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const CONNECTION_ID = "cli-signals-logging/connection-debug-lines";

capability(
  "connection lines - once it is known, who the client is stands in them",
  { positive: [CONNECTION_ID], edge: [CONNECTION_ID] },
  () =>
    withServer(
      "accounts { A { users: [{user: u, password: p}] } }",
      async (server, log) => {
        const client = await RawClient.connect(server);
        assertEquals(
          await logged(log, /created/),
          "debug pipe:0 - cid:1 - Client connection created",
        );
        const connect = { user: "u", pass: "p", name: "n", lang: "ts" };
        await client.send(
          `CONNECT ${
            JSON.stringify({ verbose: false, version: "1", ...connect })
          }\r\n`,
        );
        await client.flush();
        await client.close();
        assertEquals(
          await logged(log, /connection closed/),
          'debug pipe:0 - cid:1 - "v1:ts:n" - "A/user:u" - ' +
            "Client connection closed: Client Closed",
        );
      },
    ),
);

capability(
  "connection lines - tell why the server closed, without a client's name before CONNECT",
  { edge: [CONNECTION_ID] },
  () =>
    withServer("max_control_line: 64", async (server, log) => {
      const cases = [
        ["NONSENSE\r\n", "Protocol Violation"],
        [`SUB ${"x".repeat(100)} 1\r\n`, "Maximum Control Line Exceeded"],
        ['CONNECT {"protocol":7}\r\n', "Bad Client Protocol Version"],
        ["PUB foo 2000000\r\n", "Maximum Message Payload Exceeded"],
      ] as const;
      let id = 0;
      for (const [text, reason] of cases) {
        await using client = await RawClient.connect(server);
        await client.send(text);
        await client.expectEnd();
        const line = await logged(log, /connection closed/, ++id);
        assertEquals(
          line.replace(/ - "v.*" - ".*"/, ""),
          `debug pipe:0 - cid:${id} - Client connection closed: ${reason}`,
        );
      }
    }),
);

capability(
  "connection lines - are for the debug log only",
  { edge: [CONNECTION_ID] },
  () =>
    withServer("", async (server, log) => {
      await (await RawClient.connect(server)).close();
      await using client = await RawClient.connect(server);
      await client.flush();
      assertFalse(
        log.lines.some((line) => line.includes("Client connection ")),
      );
    }, { log: new LogRecorder({ debugging: false }) }),
);

/** A clock that a test can push on. */
class PushedClock implements Clock {
  pushed = 0;
  now = () => runtime.clock.now() + this.pushed;
  nowNanos = () => runtime.clock.nowNanos();
  monotonic = () => runtime.clock.monotonic() + this.pushed;
  utcOffset = (at: number) => runtime.clock.utcOffset(at);
}

/** A log that takes its time with traces of PUB. */
class SlowLog extends LogRecorder {
  constructor(readonly clock: PushedClock, readonly duration: number) {
    super({ tracing: true });
  }

  override trace(text: string): void {
    super.trace(text);
    if (text.includes("[PUB ")) this.clock.pushed += this.duration;
  }
}

/** The warnings after a client published, which took so many milliseconds. */
async function warningsAfter(duration: number): Promise<string[]> {
  const clock = new PushedClock();
  const log = new SlowLog(clock, duration);
  await withServer("", async (server) => {
    await using client = await RawClient.connect(server);
    await client.send('CONNECT {"verbose":false}\r\n');
    await client.send("PUB foo 2\r\nhi\r\n");
    await client.flush();
  }, { log, runtime: { ...runtime, clock } });
  return log.lines.filter((line) => line.startsWith("warn "));
}

const READLOOP_ID = "cli-signals-logging/readloop-warning";

capability(
  "read loop - a warning says that a batch took long",
  { positive: [READLOOP_ID] },
  async () => {
    const [line = "", ...more] = await warningsAfter(62_500);
    assertMatch(
      line,
      /^warn pipe:0 - cid:1 - .*Readloop processing time: 1m2\.5\d*s$/,
    );
    assertEquals(more, []);
  },
);

capability(
  "read loop - two seconds are long, less is not worth a word",
  { edge: [READLOOP_ID] },
  async () => {
    assertEquals((await warningsAfter(2000)).length, 1);
    assertEquals(await warningsAfter(1900), []);
  },
);

capability(
  "mappings - the trace tells what became of a subject",
  {
    positive: ["sublist-and-mapping/trace"],
    edge: ["sublist-and-mapping/trace"],
  },
  () =>
    withServer(
      'mappings { "orders.*": "shop.$1", lost: [{dest: lost, weight: 0}] }',
      async (server, log) => {
        await using client = await RawClient.connect(server);
        await client.send('CONNECT {"verbose":false}\r\n');
        await client.send("PUB orders.1 0\r\n\r\nPUB other 0\r\n\r\n");
        await client.send("PUB lost 0\r\n\r\n");
        await client.flush();
        const traces = log.lines.filter((line) => /PUB|MAPPING/.test(line))
          .map((line) => line.replace(/^trace .* - </, "<"));
        assertEquals(traces, [
          "<<- [PUB orders.1 0]",
          "<<- [MAPPING orders.1 -> shop.1]",
          "<<- [PUB other 0]",
          "<<- [PUB lost 0]",
          "<<- [MAPPING lost -> ]",
        ]);
      },
      { log: new LogRecorder({ tracing: true }) },
    ),
);

/** Connects with TLS from inside the process. */
async function encrypt(
  server: Server,
  minVersion: TlsVersion,
  serverName = "localhost",
): Promise<RawClient> {
  const transport = server.connectInProcess();
  await transport.read(new Uint8Array(4096));
  const options = { serverName, ca: root.ca, insecure: false, minVersion };
  const encrypted = await runtime.tls.connect(transport, options, 2000);
  const client = new RawClient(encrypted);
  await client.send('CONNECT {"verbose":false}\r\n');
  await client.flush();
  return client;
}

const TLS_ID = "tls-ocsp/debug-lines";

capability(
  "TLS - the debug log tells of the handshake and what it agreed on",
  { positive: [TLS_ID] },
  () =>
    withServer(`${TLS} }`, async (server, log) => {
      await using _client = await encrypt(server, "1.2");
      const lines = log.lines.filter((line) => line.includes("TLS "))
        .filter((line) => line.startsWith("debug "));
      assertEquals(lines.slice(0, 2), [
        "debug pipe:0 - cid:1 - Starting TLS client connection handshake",
        "debug pipe:0 - cid:1 - TLS handshake complete",
      ]);
      assertMatch(
        lines[2] ?? "",
        /^debug pipe:0 - cid:1 - TLS version 1\.3, cipher suite TLS_(AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+$/,
      );
      assertEquals(lines.length, 3);
    }, { files: FILES }),
);

capability(
  "TLS - a handshake that fails is begun, and never complete",
  { edge: [TLS_ID, "tls-ocsp/handshake-timeout"] },
  () =>
    withServer(
      `${TLS}, ca_file: "ca.pem", verify: true }`,
      async (server, log) => {
        // Without a certificate, which TLS 1.3 tells after the handshake.
        await encrypt(server, "1.3").catch((error) =>
          assert(error instanceof Error)
        );
        await logged(log, /Client connection closed: TLS Handshake Failure/);
        await logged(log, /^error .* TLS handshake error: /);
        await assertRejects(
          () => encrypt(server, "1.3", "other.example"),
          TlsHandshakeError,
        );
        await logged(log, /connection closed: TLS Handshake Failure/, 2);
        const about = (text: string) =>
          log.lines.filter((line) => line.includes(text)).length;
        assertEquals(about("Starting TLS client connection handshake"), 2);
        assertEquals(about("TLS handshake complete"), 0);
        assertEquals(about("TLS version"), 0);
      },
      { files: FILES },
    ),
);
