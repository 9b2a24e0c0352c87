import { Session } from "node:inspector";
import { clearInterval, setInterval } from "node:timers";
import type {
  CpuProfile,
  HeapProfile,
  HeapSampling,
  Profiler,
} from "../profiler_port.ts";

/** Milliseconds; answers of the engine arrive only while the loop turns. */
const TURN = 5;

/** The engine's own profilers. Costs nothing before it is asked for something. */
export class DenoProfiler implements Profiler {
  #session: Session | null = null;

  async startCpu(interval: number): Promise<void> {
    await this.#ask("Profiler.enable");
    await this.#ask("Profiler.setSamplingInterval", { interval });
    await this.#ask("Profiler.start");
  }

  async stopCpu(): Promise<CpuProfile> {
    const answer = await this.#ask("Profiler.stop");
    await this.#ask("Profiler.disable");
    return (answer as { profile: CpuProfile }).profile;
  }

  async startHeap({ interval, collected }: HeapSampling): Promise<void> {
    await this.#ask("HeapProfiler.startSampling", {
      samplingInterval: interval,
      includeObjectsCollectedByMajorGC: collected,
      includeObjectsCollectedByMinorGC: collected,
    });
  }

  async heap(): Promise<HeapProfile> {
    const answer = await this.#ask("HeapProfiler.getSamplingProfile");
    return (answer as { profile: HeapProfile }).profile;
  }

  async stopHeap(): Promise<void> {
    await this.#ask("HeapProfiler.stopSampling");
  }

  #ask(method: string, parameters: object = {}): Promise<unknown> {
    const session = this.#open();
    const turning = setInterval(() => {}, TURN);
    const answer = new Promise((resolve, reject) =>
      session.post(method, parameters, (error, result) => {
        if (error === null) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      })
    );
    return answer.finally(() => clearInterval(turning));
  }

  /** @throws Error that names the permission, if it is missing */
  #open(): Session {
    if (this.#session === null) {
      const session = new Session();
      session.connect();
      this.#session = session;
    }
    return this.#session;
  }
}
