/**
 * A simulated machine and the process that runs on it.
 *
 * @module
 */

import type { Runtime } from "../../src/runtime/ports.ts";
import { SimDisk } from "./ports/disk.ts";
import { HostNetwork } from "./ports/host_network.ts";
import type { CrashOptions } from "./ports/inode.ts";
import type { SimListener } from "./ports/listener.ts";
import type { NetworkNode, SimNetwork } from "./ports/network.ts";
import { type ProcessOptions, SimProcess } from "./ports/process.ts";
import type { SimulationOptions } from "./options.ts";
import type { SeededRandom } from "./ports/random.ts";
import type { Execution, Scheduler } from "./ports/scheduler.ts";
import { SimClock, SimTimers } from "./ports/time.ts";
import {
  InlineWorkers,
  NoHttp,
  NoPager,
  NoProfiler,
  NoTls,
  type WorkerFunction,
} from "./ports/workers.ts";

/** How a host differs from the others. */
export interface HostOptions extends ProcessOptions {
  /** Inline forms of worker modules, by file name. */
  readonly workers?: ReadonlyMap<string, WorkerFunction>;
}

/** What all hosts share. */
export interface World {
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  readonly options: SimulationOptions;
  readonly random: SeededRandom;
}

/**
 * A machine with one process, one disk and one address. The disk outlives the
 * process; everything else starts anew with `restart`.
 */
export class SimHost implements NetworkNode {
  readonly name: string;
  readonly address: string;
  readonly disk: SimDisk;
  readonly listeners = new Set<SimListener>();
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #options: HostOptions;
  readonly #drift: number;
  #powered = true;
  #generation = 0;
  #exitCode: number | null = null;
  #execution: Execution = { alive: true, busyUntil: 0 };
  #process: SimProcess;
  #clock: SimClock;
  #runtime: Runtime;

  /** Made by `Simulation.host`. */
  constructor(
    world: World,
    name: string,
    address: string,
    options: HostOptions,
  ) {
    const { clock, disk } = world.options;
    this.name = name;
    this.address = address;
    this.#world = world;
    this.#random = world.random.fork();
    this.#options = options;
    this.#drift = this.#random.between(-clock.drift, clock.drift);
    this.disk = new SimDisk(
      world.scheduler,
      this.#random.fork(),
      this.#execution,
      disk,
    );
    const booted = this.#boot(this.#random.between(-clock.skew, clock.skew));
    [this.#process, this.#clock, this.#runtime] = booted;
  }

  /** The ports of the process that runs now (or ran last). */
  get runtime(): Runtime {
    return this.#runtime;
  }

  get process(): SimProcess {
    return this.#process;
  }

  /** The host's wall clock, to make it jump. */
  get clock(): SimClock {
    return this.#clock;
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** Whether a process runs. */
  get running(): boolean {
    return this.#execution.alive;
  }

  /** What the last process that exited by itself exited with. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /** Ends the process as SIGKILL does: what it wrote stays, synced or not. */
  kill(): void {
    if (!this.#execution.alive) return;
    this.#end(true);
    this.disk.releaseLocks();
  }

  /** Cuts the power: what was not synced is lost, or kept in part. */
  crash(options: CrashOptions = this.#drawCrash()): void {
    this.#end(false);
    this.#powered = false;
    this.disk.losePower(options);
  }

  /** Starts a new process, after a kill, an exit or a crash. */
  restart(): Runtime {
    if (this.#execution.alive) throw new Error(`${this.name} is running`);
    this.#powered = true;
    this.#generation++;
    this.#execution = { alive: true, busyUntil: 0 };
    this.disk.execution = this.#execution;
    const booted = this.#boot(this.#clock.skew);
    [this.#process, this.#clock, this.#runtime] = booted;
    this.#world.network.retry();
    return this.#runtime;
  }

  /** Holds the process up: a pause of the machine, or of its scheduler. */
  pause(duration: number): void {
    const until = this.#world.scheduler.now + duration;
    this.#execution.busyUntil = Math.max(this.#execution.busyUntil, until);
  }

  #end(kernelLives: boolean): void {
    const execution = this.#execution;
    execution.alive = false;
    this.listeners.clear();
    for (const socket of [...this.#world.network.sockets]) {
      if (socket.isOf(execution)) socket.abandon(kernelLives);
    }
  }

  #boot(skew: number): [SimProcess, SimClock, Runtime] {
    const { scheduler, network } = this.#world;
    const execution = this.#execution;
    const pid = 100 + this.#generation;
    const process = new SimProcess(
      scheduler,
      execution,
      { hostname: this.name, pid },
      this.#options,
      (code) => {
        this.#exitCode = code;
        this.kill();
      },
    );
    const clock = new SimClock(
      scheduler,
      this.#drift,
      this.#random.between(1, 1_000_000),
    );
    clock.skew = skew;
    const workers = this.#options.workers ?? new Map();
    return [process, clock, {
      clock,
      timers: new SimTimers(scheduler, execution),
      random: this.#random.fork(),
      network: new HostNetwork(network, this, execution),
      disk: this.disk,
      process,
      workers: new InlineWorkers(scheduler, execution, workers),
      pager: new NoPager(),
      tls: new NoTls(),
      http: new NoHttp(),
      profiler: new NoProfiler(),
    }];
  }

  /** From "nothing unsynced survives" to "nearly everything does". */
  #drawCrash(): CrashOptions {
    return {
      keepSector: this.#random.pick([0, 0.5, 0.9]),
      keepOperation: this.#random.pick([0, 0.5, 0.9]),
    };
  }
}
