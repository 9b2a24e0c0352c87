/**
 * One client: the state that its verbs work on.
 *
 * @module
 */

import type {
  Account,
  ClientInfo,
  Producer,
  Receiver,
  Subscription,
} from "../account/mod.ts";
import {
  ANONYMOUS,
  type CompiledPermissions,
  type Identity,
  NOT_AUTHENTICATED,
  Refusal,
  ReplyGrants,
} from "../auth/mod.ts";
import { type ConnectionType, formatDuration } from "../config/mod.ts";
import {
  CloseReason,
  Connection,
  type Session,
  type SlowBatch,
} from "../connection/mod.ts";
import { quoteBytes, traceDelete, traceInbound } from "../log/mod.ts";
import {
  type Chunk,
  type ConnectOptions,
  defaultConnectOptions,
  ERR_AUTHORIZATION,
  ERR_MAX_ACCOUNT_CONNECTIONS,
  ERR_MAX_CONTROL_LINE,
  ERR_MAX_SUBSCRIPTIONS,
  ERR_UNKNOWN_OPERATION,
  type Info,
  type Line,
  Message,
  Parser,
  type ParserHandler,
  type UnknownOperation,
} from "../protocol/mod.ts";
import type { Timer, TlsState, Transport } from "../runtime/mod.ts";
import { ByteStringMap } from "../subject/mod.ts";
import { authRequestOf } from "./auth_request.ts";
import { describeClient } from "./client_info.ts";
import type { ClientContext, SessionCounters } from "./context.ts";
import { deliver } from "./deliver.ts";
import { Expiry } from "./expiry.ts";
import { Keepalive } from "./keepalive.ts";
import { credentials, Label } from "./label.ts";
import { appear, type Judge } from "./judgement.ts";
import { throttle } from "./stall.ts";
import { CLIENT_VERBS } from "./verbs/mod.ts";
import type { WebOrigin } from "./web.ts";

/** From how many milliseconds on the log tells how long a batch took. */
const PROCESSING_TIME_WARNED = 2000;

/** A client connection from accept to close. */
export class ClientSession
  implements Session, ParserHandler, Receiver, Producer {
  readonly seesImports = true;
  readonly sends = true;
  readonly connection: Connection;
  readonly parser: Parser<ClientSession>;
  /** The message being published, filled by PUB and HPUB. */
  readonly message: Message = new Message();
  /** By sid. */
  subscriptions: ByteStringMap<Subscription>;
  readonly counters: SessionCounters = {
    messagesIn: 0,
    bytesIn: 0,
    messagesOut: 0,
    bytesOut: 0,
    stalls: 0,
  };
  readonly keepalive: Keepalive;
  readonly expiry: Expiry;
  readonly label: Label;
  /** Wall time of the accept, milliseconds. */
  readonly started: number;

  account: Account;
  connect: ConnectOptions = defaultConnectOptions();
  connectReceived = false;
  /** Whether CONNECT must come before anything else, and has not. */
  awaitingConnect = false;
  authTimer: Timer | null = null;
  /** Who the client proved to be. */
  identity: Identity = ANONYMOUS;
  user = "";
  permissions: CompiledPermissions | null = null;
  grants: ReplyGrants | null = null;
  /** Set once a subscription may overlap what the user must not receive. */
  filtersDeliveries = false;
  /**
   * Set while subscriptions may be there that the permissions don't cover: a
   * mark of who looks for them.
   */
  pruning: object | null = null;
  /** Decides how the client goes on before it does or gets anything more. */
  judge: Judge | null = null;
  headers = false;
  echo = true;
  pause: Promise<void> | null = null;
  /** Milliseconds that the present batch was stalled for slow receivers. */
  stalled = 0;
  maxPayload: number;
  maxSubscriptions: number = Infinity;
  tls: TlsState | null = null;
  tlsFirst = false;
  nonce = "";
  /** Address of the client as shown and checked; a proxy may have told it. */
  host: string;
  port: number;
  closeReason: CloseReason | null = null;

  constructor(
    readonly id: number,
    readonly context: ClientContext,
    transport: Transport,
    readonly connectionType: ConnectionType,
    account: Account,
    readonly web: WebOrigin | null = null,
  ) {
    const { options, clock } = context;
    this.account = account;
    this.tls = web?.tls ?? null;
    this.started = clock.now();
    this.host = transport.remote.host;
    this.port = transport.remote.port;
    this.subscriptions = new ByteStringMap(context.random);
    this.maxPayload = options.maxPayload;
    if (options.maxSubscriptions > 0) {
      this.maxSubscriptions = options.maxSubscriptions;
    }
    this.label = new Label(transport.remote, id, web);
    this.connection = new Connection(
      transport,
      this,
      context,
      options.maxPending,
    );
    this.parser = new Parser(CLIENT_VERBS, this, options.maxControlLine);
    this.keepalive = new Keepalive(this);
    this.expiry = new Expiry(this);
  }

  get expectedBytes(): number {
    return this.parser.expected;
  }

  /** Whether protocol traces of this session are wanted. */
  get tracing(): boolean {
    return this.context.tracing;
  }

  onBytes(chunk: Chunk, limit: number, resumed: boolean): number {
    this.context.tracing = this.context.logger.tracing;
    if (!resumed) this.stalled = 0;
    this.pause = null;
    const { clock } = this.context;
    const begin = clock.monotonic();
    this.context.batchBegan = begin;
    const before = this.counters.messagesIn;
    const bytesBefore = this.counters.bytesIn;
    if (this.judge !== null) {
      appear(this);
      if (this.connection.closed) return limit;
    }
    this.parser.guarded = this.awaitingConnect;
    const consumed = this.parser.parse(chunk, limit);
    const duration = clock.monotonic() - begin;
    if (duration >= PROCESSING_TIME_WARNED) this.#warnOfProcessing(duration);
    const messages = this.counters.messagesIn - before;
    if (messages > 0) this.#account(messages, bytesBefore);
    return this.connection.closed ? limit : consumed;
  }

  admit(): boolean {
    if (this.context.authenticator.admitsWithoutConnect) {
      return this.#admitSilently();
    }
    this.violateAuthorization();
    return false;
  }

  onUnknownOperation({ state, index, snippet }: UnknownOperation): void {
    this.sendError(ERR_UNKNOWN_OPERATION);
    this.logError(
      `Client parser ERROR, state=${state}, i=${index}: proto='${
        quoteBytes(snippet)
      }...'`,
    );
    this.close(CloseReason.ProtocolViolation);
  }

  onControlLineExceeded(length: number, snippet: Uint8Array): void {
    this.sendError(ERR_MAX_CONTROL_LINE);
    this.close(CloseReason.MaxControlLineExceeded);
    this.logError(
      `${ERR_MAX_CONTROL_LINE}: max_control_line ${this.parser.maxControlLine}, ` +
        `Buffer len ${length} (snip: ${quoteBytes(snippet)}...)`,
    );
  }

  deliver(
    subscription: Subscription,
    message: Message,
    producer: Producer,
  ): boolean {
    return deliver(this, subscription, message, producer);
  }

  whenCaughtUp(callback: () => void): boolean {
    const { outbound } = this.connection;
    if (!outbound.behind) return false;
    outbound.onCaughtUp(callback);
    return true;
  }

  throttle(
    wait: number,
    relieved: (callback: () => void) => () => void,
  ): boolean {
    return throttle(this, wait, relieved);
  }

  clientInfo(detailed: boolean): ClientInfo {
    return describeClient(this, detailed);
  }

  measureRoundTrip(): void {
    this.keepalive.measure();
  }

  onOverflow(): void {
    if (this.connection.closed) return;
    this.context.counters.slowConsumers++;
    this.account.slowConsumers++;
    this.logNotice(
      `Slow Consumer Detected: MaxPending of ${this.connection.outbound.maxPending} Exceeded`,
    );
    this.close(CloseReason.SlowConsumerPendingBytes);
  }

  onRecovered({ duration, chunks, bytes }: SlowBatch): void {
    this.logNotice(
      `Slow Consumer Recovered: Flush took ${(duration / 1000).toFixed(3)}s ` +
        `with ${chunks} chunks of ${bytes} total bytes.`,
    );
  }

  onFailure(error: unknown): void {
    const text = error instanceof Error ? error.stack ?? error.message : error;
    this.logError(`Unexpected failure: ${text}`);
  }

  onClosed(reason: CloseReason): void {
    this.closeReason = reason;
    this.parser.halted = true;
    this.authTimer?.cancel();
    this.keepalive.stop();
    this.expiry.stop();
    this.logDebug(`Client connection closed: ${reason}`);
    this.context.unregister(this, reason);
  }

  /** Ends the session. */
  close(reason: CloseReason): void {
    this.connection.close(reason);
  }

  /** What the server tells this client of itself. */
  info(): Info {
    const { context, host, id, maxPayload, web } = this;
    const info: Info = {
      ...context.info(),
      client_id: id,
      client_ip: host,
      max_payload: maxPayload,
    };
    if (web !== null && context.webAddress !== null) {
      const { host, port, secure } = context.webAddress;
      Object.assign(info, { host, port });
      info.tls_required = secure;
      info.tls_available = secure;
    }
    const inProcess = this.connectionType === "IN_PROCESS";
    if (inProcess && info.tls_required && !this.tlsFirst) {
      info.tls_required = false;
      info.tls_available = true;
    }
    return info;
  }

  /** The INFO that comes first, or right after the handshake with `tlsFirst`. */
  greeting(tlsFirst: boolean): Info {
    const { authenticator, options } = this.context;
    const info: Info = { ...this.info(), nonce: this.nonce };
    if (this.web !== null) {
      info.auth_required = authenticator.requires(this.connectionType);
      return info;
    }
    if (tlsFirst) info.tls_required = true;
    // The address seen is the proxy's, which is not the client's to know.
    if (options.proxyProtocol) delete info.client_ip;
    if (authenticator.admitsAnonymous) info.auth_required = false;
    return info;
  }

  /** Traces the line of an op that came in. */
  traceLine(verb: string, line: Line): void {
    if (!this.tracing) return;
    const { buffer, argsStart, argsEnd } = line;
    this.logTrace(traceInbound(verb, buffer.subarray(argsStart, argsEnd)));
  }

  /** Queues an `-ERR`. */
  sendError(text: string): void {
    if (this.tracing) this.logTrace(`->> [-ERR ${text}]`);
    this.connection.sendText(`-ERR '${text}'\r\n`);
  }

  /** Queues an `+OK` if the client is verbose. */
  acknowledge(): void {
    if (!this.connect.verbose) return;
    if (this.tracing) this.logTrace("->> [OK]");
    this.connection.send("+OK\r\n");
  }

  /** Refuses the client: says so, logs it without secrets, and closes. */
  violateAuthorization(refusal: Refusal = NOT_AUTHENTICATED): void {
    const guest = refusal.announcement?.guest;
    if (guest !== undefined) this.#pose(guest);
    const user = credentials(this.connect, this.identity.jwt);
    this.logError(
      `authentication error${user === null ? "" : ` - ${user.text}`}`,
    );
    this.sendError(ERR_AUTHORIZATION);
    this.context.refused(this, refusal);
    this.close(refusal.reason);
  }

  /**
   * Makes the session act as `identity`.
   * @returns false when it can't, and the session was closed
   */
  assume(identity: Identity): boolean {
    const account = this.context.account(identity.account);
    if (account === null) {
      this.violateAuthorization();
      return false;
    }
    this.#move(account);
    if (!account.admits(account.clients - 1)) {
      this.logError(ERR_MAX_ACCOUNT_CONNECTIONS);
      this.sendError(ERR_MAX_ACCOUNT_CONNECTIONS);
      this.close(CloseReason.MaxAccountConnectionsExceeded);
      return false;
    }
    this.expiry.set(identity.expires);
    this.permit(identity);
    this.applyLimits();
    if (this.connection.closed) return false;
    this.context.admitted(this);
    return true;
  }

  /** Is told of as `identity`, who does not come in. */
  #pose(identity: Identity): void {
    this.#move(this.context.account(identity.account) ?? this.account);
    this.permit(identity);
  }

  #move(account: Account): void {
    this.account.clients--;
    this.account = account;
    account.clients++;
  }

  /** Takes over who the client is and what it may do. */
  permit(identity: Identity): void {
    this.identity = identity;
    this.user = identity.user;
    this.permissions = identity.permissions;
    this.filtersDeliveries = false;
    this.pruning = null;
    const responses = identity.permissions?.responses;
    this.grants = responses === undefined
      ? null
      : new ReplyGrants(responses, this.context.clock);
  }

  /** Takes the tightest of the server's, the account's and the user's limits. */
  applyLimits(): void {
    const { options } = this.context;
    const { limits: user } = this.identity;
    const { limits: account } = this.account;
    const subscriptions = options.maxSubscriptions > 0
      ? options.maxSubscriptions
      : Infinity;
    this.maxPayload = tightest(
      options.maxPayload,
      account.maxPayload,
      user.maxPayload,
    );
    this.maxSubscriptions = tightest(
      subscriptions,
      account.maxSubscriptions,
      user.maxSubscriptions,
    );
    if (this.subscriptions.size < this.maxSubscriptions) return;
    this.logError(ERR_MAX_SUBSCRIPTIONS);
    this.sendError(ERR_MAX_SUBSCRIPTIONS);
    this.close(CloseReason.MaxSubscriptionsExceeded);
  }

  /** Removes one subscription, as UNSUB or its delivery limit demand. */
  unsubscribe(subscription: Subscription): void {
    if (subscription.closed) return;
    if (this.tracing) this.logTrace(traceDelete(subscription.sid));
    subscription.closed = true;
    this.subscriptions.delete(subscription.sid);
    this.account.unsubscribe(subscription);
  }

  logError(text: string): void {
    this.context.logger.error(`${this.label} - ${text}`);
  }

  logWarning(text: string): void {
    this.context.logger.warn(`${this.label} - ${text}`);
  }

  logNotice(text: string): void {
    this.context.logger.notice(`${this.label} - ${text}`);
  }

  logDebug(text: string): void {
    const { logger } = this.context;
    if (logger.debugging) logger.debug(`${this.label} - ${text}`);
  }

  logTrace(text: string): void {
    this.context.logger.trace(`${this.label} - ${text}`);
  }

  /** Lets a client without CONNECT act as `no_auth_user`. */
  #admitSilently(): boolean {
    this.authTimer?.cancel();
    this.connectReceived = true;
    const verdict = this.context.authenticator.authenticate(
      authRequestOf(this),
    );
    // A no_auth_user whose password is a bcrypt hash matches nobody, since
    // its hash would have to match itself; so there is nothing to wait for.
    if (verdict instanceof Promise || verdict instanceof Refusal) {
      this.violateAuthorization(
        verdict instanceof Refusal ? verdict : undefined,
      );
      return false;
    }
    if (!this.assume(verdict)) return false;
    this.awaitingConnect = false;
    this.parser.guarded = false;
    return true;
  }

  #warnOfProcessing(duration: number): void {
    this.logWarning(`Readloop processing time: ${formatDuration(duration)}`);
  }

  #account(messages: number, bytesBefore: number): void {
    const bytes = this.counters.bytesIn - bytesBefore;
    this.keepalive.onActivity();
    const { counters } = this.context;
    counters.messagesIn += messages;
    counters.bytesIn += bytes;
    this.account.received.messages += messages;
    this.account.received.bytes += bytes;
  }
}

/** The lowest of some limits, of which negative ones are none. */
function tightest(limit: number, ...others: number[]): number {
  return Math.min(limit, ...others.filter((other) => other >= 0));
}
