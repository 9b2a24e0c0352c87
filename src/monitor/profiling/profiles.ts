/**
 * Takes profiles of this process.
 *
 * @module
 */

import { formatDuration } from "../../config/mod.ts";
import type {
  Clock,
  Process,
  Profiler,
  Timer,
  Timers,
} from "../../runtime/mod.ts";
import type { LoopDelay } from "../loop_delay.ts";
import { cpuSamples, heapSamples, loopSamples } from "./conversion.ts";
import type { Profile, ValueType } from "./pprof.ts";

/** Microseconds between two looks at what runs. */
const CPU_INTERVAL = 1000;
/** Samples at the most; a longer profile looks less often. */
const CPU_SAMPLES_MAX = 60_000;
/** Mean bytes between two samples of the heap. */
const HEAP_INTERVAL = 64 * 1024;

const CPU: ValueType = { type: "cpu", unit: "nanoseconds" };

/** A profile that can't be taken now; the message is for the asker. */
export class ProfileError extends Error {
  override readonly name = "ProfileError";
}

/** What profiles need. */
export interface ProfilesContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly process: Process;
  readonly profiler: Profiler;
}

/**
 * One of each kind at a time. The engine's profilers start when they are first
 * needed: there is nothing to pay for what nobody asks for.
 */
export class Profiles {
  readonly #context: ProfilesContext;
  readonly #loop: LoopDelay;
  readonly #waits = new Set<() => void>();
  #cpuBusy = false;
  #heapBusy = false;
  /** When sampling of what lives began, nanoseconds since the Unix epoch. */
  #heapSince: bigint | null = null;
  #closed = false;

  constructor(context: ProfilesContext, loop: LoopDelay) {
    this.#context = context;
    this.#loop = loop;
  }

  /** Processor time by call path, over so many milliseconds. @throws ProfileError */
  async cpu(lasting: number): Promise<Profile> {
    if (this.#cpuBusy) {
      throw new ProfileError("cpu profiling already in use");
    }
    this.#cpuBusy = true;
    const { clock, process, profiler } = this.#context;
    const interval = Math.max(
      CPU_INTERVAL,
      Math.ceil(lasting * 1000 / CPU_SAMPLES_MAX),
    );
    try {
      await profiler.startCpu(interval);
      const time = clock.nowNanos();
      const used = process.cpuTime();
      await this.#wait(lasting);
      const processorTime = (process.cpuTime() - used) * 1000;
      const taken = await profiler.stopCpu();
      return {
        types: [CPU],
        samples: cpuSamples(taken, processorTime),
        time,
        duration: (taken.endTime - taken.startTime) * 1000,
        period: { ...CPU, value: interval * 1000 },
        comments: [],
      };
    } finally {
      this.#cpuBusy = false;
    }
  }

  /**
   * Begins to sample what is allocated, so that `heap` can tell what of it is
   * still in use.
   */
  async watchHeap(): Promise<void> {
    if (this.#heapSince !== null || this.#heapBusy) return;
    this.#heapSince = this.#context.clock.nowNanos();
    try {
      await this.#context.profiler.startHeap({
        interval: HEAP_INTERVAL,
        collected: false,
      });
    } catch (error) {
      this.#heapSince = null;
      throw error;
    }
  }

  /** Bytes in use by the call path that allocated them. @throws ProfileError */
  async heap(): Promise<Profile> {
    if (this.#heapBusy) {
      throw new ProfileError("the heap is being profiled already");
    }
    await this.watchHeap();
    const taken = await this.#context.profiler.heap();
    return this.#heapProfile(
      { type: "inuse_space", unit: "bytes" },
      heapSamples(taken),
      this.#heapSince ?? 0n,
      "Of what was allocated since sampling began. " +
        "Message buffers lie outside of the heap.",
    );
  }

  /**
   * Bytes allocated by call path, over so many milliseconds. What `heap` tells
   * begins anew thereafter: the engine does one or the other.
   * @throws ProfileError
   */
  async allocations(lasting: number): Promise<Profile> {
    if (this.#heapBusy) {
      throw new ProfileError("the heap is being profiled already");
    }
    this.#heapBusy = true;
    const { profiler, clock } = this.#context;
    const watched = this.#heapSince !== null;
    try {
      if (watched) await profiler.stopHeap();
      this.#heapSince = null;
      await profiler.startHeap({ interval: HEAP_INTERVAL, collected: true });
      const time = clock.nowNanos();
      await this.#wait(lasting);
      const taken = await profiler.heap();
      await profiler.stopHeap();
      return this.#heapProfile(
        { type: "alloc_space", unit: "bytes" },
        heapSamples(taken),
        time,
        `Over ${formatDuration(lasting)}.`,
      );
    } finally {
      this.#heapBusy = false;
      if (watched && !this.#closed) await this.watchHeap();
    }
  }

  /** How late the event loop was, by the class of the delay. */
  eventLoop(): Profile {
    const { clock } = this.#context;
    return {
      types: [{ type: "turns", unit: "count" }, {
        type: "delay",
        unit: "nanoseconds",
      }],
      samples: loopSamples(this.#loop.summary()),
      time: clock.nowNanos(),
      duration: 0,
      comments: ["Since measuring began."],
    };
  }

  /** Cuts short what lasts. */
  close(): void {
    this.#closed = true;
    for (const end of [...this.#waits]) end();
  }

  #heapProfile(
    type: ValueType,
    samples: Profile["samples"],
    time: bigint,
    comment: string,
  ): Profile {
    const now = this.#context.clock.nowNanos();
    return {
      types: [type],
      samples,
      time,
      duration: Number(now - time),
      period: { type: "space", unit: "bytes", value: HEAP_INTERVAL },
      comments: [comment],
    };
  }

  /** Resolves after so many milliseconds, or when all is over. */
  #wait(lasting: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        this.#waits.delete(end);
        resolve();
      };
      const timer: Timer = this.#context.timers.after(lasting, end);
      this.#waits.add(end);
    });
  }
}
