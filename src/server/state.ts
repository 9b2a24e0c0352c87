/**
 * What the sessions of a server share.
 *
 * @module
 */

import { type Account, Accounts } from "../account/mod.ts";
import {
  Authenticator,
  checkPreload,
  checkPreloadable,
  type ClaimedAccounts,
  createClaimedAccounts,
  createResolver,
  type CustomAuthentication,
  type OcspCache,
  preload,
  type Refusal,
  ResolverError,
} from "../auth/mod.ts";
import {
  type ClientContext,
  ClientSession,
  dropSubscriptions,
  reauthenticate,
  type ServerCounters,
  type WebAddress,
  type WebOrigin,
} from "../client/mod.ts";
import type { ConnectionType, Options } from "../config/mod.ts";
import {
  type CloseReason,
  type Connection,
  FlushQueue,
  LoopTurns,
  Vigil,
} from "../connection/mod.ts";
import type { EventServer, SystemEvents } from "../events/mod.ts";
import { type Logger, quoteText } from "../log/mod.ts";
import {
  ClosedClients,
  LoopDelay,
  ProcessUsage,
  Profiles,
  recordOf,
} from "../monitor/mod.ts";
import { encodeInfo, type Info, type MessageTrace } from "../protocol/mod.ts";
import type {
  Clock,
  Disk,
  Endpoint,
  Process,
  Random,
  Runtime,
  Timers,
  TlsServer,
  TlsState,
  Transport,
} from "../runtime/mod.ts";
import { connectUrls, parseAdvertise } from "./advertise.ts";
import { gitCommit, VERSION } from "./build.ts";
import { CalloutDesk } from "./callout.ts";
import { startClaimedAccounts } from "./claimed_start.ts";
import { applyClaims, expireClient, settlement } from "./claim_changes.ts";
import type { Clients } from "./clients.ts";
import { KNOWN_FEATURE_FLAGS } from "./feature_flags.ts";
import { guestName, withGlobalEntrance } from "./global_entrance.ts";
import { ServerKeys } from "./identity.ts";
import { jetStreamParts, JetStreamSwitch } from "./jetstream.ts";
import { HandshakeLimit } from "./rate_limit.ts";
import { judgeAll } from "./judgement.ts";
import { OcspGuard } from "./ocsp.ts";
import { sameValue } from "./reload_table.ts";
import { StartError } from "./start_error.ts";
import { createTlsServer } from "./tls.ts";

/** Bytes of a nonce, which clients with keys sign. */
const NONCE_BYTES = 11;
/** What INFO says of the JetStream API, whether it is enabled or not. */
const JETSTREAM_API_LEVEL = 5;

/** Implements the sessions' view of the server. */
export class ServerState implements ClientContext, EventServer {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  batchBegan = 0;
  tracing: boolean;
  readonly turns: LoopTurns;
  readonly vigil: Vigil;
  readonly flushQueue: FlushQueue<Connection>;
  readonly id: string;
  /** Wall time of the start, milliseconds. */
  readonly started: number;
  readonly counters: ServerCounters = {
    messagesIn: 0,
    bytesIn: 0,
    messagesOut: 0,
    bytesOut: 0,
    slowConsumers: 0,
    staleConnections: 0,
    stalledClients: 0,
    connections: 0,
  };
  readonly closedClients: ClosedClients;
  readonly usage: ProcessUsage;
  readonly loopDelay: LoopDelay;
  readonly profiles: Profiles;
  readonly httpRequests: Map<string, number> = new Map();
  options: Options;
  authenticator: Authenticator;
  handshakeLimit: HandshakeLimit;
  tlsServer: TlsServer | null = null;
  webAddress: WebAddress | null = null;
  lameDuck = false;
  /** Null unless JetStream is configured and runs. */
  readonly jetstream: JetStreamSwitch;
  /** Null until the server starts. */
  events: SystemEvents | null = null;
  /** Whether clients can connect. */
  ready = false;
  /** Wall time at which the options came into force, milliseconds. */
  configured: number;
  readonly #runtime: Runtime;
  readonly #custom: CustomAuthentication | undefined;
  /** Whom clients without credentials stand for, if need be. */
  readonly #guest: string;
  /** Public X25519 key. Deriving it takes a millisecond, hence once. */
  readonly #curveKey: string;
  readonly #callout: CalloutDesk;
  readonly #clients: Clients;
  readonly accounts: Accounts;
  readonly ocsp: OcspGuard;
  /** Accounts of trusted operators; null when none is trusted. */
  readonly claimedAccounts: ClaimedAccounts | null;
  #lastId = 0;
  #listening: Endpoint;
  #told: Endpoint;
  #urls: readonly string[] = [];

  constructor(
    options: Options,
    runtime: Runtime,
    logger: Logger,
    clients: Clients,
    custom?: CustomAuthentication,
  ) {
    this.#runtime = runtime;
    this.#custom = custom;
    this.#guest = guestName(runtime.random);
    this.#clients = clients;
    this.clock = runtime.clock;
    this.timers = runtime.timers;
    this.turns = new LoopTurns(runtime.network, runtime.timers);
    this.vigil = new Vigil({
      turns: this.turns,
      clock: runtime.clock,
      cores: runtime.process.cores,
    });
    this.flushQueue = new FlushQueue(this.turns);
    this.random = runtime.random;
    this.logger = logger;
    this.tracing = logger.tracing;
    this.options = options;
    const keys = new ServerKeys(runtime.random);
    this.id = keys.id;
    this.#curveKey = keys.curve;
    this.#callout = new CalloutDesk(this, keys);
    this.started = runtime.clock.now();
    this.configured = this.started;
    this.usage = new ProcessUsage(runtime.process, runtime.clock);
    this.loopDelay = new LoopDelay(runtime.clock);
    this.profiles = new Profiles(runtime, this.loopDelay);
    this.closedClients = new ClosedClients(options.maxClosedClients);
    this.handshakeLimit = new HandshakeLimit(options.tlsRateLimit, this.clock);
    this.#listening = { host: options.host, port: options.port };
    this.#told = this.#listening;
    this.ocsp = new OcspGuard(this);
    this.accounts = new Accounts(options, this);
    this.claimedAccounts = this.#createClaimedAccounts(options);
    this.authenticator = this.#createAuthenticator();
    this.jetstream = new JetStreamSwitch(this, jetStreamParts(runtime, this));
  }

  get name(): string {
    return this.options.serverName || this.id;
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  /** Answers about certificates that are kept; null when none are asked for. */
  get ocspCache(): OcspCache | null {
    return this.ocsp.cache;
  }

  refusePeer(tls: TlsState): Promise<string | undefined> {
    return this.ocsp.refusal(tls);
  }

  get process(): Process {
    return this.#runtime.process;
  }

  get disk(): Disk {
    return this.#runtime.disk;
  }

  /** Flags in force, defaults included. */
  get featureFlags(): ReadonlyMap<string, boolean> {
    return new Map([...KNOWN_FEATURE_FLAGS, ...this.options.featureFlags]);
  }

  get clients(): Clients {
    return this.#clients;
  }

  /** Loads what can fail. @throws Error */
  async start(): Promise<void> {
    const { tls, jetstream } = this.options;
    if (jetstream.enabled && this.accounts.system?.jetstreamLimits) {
      throw new StartError(
        "Not allowed to enable JetStream on the system account",
      );
    }
    if (tls !== undefined) {
      this.tlsServer = createTlsServer(tls, this.#runtime.tls);
    }
    this.ocsp.start();
    if (this.claimedAccounts === null) return;
    await startClaimedAccounts(this.claimedAccounts, this.options, this);
  }

  /**
   * Makes ready what TLS needs of new options; the function returned puts it
   * into force. @throws Error naming what is wrong with a certificate or key
   */
  prepareTls({ tls }: Options): () => void {
    if (tls === undefined) {
      return () => {
        this.tlsServer?.close();
        this.tlsServer = null;
      };
    }
    const prepared = createTlsServer(tls, this.#runtime.tls);
    return () => {
      this.tlsServer?.close();
      this.tlsServer = prepared;
    };
  }

  /** Refuses options whose accounts can't be taken over. @throws ResolverError */
  checkAccounts(next: Options): void {
    if (this.claimedAccounts?.resolver) checkPreloadable(next);
  }

  /** Has accounts of JWTs follow the options in force, which may be new. */
  async reloadAccounts(previous: Options): Promise<void> {
    const accounts = this.claimedAccounts;
    if (accounts === null || accounts.resolver === null) return;
    if (!isSameResolver(previous, this.options)) {
      const context = { ...this.#runtime, logger: this.logger };
      accounts.lookIn(createResolver(this.options, context));
    }
    const { resolver } = accounts;
    if (resolver === null) return;
    try {
      resolver.reload();
    } catch (error) {
      if (!(error instanceof ResolverError)) throw error;
      // What the configuration itself brings must be there all the same.
      this.logger.error(`Could not reload accounts: ${error.message}`);
    }
    checkPreload(this.options, this);
    preload(resolver, this.options);
    if (this.options.resolver?.kind !== "memory") return;
    for (const key of (await accounts.refresh()).keys()) {
      this.logger.notice(
        `Reloaded: deleting account [removed]: ${quoteText(key)}`,
      );
    }
  }

  /**
   * Checks all clients against the options in force, which may be new.
   */
  async reauthenticate(): Promise<void> {
    const previous = this.authenticator;
    this.authenticator = this.#createAuthenticator();
    const sessions = [...this.#clients.open()];
    previous.close();
    await judgeAll(sessions, reauthenticate, this);
  }

  async stop(): Promise<void> {
    this.tlsServer?.close();
    this.ocsp.stop();
    this.profiles.close();
    this.authenticator.close();
    this.accounts.close();
    this.claimedAccounts?.close();
    await this.turns.close();
  }

  /** The address of the client listener. */
  get listening(): Endpoint {
    return this.#listening;
  }

  /** Takes the address of the client listener. @throws AdvertiseError */
  listensOn(address: Endpoint): void {
    this.#listening = address;
    const { clientAdvertise } = this.options;
    this.#told = clientAdvertise === ""
      ? address
      : parseAdvertise(clientAdvertise, address.port);
    this.#urls = connectUrls(clientAdvertise, address, this.#runtime.network);
    if (this.#urls.length === 0) {
      const host = quoteText(address.host);
      this.logger.error(`Address ${host} can not be resolved properly`);
    }
  }

  /** Own addresses for clients, as other servers would tell them. */
  get connectUrls(): readonly string[] {
    return this.#urls;
  }

  account(name: string | undefined): Account | null {
    return this.accounts.get(name);
  }

  isSystemAccount(account: Account): boolean {
    return account === this.accounts.system;
  }

  info(): Info {
    const { options, authenticator } = this;
    const tls = options.tls !== undefined;
    const commit = gitCommit();
    return {
      server_id: this.id,
      server_name: this.name,
      version: VERSION,
      proto: 1,
      ...(commit === "" ? {} : { git_commit: commit }),
      go: "go1.26.8",
      host: this.#told.host,
      port: this.#told.port,
      headers: !options.noHeaderSupport,
      auth_required: authenticator.required,
      tls_required: tls && !options.allowNonTls,
      tls_verify: options.tls?.verify ?? false,
      tls_available: tls && options.allowNonTls,
      max_payload: options.maxPayload,
      ldm: this.lameDuck,
      jetstream: this.jetstream.isEnabled,
      domain: options.jetstream.enabled ? options.jetstream.domain : "",
      api_lvl: JETSTREAM_API_LEVEL,
      xkey: this.#curveKey,
    };
  }

  createSession(
    transport: Transport,
    type: ConnectionType,
    web: WebOrigin | null = null,
  ): ClientSession {
    const account = this.accounts.global;
    const session = new ClientSession(
      ++this.#lastId,
      this,
      transport,
      type,
      account,
      web,
    );
    account.clients++;
    this.counters.connections++;
    session.awaitingConnect = this.authenticator.requires(type);
    if (this.options.alwaysEnableNonce || this.authenticator.needsNonce) {
      session.nonce = this.#createNonce();
    }
    this.#clients.created(session);
    return session;
  }

  register(session: ClientSession): boolean {
    const { maxConnections } = this.options;
    const full = maxConnections < 0 ||
      (maxConnections > 0 && this.#clients.count >= maxConnections);
    if (full) return false;
    this.#clients.register(session);
    return true;
  }

  admitted(session: ClientSession): void {
    this.events?.connected(session);
  }

  refused(session: ClientSession, refusal: Refusal): void {
    this.events?.refused(session, refusal);
  }

  traced(
    account: Account,
    destination: string,
    accepted: string,
    trace: MessageTrace,
  ): void {
    this.events?.traced(account, destination, accepted, trace);
  }

  unregister(session: ClientSession, reason: CloseReason): void {
    session.account.clients--;
    this.closedClients.add(recordOf(session, reason, this.clock.now()));
    dropSubscriptions(session);
    this.events?.disconnected(session, reason);
    this.#clients.ended(session);
  }

  admitTlsHandshake(): boolean {
    return this.handshakeLimit.admit();
  }

  /** Tells one client that the server is about to go. */
  announceLameDuck(session: ClientSession): void {
    const info = { ...session.info(), ldm: true };
    session.connection.sendText(encodeInfo(info));
  }

  /** Sends INFO to all clients that can take it at any time. */
  announce(): void {
    for (const session of this.#clients.open()) {
      const ready = session.connect.protocol >= 1 &&
        session.keepalive.firstPongSent;
      if (ready) session.connection.sendText(encodeInfo(session.info()));
    }
  }

  #createAuthenticator(): Authenticator {
    const options = withGlobalEntrance(this.options, this.#guest);
    const hidesGuest = options !== this.options;
    return new Authenticator(
      options,
      { ...this.#runtime, custom: this.#custom, hidesGuest },
      this.logger,
      this.claimedAccounts,
      this.#callout,
    );
  }

  #createClaimedAccounts(options: Options): ClaimedAccounts | null {
    const members = (name: string) =>
      [...this.#clients.open()].filter(({ account }) => account.name === name);
    return createClaimedAccounts(options, {
      ...this.#runtime,
      logger: this.logger,
    }, {
      changed: (account, previous) => {
        const running = applyClaims(this.accounts, this, account);
        const following = this.jetstream.followClaims(running, account);
        if (previous !== undefined) {
          const sessions = members(account.key);
          const judge = settlement(sessions, account, previous);
          void judgeAll(sessions, judge, this);
        }
        return following;
      },
      expired: ({ key }) => void judgeAll(members(key), expireClient, this),
      forgotten: (key) => this.accounts.disclaim(key),
    });
  }

  #createNonce(): string {
    const raw = new Uint8Array(NONCE_BYTES);
    this.random.fill(raw);
    return btoa(String.fromCharCode(...raw)).replace(/\+/g, "-")
      .replace(/\//g, "_").replace(/=+$/, "");
  }
}

function isSameResolver(a: Options, b: Options): boolean {
  return sameValue(a.resolver, b.resolver) &&
    sameValue(a.resolverTls, b.resolverTls);
}
