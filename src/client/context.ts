/**
 * What a client session needs of its server.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import type { Authenticator, Refusal } from "../auth/mod.ts";
import type { Options } from "../config/mod.ts";
import type { CloseReason, ConnectionContext } from "../connection/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Info, MessageTrace } from "../protocol/mod.ts";
import type { Random, Timers, TlsServer, TlsState } from "../runtime/mod.ts";
import type { ClientSession } from "./session.ts";
import type { WebAddress } from "./web.ts";

/** Counts over all connections since the server started. */
export interface ServerCounters {
  messagesIn: number;
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
  slowConsumers: number;
  staleConnections: number;
  stalledClients: number;
  connections: number;
}

/** Messages and bytes of one session. */
export interface SessionCounters {
  messagesIn: number;
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
  stalls: number;
}

/** Implemented by the server; `options` and what follows from them change on reload. */
export interface ClientContext extends ConnectionContext {
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Monotonic time at which the present batch of input began, milliseconds. */
  batchBegan: number;
  /** Whether protocol traces are wanted; read from the logger once a batch. */
  tracing: boolean;
  readonly options: Options;
  readonly authenticator: Authenticator;
  readonly counters: ServerCounters;
  readonly tlsServer: TlsServer | null;
  /** Where WebSocket clients connect; null before the server listens for them. */
  readonly webAddress: WebAddress | null;
  /** Why a client with such certificates is not let in, or undefined. */
  refusePeer(tls: TlsState): Promise<string | undefined>;
  /** Counts TLS handshakes per second; false when there are too many. */
  admitTlsHandshake(): boolean;
  /** The account of that name; undefined names the global account. */
  account(name: string | undefined): Account | null;
  /** Whether the account is the server's own. */
  isSystemAccount(account: Account): boolean;
  /** What the server tells of itself at this moment. */
  info(): Info;
  /**
   * All is known of a message that was traced.
   * @param destination byte string: where to publish it, in `account`
   * @param accepted encodings that its reader understands, as in `Accept-Encoding`
   */
  traced(
    account: Account,
    destination: string,
    accepted: string,
    trace: MessageTrace,
  ): void;
  /**
   * Registers a session that was greeted.
   * @returns false when there are too many, or none is wanted any more
   */
  register(session: ClientSession): boolean;
  /** Called for every session that proved who it is. */
  admitted(session: ClientSession): void;
  /** Called for every session that was refused. */
  refused(session: ClientSession, refusal: Refusal): void;
  /** Called once for every session that ended; drops its subscriptions. */
  unregister(session: ClientSession, reason: CloseReason): void;
}
