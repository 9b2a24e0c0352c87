import { assert, assertEquals, assertFalse } from "@std/assert";
import { RateLimiter, reportsAttempt } from "../../../src/log/mod.ts";
import { capability } from "../../tools/capability.ts";
import { HandTimers, SetClock } from "./ports.ts";

capability(
  "RateLimiter - a statement passes once per interval, others are not held up",
  { positive: ["cli-signals-logging/rate-limited-logs"] },
  () => {
    const limiter = new RateLimiter(
      new SetClock("2026-01-01T00:00:00Z"),
      new HandTimers(),
    );
    assert(limiter.admits("a"));
    assertFalse(limiter.admits("a"));
    assert(limiter.admits("b"));
    limiter.close();
  },
);

capability(
  "RateLimiter - the ticker lets statements through again when a whole interval is over, then stops",
  { edge: ["cli-signals-logging/rate-limited-logs"] },
  () => {
    const clock = new SetClock("2026-01-01T00:00:00Z");
    const timers = new HandTimers();
    const limiter = new RateLimiter(clock, timers, 1000);
    limiter.admits("a");
    clock.advance(999);
    timers.fire();
    assertFalse(limiter.admits("a"));
    clock.advance(1);
    timers.fire();
    assertEquals(timers.pending, 0);
    assert(limiter.admits("a"));
    limiter.close();
    assertEquals(timers.pending, 0);
  },
);

capability(
  "reportsAttempt - the first failure, then every so many",
  { positive: ["cli-signals-logging/connect-error-cadence"] },
  () => {
    const cadence = { connect: 3600, reconnect: 1 };
    const connects = [1, 2, 3599, 3600, 3601, 7200].map((n) =>
      reportsAttempt(cadence, false, n)
    );
    assertEquals(connects, [true, false, false, true, false, true]);
    assert([1, 2, 3].every((n) => reportsAttempt(cadence, true, n)));
  },
);

capability(
  "reportsAttempt - connects and reconnects have their own number",
  { edge: ["cli-signals-logging/connect-error-cadence"] },
  () => {
    const cadence = { connect: 1, reconnect: 5 };
    assert(reportsAttempt(cadence, true, 1));
    assertFalse(reportsAttempt(cadence, true, 2));
    assert(reportsAttempt(cadence, true, 5));
    assert(reportsAttempt(cadence, false, 2));
  },
);
