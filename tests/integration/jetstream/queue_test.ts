/**
 * The queues of JetStream's API, and what happens when the disk is full.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { DiskError, type Runtime } from "../../../src/runtime/ports.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const ACCOUNTS = `server_name: js
accounts {
  A { jetstream: enabled, users: [{user: a, password: a}] }
  SYS { users: [{user: s, password: s}] }
}
system_account: SYS
`;

async function withDirectory(
  limits: string,
  use: Parameters<typeof withServer>[1],
  runtime?: Runtime,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "nats-js-" });
  try {
    await withServer(
      `${ACCOUNTS}
      jetstream { store_dir: "${directory}", ${limits} }`,
      use,
      { log: new LogRecorder(), ...(runtime === undefined ? {} : { runtime }) },
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function join(
  server: Parameters<typeof RawClient.connect>[0],
  user: string,
): Promise<RawClient> {
  const client = await RawClient.connect(server);
  const fields = { user, pass: user, verbose: false, headers: true };
  await client.send(`CONNECT ${JSON.stringify(fields)}\r\n`);
  await client.flush();
  return client;
}

/** Requests in one piece, so that none is answered before all are there. */
function requests(name: string, count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `PUB $JS.API.${name} _INBOX.${index} 0\r\n\r\n`,
  ).join("");
}

const ROWS = [
  "jetstream-api/request-queue-limit",
  "jetstream-api/advisory-api-limit-reached",
];

capability("too many requests are dropped together, and told of", {
  positive: ROWS,
}, () =>
  withDirectory("request_queue_limit: 4", async (server, log) => {
    await using system = await join(server, "s");
    await system.send("SUB $JS.EVENT.ADVISORY.API.LIMIT_REACHED 1\r\n");
    await system.flush();
    await using client = await join(server, "a");
    await client.send("SUB _INBOX.* 1\r\n");
    await client.send(requests("STREAM.NAMES", 6));
    const [advisory = ""] = await system.expect(/\{.*\}\r\n/);
    assertMatch(
      advisory,
      /^\{"type":"io\.nats\.jetstream\.advisory\.v1\.api_limit_reached","id":"\w{22}","timestamp":"[^"]+","server":"js","dropped":4\}\r\n$/,
    );
    await client.expect(/_INBOX\.4 1 /);
    const rest = await client.flush();
    assertEquals(rest.match(/_INBOX\.\d/g), ["_INBOX.5"]);
    assertMatch(
      log.lines.join("\n"),
      /JetStream API info queue limit reached, dropping 4 requests/,
    );
  }));

capability("each queue has its own limit", {
  edge: ROWS,
}, () =>
  withDirectory(
    "request_queue_limit: 50, info_queue_limit: 3",
    async (server, log) => {
      await using client = await join(server, "a");
      await client.send("SUB _INBOX.* 1\r\n");
      await client.send(requests("STREAM.DELETE.S", 40));
      await client.expect(/_INBOX\.39 1 [^]*?\}\r\n/);
      await client.send(requests("STREAM.INFO.S", 2));
      await client.expect(/_INBOX\.1 1 [^]*?\}\r\n/);
      assertEquals(/limit reached/.test(log.lines.join("\n")), false);
      await client.send(requests("STREAM.INFO.S", 3));
      await client.flush();
      assertMatch(
        log.lines.join("\n"),
        /info queue limit reached, dropping 3 requests/,
      );
      assertEquals(
        /JetStream API queue limit/.test(log.lines.join("\n")),
        false,
      );
    },
  ));

/** A disk that can't be written to from some time on. */
function failingRuntime(failure: () => DiskError | null): Runtime {
  const runtime = denoRuntime();
  const check = (name: string | symbol) => {
    const error = String(name).startsWith("write") ? failure() : null;
    if (error !== null) throw error;
  };
  const disk = watched(
    runtime.disk,
    (name, value) =>
      name === "open" && typeof value === "function"
        ? (...args: unknown[]) => watched(value(...args), check)
        : undefined,
  );
  return { ...runtime, disk };
}

/** An object whose members are looked at before they are used. */
function watched<T extends object>(
  target: T,
  look: (name: string | symbol, value: unknown) => unknown,
): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target);
      const bound = typeof value === "function" ? value.bind(target) : value;
      return look(name, bound) ?? bound;
    },
  });
}

const FULL = new DiskError("no space left on device", "ENOSPC", "a file");
const FORBIDDEN = new DiskError("permission denied", "EACCES", "a file");

capability("without room on the disk JetStream ends", {
  positive: [
    "jetstream-api/disable-oos",
    "jetstream-api/server-out-of-storage-server-removed-server-meta",
  ],
  edge: [
    "jetstream-api/disable-oos",
    "jetstream-api/server-out-of-storage-server-removed-server-meta",
  ],
}, async () => {
  let failure: DiskError | null = null;
  await withDirectory(
    "",
    async (server, log) => {
      await using system = await join(server, "s");
      await system.send("SUB $JS.EVENT.ADVISORY.SERVER.> 1\r\n");
      await system.flush();
      await using client = await join(server, "a");
      await client.send("SUB _INBOX.* 1\r\n");
      const config = '{"name":"S","subjects":["s"]}';
      await client.send(
        `PUB $JS.API.STREAM.CREATE.S _INBOX.c ${config.length}\r\n${config}\r\n`,
      );
      await client.expect(/stream_create_response[^]*?\r\n/);
      failure = FULL;
      await client.send("PUB s _INBOX.p 2\r\nhi\r\n");
      const [advisory = ""] = await system.expect(/\{.*\}\r\n/);
      assertMatch(
        advisory,
        /"type":"io\.nats\.jetstream\.advisory\.v1\.server_out_of_space"/,
      );
      assertMatch(advisory, /"server":"js"/);
      assertMatch(
        log.lines.join("\n"),
        /JetStream out of .*resources, will be DISABLED/,
      );
      while (!log.lines.includes("notice JetStream Shutdown")) {
        await client.flush();
      }
      const late = new RawClient(server.connectInProcess());
      const [info = ""] = await late.expect(/^INFO .*\r\n/);
      assertEquals(/"jetstream":true/.test(info), false);
      await late.close();
      failure = null;
    },
    failingRuntime(() => failure),
  );
});

/** What the log says when a stream's file can't be written any more. */
async function failureOf(
  origin: string,
  config: string,
  error: DiskError,
): Promise<string> {
  let failure: DiskError | null = null;
  let said = "";
  await withDirectory(
    "",
    async (server, log) => {
      await using client = await join(server, "a");
      await client.send("SUB _INBOX.* 1\r\n");
      for (const body of [origin, config]) {
        const { name } = JSON.parse(body);
        await client.send(
          `PUB $JS.API.STREAM.CREATE.${name} _INBOX.c ${body.length}\r\n${body}\r\n`,
        );
        await client.expect(/stream_create_response[^]*?\r\n/);
      }
      await client.send("PUB o _INBOX.p 2\r\nhi\r\n");
      await client.expect(/_INBOX.p 1 [^]*?\}\r\n/);
      failure = error;
      await client.send("PUB o _INBOX.p 2\r\nhi\r\n");
      while (!log.lines.includes("notice JetStream Shutdown")) {
        await client.flush();
      }
      failure = null;
      said = log.lines.filter((line) => /^(error|warn) /.test(line)).join("\n");
    },
    failingRuntime(() => failure),
  );
  return said;
}

const IN_MEMORY = '{"name":"O","subjects":["o"],"storage":"memory"}';

for (
  const [what, config] of [
    ["mirror", '{"name":"C","mirror":{"name":"O"}}'],
    ["source", '{"name":"C","sources":[{"name":"O"}]}'],
  ] as const
) {
  capability(`without room for the copies of a ${what} JetStream ends`, {
    positive: ["mirror-source/no-space-left"],
    edge: ["mirror-source/no-space-left"],
  }, async () => {
    assertMatch(
      await failureOf(IN_MEMORY, config, FULL),
      /^error JetStream out of space, will be DISABLED$/m,
    );
  });
}

capability("where nothing may be written any more JetStream ends", {
  positive: ["stores/errors"],
  edge: ["mirror-source/no-space-left"],
}, async () => {
  const own = '{"name":"C","subjects":["o"]}';
  const other = '{"name":"X","subjects":["x"],"storage":"memory"}';
  assertMatch(
    await failureOf(other, own, FORBIDDEN),
    /^warn Filesystem permission denied while writing msg, disabling JetStream: permission denied$/m,
  );
});
