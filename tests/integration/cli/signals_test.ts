/** A server process and the signals that operators send to it. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { type Peer, startOurServer } from "../../tools/oracle.ts";

const LISTEN = "host: 127.0.0.1\nport: -1\n";

async function withServer(
  options: { config?: string; args?: readonly string[] },
  fn: (server: Peer) => Promise<void>,
): Promise<void> {
  await using server = await startOurServer({
    config: LISTEN + (options.config ?? ""),
    args: options.args ?? [],
  });
  await fn(server);
}

/** A client that has been greeted. */
async function greeted(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.read(new Uint8Array(4096));
  await connection.write(new TextEncoder().encode("CONNECT {}\r\nPING\r\n"));
  await connection.read(new Uint8Array(4096));
  return connection;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

capability(
  "signals - INT shuts down and ends with code 0",
  {
    positive: [
      "cli-signals-logging/sigint",
      "cli-signals-logging/log",
      "cli-signals-logging/exit-codes",
      "cli-signals-logging/shutdown",
    ],
  },
  () =>
    withServer({}, async (server) => {
      server.signal("SIGINT");
      assertEquals((await server.exited).code, 0);
      const [, ...ending] = server.log().split("Server is ready\n");
      const texts = ending.join("").trimEnd().split("\n").map((line) =>
        line.replace(/^.*\] /, "")
      );
      assertEquals(texts, [
        'Trapped "interrupt" signal',
        "Initiating Shutdown...",
        "Server Exiting..",
      ]);
    }),
);

capability(
  "signals - TERM does the same, and KILL can't be trapped",
  {
    positive: [
      "cli-signals-logging/sigterm",
      "cli-signals-logging/sigkill-sigquit",
    ],
    edge: ["cli-signals-logging/exit-codes"],
  },
  async () => {
    await withServer({}, async (server) => {
      server.signal("SIGTERM");
      assertEquals((await server.exited).code, 0);
      assertStringIncludes(server.log(), 'Trapped "terminated" signal');
    });
    await withServer({}, async (server) => {
      server.signal("SIGKILL");
      assertEquals((await server.exited).signal, "SIGKILL");
      assertFalse(server.log().includes("Trapped"));
    });
  },
);

capability(
  "signals - lame duck mode ignores TERM and ends with code 0 when the clients are gone",
  {
    positive: ["cli-signals-logging/sigusr2"],
    edge: ["cli-signals-logging/sigterm", "cli-signals-logging/shutdown"],
  },
  () =>
    withServer({ config: 'lame_duck_grace_period: "1s"\n' }, async (server) => {
      using client = await greeted(server.port);
      server.signal("SIGUSR2");
      await server.waitForLog(/Trapped "user defined signal 2" signal/);
      await server.waitForLog(/Entering lame duck mode/);
      server.signal("SIGTERM");
      await server.waitForLog(/Trapped "terminated" signal/);
      assertFalse(server.log().includes("Initiating Shutdown"));
      client.close();
      assertEquals((await server.exited).code, 0);
      assertStringIncludes(server.log(), "Server Exiting..");
    }),
);

capability(
  "signals - INT ends lame duck mode at once; without clients it is over at once, too",
  { edge: ["cli-signals-logging/sigint", "cli-signals-logging/sigusr2"] },
  async () => {
    await withServer({}, async (server) => {
      using _client = await greeted(server.port);
      server.signal("SIGUSR2");
      await server.waitForLog(/Entering lame duck mode/);
      server.signal("SIGINT");
      assertEquals((await server.exited).code, 0);
    });
    await withServer({}, async (server) => {
      server.signal("SIGUSR2");
      assertEquals((await server.exited).code, 0);
    });
  },
);

capability(
  "signals - USR1 opens the log file again",
  { positive: ["cli-signals-logging/sigusr1", "cli-signals-logging/reopen"] },
  async () => {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/n.log`;
    const args = ["-a", "127.0.0.1", "-p", "-1", "-l", path];
    const child = main(args);
    await until(async () =>
      await exists(path) && (await Deno.readTextFile(path)).includes("ready")
    );
    await Deno.rename(path, `${path}.1`);
    child.kill("SIGUSR1");
    await until(() => exists(path));
    child.kill("SIGINT");
    assertEquals((await child.output()).code, 0);
    const [old, fresh] = [
      await Deno.readTextFile(`${path}.1`),
      await Deno.readTextFile(path),
    ];
    assertMatch(old, /\[INF\] Trapped "user defined signal 1" signal\n$/);
    assertMatch(fresh, /^\[\d+\] \S+ \S+ \[INF\] File log re-opened\n/);
    assertStringIncludes(fresh, "Server Exiting..");
    await Deno.remove(directory, { recursive: true });
  },
);

capability(
  "signals - USR1 without a log file, HUP without a configuration",
  { edge: ["cli-signals-logging/sigusr1", "cli-signals-logging/sighup"] },
  async () => {
    await withServer({}, async (server) => {
      server.signal("SIGUSR1");
      await server.waitForLog(
        /\[INF\] File log re-open ignored, not a file logger/,
      );
    });
    const child = main(["-a", "127.0.0.1", "-p", "-1"]);
    const log = collect(child.stderr);
    await until(() => log.text.includes("Server is ready"));
    child.kill("SIGHUP");
    await until(() => log.text.includes("[ERR]"));
    child.kill("SIGTERM");
    await child.status;
    await child.stdout.cancel();
    await log.done;
    assertMatch(
      log.text,
      /\[ERR\] Failed to reload server configuration: can only reload config when a file is provided using -c or --config\n/,
    );
  },
);

capability(
  "signals - HUP takes over a changed file, and flags still go before it",
  {
    positive: [
      "cli-signals-logging/sighup",
      "config/precedence",
      "reload/triggers",
      "reload/re-merge",
    ],
  },
  () =>
    withServer(
      { config: "max_payload: 1000\ndebug: false\n", args: ["-D"] },
      async (server) => {
        const file = `${server.directory}/server.conf`;
        await Deno.writeTextFile(
          file,
          LISTEN + "max_payload: 2000\ndebug: false\n",
        );
        server.signal("SIGHUP");
        await server.waitForLog(/Reloaded server configuration/);
        using client = await Deno.connect({
          hostname: "127.0.0.1",
          port: server.port,
        });
        await server.waitForLog(/\[DBG\] .*Client connection created/);
        const buffer = new Uint8Array(4096);
        const length = await client.read(buffer) ?? 0;
        assertStringIncludes(
          new TextDecoder().decode(buffer.subarray(0, length)),
          '"max_payload":2000',
        );
      },
    ),
);

capability(
  "process files - pid and ports file tell of the running server, and the ports file goes with it",
  {
    positive: [
      "cli-signals-logging/pid-file",
      "cli-signals-logging/ports-file",
      "cli-signals-logging/random-ports",
    ],
    edge: ["cli-signals-logging/ports-file"],
  },
  () =>
    withServer({
      config: 'pid_file: "{{dir}}/n.pid"\nports_file_dir: "{{dir}}"\n',
    }, async (server) => {
      const portsFile = `${server.directory}/nats-server_${server.pid}.ports`;
      assertEquals(
        await Deno.readTextFile(`${server.directory}/n.pid`),
        `${server.pid}`,
      );
      assertEquals(JSON.parse(await Deno.readTextFile(portsFile)), {
        nats: [`nats://127.0.0.1:${server.port}`],
      });
      assert(server.port > 0);
      server.signal("SIGINT");
      await server.exited;
      assertFalse(await exists(portsFile));
      assert(await exists(`${server.directory}/n.pid`));
    }),
);

capability(
  "random ports - the port is known to clients, and flags may ask for one",
  {
    positive: ["cli-signals-logging/listening-lines"],
    edge: ["cli-signals-logging/random-ports", "config/precedence"],
  },
  () =>
    withServer({ config: "port: 4\n", args: ["--port=-1"] }, async (server) => {
      assertMatch(
        server.log(),
        /\[INF\] Listening for client connections on 127\.0\.0\.1:\d+\n/,
      );
      assertMatch(server.log(), /\[INF\] Server is ready\n$/);
      using client = await Deno.connect({
        hostname: "127.0.0.1",
        port: server.port,
      });
      const buffer = new Uint8Array(4096);
      const length = await client.read(buffer) ?? 0;
      const info = new TextDecoder().decode(buffer.subarray(0, length));
      assertStringIncludes(info, `"port":${server.port}`);
    }),
);

capability(
  "listening lines - PROXY protocol is told of",
  { edge: ["cli-signals-logging/listening-lines"] },
  () =>
    withServer({ config: "proxy_protocol: true\n" }, (server) => {
      assertMatch(
        server.log(),
        /Listening for client connections on .*\n.*PROXY protocol enabled for client connections\n/,
      );
      return Promise.resolve();
    }),
);

Deno.test("permissions - a missing one is named, without a prompt or a stack trace", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "main.ts",
      "-a",
      "127.0.0.1",
      "-p",
      "-1",
    ],
    stdin: "null",
  });
  const { code, stderr } = await command.output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(code, 1);
  assertMatch(text, /--allow-net/);
  assertFalse(text.includes("    at "));
});

Deno.test("permissions - help, version and checks ask for none but to read", async () => {
  for (
    const args of [["--help"], ["--version"], ["-t", "-c", "/nonexistent.conf"]]
  ) {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", "main.ts", ...args],
      stdin: "null",
    });
    assertFalse(
      new TextDecoder().decode((await command.output()).stderr).includes(
        "--allow",
      ),
    );
  }
});

function main(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): { text: string; done: Promise<void> } {
  const collected = { text: "", done: Promise.resolve() };
  collected.done = (async () => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      collected.text += chunk;
    }
  })();
  return collected;
}

async function until(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the condition has not come true within five seconds");
}
