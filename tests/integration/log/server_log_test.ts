import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { type ClosableLogger, ServerLog } from "../../../src/log/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";

const runtime = denoRuntime();
const OPTIONS = {
  debug: false,
  trace: true,
  traceVerbose: true,
  logTime: false,
  logTimeUtc: false,
  logFile: "",
  logFileSizeLimit: 0,
  logFileMaxCount: 0,
  syslog: false,
  remoteSyslog: "",
  noLog: false,
};

/** Collects what it is told. */
class Collector implements ClosableLogger {
  readonly debugging = true;
  readonly tracing = false;
  readonly lines: string[] = [];
  closed = 0;
  notice = (text: string) => void this.lines.push(`INF ${text}`);
  warn = (text: string) => void this.lines.push(`WRN ${text}`);
  error = (text: string) => void this.lines.push(`ERR ${text}`);
  fatal = (text: string) => void this.lines.push(`FTL ${text}`);
  debug = (text: string) => void this.lines.push(`DBG ${text}`);
  trace = (text: string) => void this.lines.push(`TRC ${text}`);
  flush(): void {}
  close(): void {
    this.closed++;
  }
}

async function withLogFile(
  fn: (path: string, log: ServerLog) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const log = new ServerLog(runtime);
  try {
    await fn(`${directory}/server.log`, log);
  } finally {
    await log.close();
    await Deno.remove(directory, { recursive: true });
  }
}

capability(
  "ServerLog - reopening lets go of a file that was moved away",
  { positive: ["cli-signals-logging/reopen"] },
  () =>
    withLogFile(async (path, log) => {
      await log.configure({ ...OPTIONS, logFile: path });
      log.notice("before");
      log.trace("held");
      await Deno.rename(path, `${path}.1`);
      log.reopen();
      log.notice("after");
      const pid = `[${Deno.pid}]`;
      assertEquals(
        await Deno.readTextFile(`${path}.1`),
        `${pid} [INF] before\n${pid} [TRC] held\n`,
      );
      assertEquals(
        await Deno.readTextFile(path),
        `${pid} [INF] File log re-opened\n${pid} [INF] after\n`,
      );
    }),
);

capability(
  "ServerLog - reopening applies the size limit again, but neither retention nor verbose trace",
  { edge: ["cli-signals-logging/reopen", "cli-signals-logging/levels"] },
  () =>
    withLogFile(async (path, log) => {
      await log.configure({
        ...OPTIONS,
        logFile: path,
        logFileSizeLimit: 1000,
        logFileMaxCount: 1,
      });
      assert(log.tracingSystem);
      log.reopen();
      assertFalse(log.tracingSystem);
      log.notice("x".repeat(1000));
      const names = [...Deno.readDirSync(path.replace(/\/[^/]*$/, ""))];
      assertEquals(names.length, 2);
      assertStringIncludes(
        await Deno.readTextFile(path),
        "Rotated log, backup saved as",
      );
    }),
);

capability(
  "ServerLog - reopening without a file or a logger changes nothing",
  { edge: ["cli-signals-logging/reopen"] },
  async () => {
    const log = new ServerLog(runtime);
    log.reopen();
    const collector = new Collector();
    await log.configure({ ...OPTIONS, noLog: true });
    log.replace(collector);
    log.reopen();
    assertEquals(collector.lines, [
      "INF File log re-open ignored, not a file logger",
    ]);
    assertEquals(collector.closed, 0);
    await log.close();
  },
);

capability(
  "ServerLog - a file that can't be opened again leaves the log as it is",
  { edge: ["cli-signals-logging/reopen"] },
  () =>
    withLogFile(async (path, log) => {
      await log.configure({ ...OPTIONS, logFile: path });
      await Deno.rename(path, `${path}.1`);
      await Deno.mkdir(path);
      log.reopen();
      assertMatch(
        await Deno.readTextFile(`${path}.1`),
        /\[ERR\] File log re-open failed: error opening file: open .*: is a directory\n$/,
      );
    }),
);

capability(
  "ServerLog - another logger takes over and the one before it is closed",
  { positive: ["cli-signals-logging/programmatic-logger"] },
  async () => {
    const log = new ServerLog(runtime);
    const [first, second] = [new Collector(), new Collector()];
    log.replace(first);
    log.notice("1");
    assert(log.debugging);
    log.replace(second);
    log.warn("2");
    assertEquals([first.lines, first.closed], [["INF 1"], 1]);
    assertEquals([second.lines, second.closed], [["WRN 2"], 0]);
    await log.close();
    assertEquals(second.closed, 1);
  },
);

capability(
  "ServerLog - without a logger everything is discarded; a failing close is logged",
  { edge: ["cli-signals-logging/programmatic-logger"] },
  async () => {
    const log = new ServerLog(runtime);
    await log.configure({ ...OPTIONS, noLog: true });
    log.error("nowhere");
    log.fatal("nowhere");
    assertFalse(log.tracing || log.debugging);

    const stuck = new Collector();
    stuck.close = () => {
      throw new Error("busy");
    };
    const next = new Collector();
    log.replace(stuck);
    log.replace(next);
    assertEquals(next.lines, ["ERR Error closing logger: busy"]);
    await log.close();
  },
);

capability(
  "ServerLog - fatal lines are error lines once the shutdown has begun",
  { edge: ["cli-signals-logging/fatal"] },
  async () => {
    const log = new ServerLog(runtime);
    const collector = new Collector();
    log.replace(collector);
    log.fatal("a");
    log.beginShutdown();
    log.fatal("b");
    assertEquals(collector.lines, ["FTL a", "ERR b"]);
    await log.close();
  },
);
