import type { Clock } from "../ports.ts";

/** The machine's clocks. */
export class DenoClock implements Clock {
  now(): number {
    return Date.now();
  }

  nowNanos(): bigint {
    return Temporal.Now.instant().epochNanoseconds;
  }

  monotonic(): number {
    return performance.now();
  }

  utcOffset(at: number): number {
    return -new Date(at).getTimezoneOffset();
  }
}
