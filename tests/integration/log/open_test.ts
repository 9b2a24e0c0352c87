import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  LogOpenError,
  type LogOptions,
  openLogger,
} from "../../../src/log/mod.ts";
import { localDial } from "../../../src/log/syslog_connection.ts";
import { SyslogLogger } from "../../../src/log/syslog_logger.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";

const runtime = denoRuntime();
const OPTIONS: LogOptions = {
  debug: false,
  trace: false,
  logTime: true,
  logTimeUtc: false,
  logFile: "",
  logFileSizeLimit: 0,
  logFileMaxCount: 0,
  syslog: false,
  remoteSyslog: "",
};

capability(
  "openLogger - a log file goes before syslog, remote before local",
  { positive: ["cli-signals-logging/sink-precedence"] },
  async () => {
    const directory = await Deno.makeTempDir();
    const logFile = `${directory}/server.log`;
    const remoteSyslog = "tcp://127.0.0.1:1";
    const logger = await openLogger({
      ...OPTIONS,
      logFile,
      remoteSyslog,
      syslog: true,
    }, runtime);
    logger.notice("to the file");
    await logger.close();
    assertMatch(
      await Deno.readTextFile(logFile),
      /^\[\d+\] [\d/]+ [\d:.]+ \[INF\] to the file\n$/,
    );
    await Deno.remove(directory, { recursive: true });
  },
);

capability(
  "openLogger - remote syslog is tried before local, and a daemon that is not there is an error",
  {
    edge: [
      "cli-signals-logging/sink-precedence",
      "cli-signals-logging/remote-syslog",
    ],
  },
  async () => {
    const error = await assertRejects(
      () =>
        openLogger({
          ...OPTIONS,
          remoteSyslog: "tcp://127.0.0.1:1",
          syslog: true,
        }, runtime),
      LogOpenError,
    );
    assertMatch(
      error.message,
      /^error connecting to syslog: "dial tcp 127\.0\.0\.1:1: .*refused"$/,
    );
  },
);

capability(
  "openLogger - a log file that can't be opened is an error with the system's words",
  { edge: ["cli-signals-logging/file-logger"] },
  async () => {
    const error = await assertRejects(
      () => openLogger({ ...OPTIONS, logFile: "/nonexistent/x.log" }, runtime),
      LogOpenError,
    );
    assertEquals(
      error.message,
      "error opening file: open /nonexistent/x.log: no such file or directory",
    );
  },
);

capability(
  "openLogger - a file already over its limit is rotated at once",
  { edge: ["cli-signals-logging/rotation"] },
  async () => {
    const directory = await Deno.makeTempDir();
    const logFile = `${directory}/server.log`;
    await Deno.writeTextFile(logFile, "x".repeat(1000));
    const logger = await openLogger({
      ...OPTIONS,
      logFile,
      logFileSizeLimit: 500,
    }, runtime);
    logger.close();
    const names = [...Deno.readDirSync(directory)].map((entry) => entry.name)
      .sort();
    assertEquals(names.length, 2);
    assertMatch(
      await Deno.readTextFile(`${directory}/${names[1]}`),
      /\[INF\] Rotating logfile\.\.\.\n$/,
    );
    assertMatch(
      await Deno.readTextFile(logFile),
      /\[INF\] Rotated log, backup saved as ".*"\r\n$/,
    );
    await Deno.remove(directory, { recursive: true });
  },
);

capability(
  "SyslogLogger - sends every level to a remote daemon over TCP, in order",
  { positive: ["cli-signals-logging/remote-syslog"] },
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const remoteSyslog = `tcp://127.0.0.1:${listener.addr.port}`;
    const logger = await openLogger({
      ...OPTIONS,
      remoteSyslog,
      debug: true,
      trace: true,
    }, runtime);
    const connection = await listener.accept();
    logger.notice("n");
    logger.warn("w");
    logger.error("e");
    logger.fatal("f");
    logger.debug("d");
    logger.trace("t");
    await logger.close();
    const received = await new Response(connection.readable).text();
    const lines = received.trimEnd().split("\n");
    const frame =
      /^(<\d>)\d{4}-\d\d-\d\dT[\d:]+(?:Z|[+-][\d:]+) (\S+) nats-server\[(\d+)\]: (.)$/;
    assertEquals(
      lines.map((line) => frame.exec(line)?.slice(1)),
      [["<5>", "n"], ["<4>", "w"], ["<3>", "e"], ["<2>", "f"], ["<7>", "d"], [
        "<5>",
        "t",
      ]].map(
        (
          [priority = "", text = ""],
        ) => [priority, Deno.hostname(), `${Deno.pid}`, text],
      ),
    );
  },
);

capability(
  "SyslogLogger - a lost daemon is dialled again, and fatal does not end the process",
  { edge: ["cli-signals-logging/remote-syslog", "cli-signals-logging/fatal"] },
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const remoteSyslog = `tcp://127.0.0.1:${listener.addr.port}`;
    const logger = await openLogger({ ...OPTIONS, remoteSyslog }, runtime);
    (await listener.accept()).close();
    const second = listener.accept();
    // The first writes after the loss may still be taken by the socket.
    const again = setInterval(() => logger.fatal("x"), 5);
    const connection = await second;
    clearInterval(again);
    await logger.close();
    assertMatch(await new Response(connection.readable).text(), /^<2>/);
  },
);

capability(
  "SyslogLogger - UDP",
  { positive: ["cli-signals-logging/remote-syslog"] },
  async () => {
    const { createSocket } = await import("node:dgram");
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const received = new Promise<string>((resolve) =>
      socket.once("message", (data) => resolve(data.toString()))
    );
    const remoteSyslog = `udp://127.0.0.1:${socket.address().port}`;
    const logger = await openLogger({ ...OPTIONS, remoteSyslog }, runtime);
    logger.error("over udp");
    assertMatch(await received, /^<3>\S+ \S+ nats-server\[\d+\]: over udp\n$/);
    await logger.close();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  },
);

capability(
  "localDial - finds the daemon's stream socket, skipping what is not there",
  { positive: ["cli-signals-logging/syslog"] },
  async () => {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/log`;
    using listener = Deno.listen({ transport: "unix", path });
    const dial = localDial(runtime.network, runtime.disk, [
      `${directory}/none`,
      path,
    ]);
    const frame = { facility: 3, tag: "t", pid: 1 } as const;
    const levels = { debug: false, trace: false };
    const logger = new SyslogLogger(
      await dial(),
      dial,
      frame,
      levels,
      runtime.clock,
    );
    const connection = await listener.accept();
    logger.notice("local");
    await logger.close();
    const text = await new Response(connection.readable).text();
    assertMatch(
      text,
      /^<29>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d t\[1\]: local\n$/,
    );
    await Deno.remove(directory, { recursive: true });
  },
);

capability(
  "localDial - no daemon at all",
  { edge: ["cli-signals-logging/syslog"] },
  async () => {
    const directory = await Deno.makeTempDir();
    const stale = `${directory}/stale`;
    Deno.listen({ transport: "unix", path: stale }).close();
    const dial = localDial(runtime.network, runtime.disk, [
      `${directory}/none`,
      stale,
    ]);
    const error = await assertRejects(dial, LogOpenError);
    assertEquals(
      error.message,
      'error connecting to syslog: "Unix syslog delivery error"',
    );
    await Deno.remove(directory, { recursive: true });
  },
);
