/**
 * The server: puts everything together and runs it from start to shutdown.
 *
 * @module
 */

import type { CustomAuthentication } from "../auth/mod.ts";
import { type ClientSession, serve } from "../client/mod.ts";
import type { ConnectionType, Options } from "../config/mod.ts";
import { SystemEvents } from "../events/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import type { Logger } from "../log/mod.ts";
import type {
  Endpoint,
  HttpHandler,
  Listener,
  Runtime,
  Timer,
  Transport,
} from "../runtime/mod.ts";
import { acceptAll } from "./accept.ts";
import { logBanner, logClientTerms, logConfiguration } from "./banner.ts";
import { checkedOptions } from "./checked_options.ts";
import { Clients } from "./clients.ts";
import { KNOWN_FEATURE_FLAGS } from "./feature_flags.ts";
import { sendAway } from "./lame_duck.ts";
import { MonitoringListener } from "./monitoring.ts";
import {
  listenerUrls,
  removePortsFile,
  writePidFile,
  writePortsFile,
} from "./process_files.ts";
import { ProfilingListener } from "./profiling.ts";
import { reloadOptions } from "./reload.ts";
import { StartError } from "./start_error.ts";
import { ServerState } from "./state.ts";
import { watch } from "./watchdog.ts";
import { scheme, WebsocketListener } from "./websocket.ts";

/** Milliseconds between two looks whether the server is ready. */
const READY_INTERVAL = 25;

/** A log that can be reopened, or opened elsewhere. */
export interface ReopenableLogger extends Logger {
  reopen?(): void;
  configure?(options: Options): Promise<void>;
}

/** Embedders' further wishes. */
export interface ServerHooks {
  /** Reads the options anew for a reload. @throws Error naming what is wrong */
  readonly loadOptions?: () => Options;
  /** Decides about clients in place of the configuration. */
  readonly authentication?: CustomAuthentication;
}

/** One NATS server. Several may run in one process. */
export class Server {
  readonly #runtime: Runtime;
  readonly #logger: ReopenableLogger;
  readonly #hooks: ServerHooks;
  readonly #state: ServerState;
  readonly #clients: Clients;
  readonly #monitoring: MonitoringListener;
  readonly #profiling: ProfilingListener;
  readonly #websocket: WebsocketListener;
  #listener: Listener | null = null;
  #tickers: Timer[] = [];
  #ended = Promise.withResolvers<void>();
  #accepting: Promise<void> = Promise.resolve();
  #reloading: Promise<void> = Promise.resolve();
  #phase: "new" | "running" | "lame duck" | "stopped" = "new";

  /**
   * @param options with defaults applied
   * @throws OptionsError or StartError when they contradict each other or ask
   * for what this server does not serve
   */
  constructor(
    options: Options,
    runtime: Runtime,
    logger: ReopenableLogger,
    hooks: ServerHooks = {},
  ) {
    const valid = checkedOptions(options);
    this.#runtime = runtime;
    this.#logger = logger;
    this.#hooks = hooks;
    this.#clients = new Clients();
    this.#state = new ServerState(
      valid,
      runtime,
      logger,
      this.#clients,
      hooks.authentication,
    );
    this.#monitoring = new MonitoringListener(this.#state, runtime, logger);
    this.#profiling = new ProfilingListener(this.#state, runtime, logger);
    this.#websocket = new WebsocketListener(
      this.#state,
      runtime,
      logger,
      (session) => this.#run(session),
    );
  }

  /** The server's public key. */
  get id(): string {
    return this.#state.id;
  }

  /** The options in force. */
  get options(): Options {
    return this.#state.options;
  }

  /** Where clients connect, once started. */
  get address(): Endpoint | null {
    return this.#listener?.address ?? null;
  }

  /** Where monitoring listens, once started; null when it does not. */
  get monitorAddress(): Endpoint | null {
    return this.#monitoring.address;
  }

  /** Answers monitoring requests of an embedder; null when there is no monitoring. */
  get httpHandler(): HttpHandler | null {
    return this.#monitoring.handler;
  }

  /** URL for clients on this machine, once started. */
  get clientUrl(): string {
    const { address } = this;
    if (address === null) return "";
    const host = address.host === "0.0.0.0" || address.host === "::"
      ? "127.0.0.1"
      : address.host;
    return `nats://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
  }

  get lameDucking(): boolean {
    return this.#phase === "lame duck";
  }

  /** What the server has counted, and who is connected. */
  get state(): ServerState {
    return this.#state;
  }

  /** Listens and serves. @throws StartError */
  async start(): Promise<void> {
    const { options } = this;
    this.#logStart(options);
    this.#phase = "running";
    try {
      await this.#state.start();
      // A shutdown may have come while account JWTs were looked for.
      if (this.#stopped) return;
      if (options.pidFile !== "") this.#writePidFile(options.pidFile);
      this.#startEvents();
      await this.#startJetStream();
      if (this.#stopped) return;
      this.#openListeners();
      if (!options.dontListen) this.#listen(options);
      if (options.portsFileDir !== "") this.#writePorts(options.portsFileDir);
    } catch (error) {
      this.#phase = "stopped";
      this.#listener?.close();
      this.#state.events?.stop();
      await this.#state.jetstream.end();
      await this.#state.stop();
      await this.#closeListeners();
      this.#ended.resolve();
      throw error;
    }
    this.#state.ready = true;
    this.#startTickers();
    this.#logger.notice("Server is ready");
  }

  /**
   * Waits until everything that is to listen does, for `timeout` milliseconds
   * at the most; false when that does not come, or is over already.
   */
  async readyForConnections(timeout: number): Promise<boolean> {
    const { clock, timers } = this.#runtime;
    const deadline = clock.monotonic() + timeout;
    for (;;) {
      if (this.#phase === "running" && this.#state.ready) return true;
      const left = deadline - clock.monotonic();
      if (left <= 0 || this.#stopped) return false;
      await timers.sleep(Math.min(left, READY_INTERVAL));
    }
  }

  /** A connection from inside the process; works with `dontListen` too. */
  connectInProcess(): Transport {
    const [inner, outer] = this.#runtime.network.pipe();
    this.#serve(inner, "IN_PROCESS");
    return outer;
  }

  /** Stops at once; resolves when nothing of the server runs any more. */
  async shutdown(): Promise<void> {
    if (this.#phase !== "stopped") {
      const running = this.#phase !== "new";
      this.#phase = "stopped";
      try {
        if (running) await this.#stop();
      } finally {
        this.#ended.resolve();
      }
    }
    await this.#ended.promise;
  }

  /** Resolves when the server has shut down, for whatever reason. */
  waitForShutdown(): Promise<void> {
    return this.#ended.promise;
  }

  /** Accepts no more clients, sends away those there are, and shuts down. */
  async lameDuck(): Promise<void> {
    if (this.#phase !== "running") return;
    this.#logger.notice(
      "Entering lame duck mode, stop accepting new clients",
    );
    this.#phase = "lame duck";
    this.#state.lameDuck = true;
    this.#state.ready = false;
    this.#state.events?.enteringLameDuck();
    this.#listener?.close();
    this.#websocket.stopListening();
    const { lameDuckDuration, lameDuckGracePeriod } = this.options;
    const sessions = [...this.#clients.open()];
    if (sessions.length > 0) {
      await sendAway(
        sessions,
        { duration: lameDuckDuration, gracePeriod: lameDuckGracePeriod },
        this.#runtime,
        () => this.#state.announce(),
        () => this.#phase === "stopped",
      );
    }
    await this.shutdown();
  }

  /**
   * Takes over a changed configuration, one after the other if it is asked for
   * several times. @throws Error; nothing changes then
   */
  reload(): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#reload());
    this.#reloading = reloaded.catch(() => {});
    return reloaded;
  }

  async #reload(): Promise<void> {
    const { loadOptions } = this.#hooks;
    if (loadOptions === undefined) {
      throw new Error(
        "can only reload config when a file is provided using -c or --config",
      );
    }
    const { disk, process } = this.#runtime;
    await reloadOptions({
      state: this.#state,
      prepareWebsocketTls: (block) => this.#websocket.prepareTls(block),
      configureLog: async (options) => await this.#logger.configure?.(options),
      writeFiles: (previous) => {
        const { pidFile, portsFileDir } = this.options;
        if (pidFile !== "" && pidFile !== previous.pidFile) {
          this.#tryFile("pidfile", () => writePidFile(pidFile, disk, process));
        }
        if (portsFileDir === previous.portsFileDir) return;
        if (previous.portsFileDir !== "") {
          removePortsFile(previous.portsFileDir, disk, process);
        }
        if (portsFileDir !== "") this.#writePorts(portsFileDir);
      },
    }, checkedOptions(loadOptions()));
    // A shutdown may have come in between; nothing may start any more.
    if (this.#stopped) return;
    this.#state.configured = this.#runtime.clock.now();
    this.#startTickers();
  }

  /** Closes and opens the log file. */
  reopenLog(): void {
    this.#logger.reopen?.();
  }

  #tryFile(kind: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#logger.error(`Failed to write ${kind}: ${messageOf(error)}`);
    }
  }

  get #stopped(): boolean {
    return this.#phase === "stopped";
  }

  #logStart(options: Options): void {
    logBanner(this.#logger, {
      cluster: "",
      name: this.#state.name,
      node: "",
      id: this.id,
      featureFlags: options.featureFlags,
      knownFlags: KNOWN_FEATURE_FLAGS,
    });
    if (this.#state.authenticator.hasPlaintextPasswords) {
      this.#logger.warn("Plaintext passwords detected, use nkeys or bcrypt");
    }
    logConfiguration(this.#logger, options, this.#runtime.clock);
  }

  #writePidFile(path: string): void {
    const { disk, process } = this.#runtime;
    try {
      writePidFile(path, disk, process);
    } catch (error) {
      throw new StartError(`Could not write pidfile: ${messageOf(error)}`);
    }
  }

  async #startJetStream(): Promise<void> {
    if (!this.options.jetstream.enabled) return;
    try {
      this.#state.jetstream.start();
      await this.#state.jetstream.meetStored();
    } catch (error) {
      throw new StartError(`Can't start JetStream: ${messageOf(error)}`);
    }
  }

  #startEvents(): void {
    const events = new SystemEvents(this.#state, {
      reload: () => this.reload(),
      announceLameDuck: (session) => this.#state.announceLameDuck(session),
    });
    events.start();
    this.#state.events = events;
  }

  /** Those that are not for plain clients. */
  #openListeners(): void {
    try {
      this.#monitoring.open();
    } catch (error) {
      throw new StartError(`Can't start monitoring: ${messageOf(error)}`);
    }
    try {
      this.#profiling.open();
      this.#websocket.open();
    } catch (error) {
      throw new StartError(messageOf(error));
    }
  }

  #closeListeners(): Promise<unknown> {
    return Promise.all([
      this.#monitoring.close(),
      this.#profiling.close(),
      this.#websocket.close(),
    ]);
  }

  #listen(options: Options): void {
    const { host } = options;
    const port = Math.max(0, options.port);
    const shown = host.includes(":") ? `[${host}]` : host;
    try {
      this.#listener = this.#runtime.network.listen({ host, port });
    } catch (error) {
      throw new StartError(
        `Error listening on port: ${shown}:${port}, "${messageOf(error)}"`,
      );
    }
    const actual = this.#listener.address.port;
    this.#logger.notice(
      `Listening for client connections on ${shown}:${actual}`,
    );
    logClientTerms(this.#logger, options);
    try {
      this.#state.listensOn({ host, port: actual });
    } catch (error) {
      throw new StartError(
        "Error setting server INFO with ClientAdvertise value of " +
          `${options.clientAdvertise}, err=${messageOf(error)}`,
      );
    }
    const { timers } = this.#runtime;
    this.#accepting = acceptAll(
      this.#listener,
      "Client",
      timers,
      this.#logger,
      (transport) => this.#serve(transport, "STANDARD"),
      this.state.turns,
    );
  }

  #writePorts(directory: string): void {
    const { disk, process, network } = this.#runtime;
    const { address } = this;
    const nats = address === null ? [] : listenerUrls(
      this.options.tls === undefined ? "nats" : "tls",
      { host: this.options.host, port: address.port },
      () => network.interfaces(),
    );
    const monitoring = this.#monitoring.urls;
    const profile = this.#profiling.urls;
    const { webAddress } = this.#state;
    const websocket = webAddress === null ? undefined : listenerUrls(
      scheme(webAddress.secure),
      webAddress,
      () => network.interfaces(),
    );
    writePortsFile(
      directory,
      {
        nats,
        ...(monitoring.length === 0 ? {} : { monitoring }),
        ...(profile.length === 0 ? {} : { profile }),
        ...(websocket === undefined ? {} : { websocket }),
      },
      disk,
      process,
    );
  }

  #startTickers(): void {
    for (const ticker of this.#tickers) ticker.cancel();
    const { timers } = this.#runtime;
    this.#tickers = [
      watch(() => this.#clients.all(), this.options, this.#runtime),
      timers.every(1000, () => {
        this.#state.handshakeLimit.report(this.#logger);
        this.#state.usage.sample();
      }),
    ];
    const { httpPort, httpsPort, profPort } = this.options;
    if (httpPort === 0 && httpsPort === 0 && profPort === 0) return;
    this.#tickers.push(this.#state.loopDelay.start(timers));
  }

  #serve(transport: Transport, type: ConnectionType): void {
    if (this.#phase !== "running") {
      transport.close();
      return;
    }
    this.#run(this.#state.createSession(transport, type));
  }

  #run(session: ClientSession): void {
    if (this.#phase !== "running") {
      session.close(CloseReason.ServerShutdown);
      return;
    }
    serve(session).catch((error) => {
      session.onFailure(error);
      session.close(CloseReason.ReadError);
    });
  }

  async #stop(): Promise<void> {
    this.#logger.notice("Initiating Shutdown...");
    for (const ticker of this.#tickers) ticker.cancel();
    this.#listener?.close();
    this.#websocket.stopListening();
    this.#state.events?.stop();
    await this.#state.jetstream.end();
    await this.#clients.closeAll(this.#runtime.timers);
    await this.#state.stop();
    await Promise.all([this.#accepting, this.#closeListeners()]);
    const { portsFileDir } = this.options;
    if (portsFileDir !== "") {
      const { disk, process } = this.#runtime;
      removePortsFile(portsFileDir, disk, process);
    }
    this.#logger.notice("Server Exiting..");
  }
}

/** The text of whatever was thrown. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
