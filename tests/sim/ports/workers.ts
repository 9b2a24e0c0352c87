/**
 * Workers, paging, TLS, HTTP and profilers under simulation.
 *
 * @module
 */

import type {
  HttpEngine,
  HttpServer,
  Pager,
  Profiler,
  TlsEngine,
  TlsServer,
  TlsTransport,
  Worker,
  Workers,
} from "../../../src/runtime/mod.ts";
import type { Execution, Scheduler } from "./scheduler.ts";

/** What a worker module does, called in place. */
export type WorkerFunction = (message: unknown) => unknown;

/** Runs worker functions inline, one event later. */
export class InlineWorkers implements Workers {
  readonly #scheduler: Scheduler;
  readonly #execution: Execution;
  readonly #functions: ReadonlyMap<string, WorkerFunction>;

  /** @param functions by the file name of the worker module */
  constructor(
    scheduler: Scheduler,
    execution: Execution,
    functions: ReadonlyMap<string, WorkerFunction>,
  ) {
    this.#scheduler = scheduler;
    this.#execution = execution;
    this.#functions = functions;
  }

  start(url: URL): Worker {
    const name = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
    const answer = this.#functions.get(name);
    if (answer === undefined) {
      throw new Error(`The simulation has no inline form of worker ${name}`);
    }
    return {
      request: (message) =>
        new Promise((resolve) =>
          void this.#scheduler.after(
            0,
            this.#execution,
            () => resolve(answer(structuredClone(message))),
          )
        ),
      close: () => {},
    };
  }
}

/** Refuses: there are no pages to touch. */
export class NoPager implements Pager {
  pageIn(): Promise<void> {
    return Promise.reject(new Error("The simulation has no pages"));
  }
}

/** Refuses: scenarios about faults run in the clear. */
export class NoTls implements TlsEngine {
  server(): TlsServer {
    throw new Error("The simulation has no TLS; configure none");
  }

  connect(): Promise<TlsTransport> {
    return Promise.reject(
      new Error("The simulation has no TLS; configure none"),
    );
  }
}

/** Refuses: nothing in a scenario looks at the server by HTTP. */
export class NoHttp implements HttpEngine {
  server(): HttpServer {
    throw new Error("The simulation has no HTTP; configure none");
  }
}

const NO_PROFILER = "The simulation has no profiler";

/** Refuses: virtual time can't tell what takes long. */
export class NoProfiler implements Profiler {
  startCpu(): Promise<never> {
    return Promise.reject(new Error(NO_PROFILER));
  }
  stopCpu(): Promise<never> {
    return Promise.reject(new Error(NO_PROFILER));
  }
  startHeap(): Promise<never> {
    return Promise.reject(new Error(NO_PROFILER));
  }
  heap(): Promise<never> {
    return Promise.reject(new Error(NO_PROFILER));
  }
  stopHeap(): Promise<never> {
    return Promise.reject(new Error(NO_PROFILER));
  }
}
