/**
 * What there is to know of a connection, open or closed.
 *
 * @module
 */

import { GLOBAL_ACCOUNT } from "../account/mod.ts";
import type { ClientSession } from "../client/mod.ts";
import type { PeerCertificate, TlsState } from "../runtime/mod.ts";
import {
  ClosedSubscriptions,
  type SubscriptionFacts,
} from "./closed_subscriptions.ts";

/** The TLS session of a connection. */
export type TlsFacts = Pick<TlsState, "version" | "cipherSuite">;

/** A connection, as its view or its record. Times are wall times, milliseconds. */
export interface ConnectionFacts {
  readonly id: number;
  /** Protocol by which it came. */
  readonly type: "nats" | "websocket";
  readonly host: string;
  /** 0: not reached by an address. */
  readonly port: number;
  readonly started: number;
  /** Long before all times while there was none. */
  readonly lastActivity: number;
  /** Whether there was no activity but a CONNECT, if that. */
  readonly hasOnlyConnected: boolean;
  /** Undefined while open. */
  readonly stopped: number | undefined;
  readonly reason: string | undefined;
  /** Milliseconds; 0: unknown. */
  readonly rtt: number;
  /** Bytes to be written. */
  readonly pending: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly stalls: number;
  readonly subscriptionCount: number;
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  readonly tls: TlsFacts | null;
  readonly peerCertificates: readonly PeerCertificate[];
  readonly tlsFirst: boolean;
  /** As the client named itself, without secrets. */
  readonly user: string;
  readonly account: string;
  /** Empty when it is nobody's business. */
  readonly jwt: string;
  readonly issuer: string;
  readonly tags: readonly string[];
  readonly nameTag: string;
  /** The account's name for people. */
  readonly accountTag: string;
  /** Key of a trusted proxy in between; empty: none. */
  readonly proxy: string;
  readonly mqttClient: string;
  subscriptions(): Iterable<SubscriptionFacts>;
}

/** Who a client says it is: never a token or password. */
export function userOf({ connect, identity }: ClientSession): string {
  if (connect.nkey !== "") return connect.nkey;
  if (connect.user !== "") return connect.user;
  if (connect.jwt !== "") return identity.jwt?.user ?? "";
  return connect.auth_token === "" ? "" : "[REDACTED]";
}

/** Key that vouches for a client: that of its JWT, or its account. */
export function issuerOf(session: ClientSession): string {
  const { connect, identity, account } = session;
  if (identity.jwt !== null) return identity.jwt.issuer;
  return connect.nkey !== "" && session.connectReceived ? account.name : "";
}

/** A view of an open connection. */
export class OpenConnection implements ConnectionFacts {
  readonly stopped = undefined;
  readonly reason = undefined;
  readonly mqttClient = "";

  constructor(readonly session: ClientSession) {}

  get id(): number {
    return this.session.id;
  }
  get type(): "nats" | "websocket" {
    return this.session.web === null ? "nats" : "websocket";
  }
  get host(): string {
    return this.session.host;
  }
  get port(): number {
    return this.session.port;
  }
  get started(): number {
    return this.session.started;
  }
  get lastActivity(): number {
    return this.session.keepalive.lastActivity;
  }
  get hasOnlyConnected(): boolean {
    return this.session.keepalive.hasOnlyConnected;
  }
  get rtt(): number {
    return this.session.keepalive.rtt;
  }
  get pending(): number {
    return this.session.connection.outbound.pending;
  }
  get messagesIn(): number {
    return this.session.counters.messagesIn;
  }
  get messagesOut(): number {
    return this.session.counters.messagesOut;
  }
  get bytesIn(): number {
    return this.session.counters.bytesIn;
  }
  get bytesOut(): number {
    return this.session.counters.bytesOut;
  }
  get stalls(): number {
    return this.session.counters.stalls;
  }
  get subscriptionCount(): number {
    return this.session.subscriptions.size;
  }
  get name(): string {
    return this.session.connect.name;
  }
  get lang(): string {
    return this.session.connect.lang;
  }
  get version(): string {
    return this.session.connect.version;
  }
  get tls(): TlsFacts | null {
    return this.session.tls;
  }
  get peerCertificates(): readonly PeerCertificate[] {
    return this.session.tls?.peerCertificates ?? [];
  }
  get tlsFirst(): boolean {
    return this.session.tls !== null && this.session.tlsFirst;
  }
  get user(): string {
    return userOf(this.session);
  }
  get account(): string {
    return this.session.account.name;
  }
  get jwt(): string {
    const { connect, identity } = this.session;
    return identity.jwt?.bearer === false ? connect.jwt : "";
  }
  get issuer(): string {
    return issuerOf(this.session);
  }
  get tags(): readonly string[] {
    return this.session.identity.jwt?.tags ?? [];
  }
  get nameTag(): string {
    return this.accountTag;
  }
  get accountTag(): string {
    const { title, name } = this.session.account;
    return title === "" ? name : title;
  }
  get proxy(): string {
    return this.session.identity.proxy;
  }

  subscriptions(): Iterable<SubscriptionFacts> {
    return this.session.subscriptions.values();
  }
}

/**
 * What is kept of a connection that ends now, whose subscriptions don't change
 * any more; it soon holds on to nothing of it.
 */
export function recordOf(
  session: ClientSession,
  reason: string,
  now: number,
): ConnectionFacts {
  const open = new OpenConnection(session);
  const { account, tls } = open;
  const subscriptions = new ClosedSubscriptions(
    session.subscriptions,
    session.context.turns,
  );
  return {
    id: open.id,
    type: open.type,
    host: open.host,
    port: open.port,
    started: open.started,
    lastActivity: open.lastActivity,
    hasOnlyConnected: open.hasOnlyConnected,
    stopped: now,
    reason,
    rtt: open.rtt,
    pending: open.pending,
    messagesIn: open.messagesIn,
    messagesOut: open.messagesOut,
    bytesIn: open.bytesIn,
    bytesOut: open.bytesOut,
    stalls: open.stalls,
    subscriptionCount: subscriptions.size,
    name: open.name,
    lang: open.lang,
    version: open.version,
    tls: tls === null
      ? null
      : { version: tls.version, cipherSuite: tls.cipherSuite },
    peerCertificates: [],
    tlsFirst: open.tlsFirst,
    user: open.user,
    account: account === GLOBAL_ACCOUNT ? "" : account,
    jwt: open.jwt,
    issuer: open.issuer,
    tags: open.tags,
    nameTag: account === GLOBAL_ACCOUNT ? "" : open.nameTag,
    accountTag: open.accountTag,
    proxy: open.proxy,
    mqttClient: open.mqttClient,
    subscriptions: () => subscriptions,
  };
}
