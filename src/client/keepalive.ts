/**
 * PING and PONG as the server starts them: finds dead peers and measures
 * round-trip times.
 *
 * @module
 */

import { CloseReason } from "../connection/mod.ts";
import { ERR_STALE_CONNECTION } from "../protocol/mod.ts";
import type { ClientSession } from "./session.ts";

/** The first PING comes soon, to learn the round-trip time. */
const FIRST_INTERVAL_MAX = 2000;
/** Share of the first interval by which it is spread. */
const FIRST_SPREAD = 0.2;
/** A client that does not ask first is asked for it after this time. */
const RTT_PATIENCE = 2000;
/** A round-trip time older than this is measured again. */
const RTT_AGE_MAX = 3_600_000;
/** Go's time of no time: the beginning of the year 1. */
const NO_TIME = Date.parse("0001-01-01T00:00:00Z");

/** Belongs to one session. */
export class Keepalive {
  /** Round-trip time, milliseconds; 0 while unknown. */
  rtt = 0;
  /** Whether the client's first PING has been answered. */
  firstPongSent = false;
  readonly #session: ClientSession;
  /** Monotonic time at which to look after the client. */
  #due = Infinity;
  #unanswered = 0;
  /** Monotonic time of the accept. */
  readonly #accepted: number;
  /** The same as wall time, milliseconds with their fraction. */
  readonly #acceptedWall: number;
  /** Monotonic time of the last PING. */
  #pingSent = -Infinity;
  /** Monotonic time at which the client was heard. */
  #lastHeard: number;
  /** Monotonic time at which the client did something; null: not yet. */
  #lastActivity: number | null = null;
  #onlyConnected = true;
  /** Monotonic time of the batch that last brought the client a message. */
  lastDelivery = 0;

  constructor(session: ClientSession) {
    this.#session = session;
    const { clock } = session.context;
    this.#accepted = clock.monotonic();
    this.#acceptedWall = Number(clock.nowNanos()) / 1e6;
    this.#lastHeard = this.#accepted;
  }

  /** Milliseconds since the client was last heard. */
  get idle(): number {
    return this.#now() - this.#lastHeard;
  }

  /**
   * Wall time of the last CONNECT, SUB, UNSUB or message, either way,
   * milliseconds; the beginning of the year 1 before the first.
   */
  get lastActivity(): number {
    if (this.#lastActivity === null) return NO_TIME;
    const last = Math.max(this.#lastActivity, this.lastDelivery);
    return this.#acceptedWall + last - this.#accepted;
  }

  /** Whether there was no activity but a CONNECT, if that. */
  get hasOnlyConnected(): boolean {
    return this.#onlyConnected && this.lastDelivery === 0;
  }

  /** Sends a PING if the round-trip time is unknown and the client is ready for one. */
  measure(): void {
    const ready = this.firstPongSent ||
      this.#now() - this.#accepted > RTT_PATIENCE;
    if (this.rtt > 0 || !ready || this.#session.connection.closed) return;
    this.#ping();
  }

  /** The same for monitoring, which asks only clients that said what they are. */
  learnRtt(): void {
    if (this.#session.connect.lang !== "") this.measure();
  }

  /** Starts over after the greeting. */
  start(): void {
    this.#schedule(this.#interval);
  }

  /** Starts over after a CONNECT, whose arrival tells a first round trip. */
  onConnect(): void {
    this.onActivity();
    this.#onlyConnected = true;
    const { clock, options, random } = this.#session.context;
    this.rtt = Math.max(1, clock.now() - this.#session.started);
    const first = options.disableShortFirstPing
      ? this.#interval
      : Math.min(this.#interval, FIRST_INTERVAL_MAX);
    const spread = Math.floor(first * FIRST_SPREAD);
    this.#schedule(first + (spread > 0 ? random.below(spread) : 0));
  }

  /** The client published or subscribed. */
  onActivity(): void {
    this.#lastActivity = this.#now();
    this.#lastHeard = this.#lastActivity;
    this.#onlyConnected = false;
  }

  /** The client sent a PING. */
  onPing(): void {
    this.#lastHeard = this.#now();
  }

  onPong(): void {
    this.#unanswered = 0;
    // Who was not asked tells nothing of the way.
    if (this.#pingSent === -Infinity) return;
    this.rtt = Math.max(0.001, this.#now() - this.#pingSent);
  }

  stop(): void {
    this.#due = Infinity;
  }

  /** Looks after the client if it is time; called now and then by the server. */
  check(now: number): void {
    if (now >= this.#due) this.#onDue();
  }

  get #interval(): number {
    const { web, context } = this.#session;
    const { pingInterval, websocket } = context.options;
    return web === null ? pingInterval : websocket.pingInterval || pingInterval;
  }

  #now(): number {
    return this.#session.context.clock.monotonic();
  }

  #schedule(delay: number): void {
    this.#due = this.#now() + delay;
  }

  #onDue(): void {
    const session = this.#session;
    session.logDebug("Client Ping Timer");
    const rttOld = this.rtt === 0 || this.#now() - this.#pingSent > RTT_AGE_MAX;
    if (this.idle < this.#interval && !rttOld) {
      session.logDebug(
        `Delaying PING due to remote client data or ping ${
          Math.round(this.idle / 1000)
        }s ago`,
      );
    } else if (this.#unanswered + 1 > session.context.options.pingMax) {
      session.logDebug("Stale Client Connection - Closing");
      session.sendError(ERR_STALE_CONNECTION);
      session.context.counters.staleConnections++;
      session.close(CloseReason.StaleConnection);
      return;
    } else this.#ping();
    this.#schedule(this.#interval);
  }

  #ping(): void {
    this.#unanswered++;
    this.#pingSent = this.#now();
    if (this.#session.tracing) this.#session.logTrace("->> [PING]");
    this.#session.connection.send("PING\r\n");
  }
}
