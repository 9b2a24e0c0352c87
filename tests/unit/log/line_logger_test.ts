import { assertEquals, assertThrows } from "@std/assert";
import { ErrorSink } from "../../../src/log/error_sink.ts";
import { LineLogger, type LineOptions } from "../../../src/log/line_logger.ts";
import { capability } from "../../tools/capability.ts";
import { CapturedProcess, Exit, HandTimers, SetClock } from "./ports.ts";

const PLAIN = {
  debug: false,
  trace: false,
  time: true,
  utc: false,
  colors: false,
};

function open(options: Partial<LineOptions> = {}) {
  const process = new CapturedProcess();
  const timers = new HandTimers();
  const clock = new SetClock("2026-03-04T05:06:07.089Z", 123_456n);
  const ports = { clock, timers, process };
  const logger = new LineLogger(new ErrorSink(process), {
    ...PLAIN,
    ...options,
  }, ports);
  return { logger, ...ports };
}

capability(
  "LineLogger - lines carry pid, local time with microseconds and label",
  { positive: ["cli-signals-logging/line-format"] },
  () => {
    const { logger, process, clock } = open();
    clock.offset = 90;
    logger.notice("hello");
    assertEquals(
      process.written,
      "[4711] 2026/03/04 06:36:07.089123 [INF] hello\n",
    );
  },
);

capability(
  "LineLogger - time in UTC, no time, and text that ends its line itself",
  { edge: ["cli-signals-logging/line-format"] },
  () => {
    const utc = open({ utc: true });
    utc.clock.offset = -300;
    utc.logger.warn("w");
    assertEquals(
      utc.process.written,
      "[4711] 2026/03/04 05:06:07.089123 [WRN] w\n",
    );

    const untimed = open({ time: false });
    untimed.logger.error("two\nlines\n");
    assertEquals(untimed.process.written, "[4711] [ERR] two\nlines\n");
  },
);

Deno.test("LineLogger - the time moves on within and beyond a second", () => {
  const { logger, process, clock } = open();
  logger.notice("a");
  clock.advance(1);
  logger.notice("b");
  clock.advance(60_000);
  logger.notice("c");
  const times = process.written.match(/\d\d:\d\d:\d\d\.\d{6}/g);
  assertEquals(times, [
    "05:06:07.089123",
    "05:06:07.090123",
    "05:07:07.090123",
  ]);
});

capability(
  "LineLogger - every level has its colour",
  { positive: ["cli-signals-logging/colors"] },
  () => {
    const { logger, process } = open({
      colors: true,
      time: false,
      debug: true,
      trace: true,
    });
    logger.notice("n");
    logger.warn("w");
    logger.error("e");
    logger.debug("d");
    logger.trace("t");
    assertThrows(() => logger.fatal("f"), Exit);
    assertEquals(process.written.split("\n"), [
      "[4711] [\x1b[32mINF\x1b[0m] n",
      "[4711] [\x1b[0;93mWRN\x1b[0m] w",
      "[4711] [\x1b[31mERR\x1b[0m] e",
      "[4711] [\x1b[36mDBG\x1b[0m] d",
      "[4711] [\x1b[33mTRC\x1b[0m] t",
      "[4711] [\x1b[31mFTL\x1b[0m] f",
      "",
    ]);
  },
);

capability(
  "LineLogger - debug and trace are switched on separately",
  {
    positive: ["cli-signals-logging/levels"],
    edge: ["cli-signals-logging/colors"],
  },
  () => {
    for (
      const [debug, trace] of [[false, false], [true, false], [
        false,
        true,
      ]] as const
    ) {
      const { logger, process } = open({ debug, trace, time: false });
      logger.debug("d");
      logger.trace("t");
      logger.flush();
      const expected = (debug ? "[4711] [DBG] d\n" : "") +
        (trace ? "[4711] [TRC] t\n" : "");
      assertEquals(process.written, expected);
      assertEquals([logger.debugging, logger.tracing], [debug, trace]);
    }
  },
);

capability(
  "LineLogger - fatal writes its line, then ends the process with code 1",
  { positive: ["cli-signals-logging/fatal"] },
  () => {
    const { logger, process } = open({ time: false });
    const exit = assertThrows(() => logger.fatal("no disk"), Exit);
    assertEquals(exit.code, 1);
    assertEquals(process.written, "[4711] [FTL] no disk\n");
  },
);

Deno.test("LineLogger - traces of one turn cost one write", () => {
  const { logger, process, timers } = open({ trace: true, time: false });
  for (let i = 0; i < 100; i++) logger.trace(`${i}`);
  assertEquals(process.writes, 0);
  timers.fire();
  assertEquals(process.writes, 1);
  assertEquals(process.written.split("\n").length, 101);
});

Deno.test("LineLogger - an important line takes the held ones along, in order", () => {
  const { logger, process, timers } = open({ trace: true, time: false });
  logger.trace("first");
  logger.notice("second");
  assertEquals(process.written, "[4711] [TRC] first\n[4711] [INF] second\n");
  assertEquals(timers.pending, 0);
});

Deno.test("LineLogger - a long burst is written before it fills the memory", () => {
  const { logger, process } = open({ trace: true, time: false });
  for (let i = 0; i < 1000; i++) logger.trace("x".repeat(1000));
  assertEquals(process.writes > 10, true);
  logger.close();
  assertEquals(process.written.split("\n").length, 1001);
});
