/**
 * The listener for profiles by HTTP.
 *
 * @module
 */

import type { Logger } from "../log/mod.ts";
import { answerProfiling } from "../monitor/mod.ts";
import type {
  HttpServer,
  HttpServerOptions,
  Listener,
  Runtime,
} from "../runtime/mod.ts";
import { acceptAll } from "./accept.ts";
import { listenerUrls } from "./process_files.ts";
import type { ServerState } from "./state.ts";

/** As patient as the Go server. */
const HTTP_OPTIONS: HttpServerOptions = {
  headersTimeout: 5_000,
  maxHeaderSize: 1 << 20,
};

/** Listens from `open` to `close`. */
export class ProfilingListener {
  readonly #state: ServerState;
  readonly #runtime: Runtime;
  readonly #logger: Logger;
  #listener: Listener | null = null;
  #http: HttpServer | null = null;
  #accepting: Promise<void> = Promise.resolve();

  constructor(state: ServerState, runtime: Runtime, logger: Logger) {
    this.#state = state;
    this.#runtime = runtime;
    this.#logger = logger;
  }

  /** URLs under which it can be reached; none when it does not listen. */
  get urls(): string[] {
    if (this.#listener === null) return [];
    const { port } = this.#listener.address;
    const { network } = this.#runtime;
    return listenerUrls(
      "http",
      { host: this.#state.options.host, port },
      () => network.interfaces(),
    );
  }

  /** Listens if the options ask for it. @throws Error with the Go server's words */
  open(): void {
    const { host, profPort } = this.#state.options;
    if (profPort === 0) return;
    const { network, http, timers } = this.#runtime;
    try {
      const port = Math.max(0, profPort);
      this.#listener = network.listen({ host, port });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`error starting profiler: ${reason}`);
    }
    this.#logger.notice(`profiling port: ${this.#listener.address.port}`);
    const server = http.server(
      (request) => answerProfiling(this.#state, request),
      HTTP_OPTIONS,
    );
    this.#http = server;
    this.#state.profiles.watchHeap().catch((error) =>
      this.#logger.error(`profiling: the heap can't be sampled: ${error}`)
    );
    this.#accepting = acceptAll(
      this.#listener,
      "Profiler",
      timers,
      this.#logger,
      (transport) => server.serve(transport),
    );
  }

  /** Stops listening and drops all connections. */
  async close(): Promise<void> {
    this.#listener?.close();
    this.#http?.close();
    await this.#accepting;
  }
}
