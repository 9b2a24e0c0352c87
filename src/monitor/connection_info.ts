/**
 * A connection as `/connz` shows it.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { GLOBAL_ACCOUNT } from "../account/mod.ts";
import { certificateNames, subjectText } from "../auth/mod.ts";
import { formatDuration } from "../config/mod.ts";
import { formatLocalTime, formatTime } from "../protocol/mod.ts";
import type { Clock, PeerCertificate } from "../runtime/mod.ts";
import { subjectToText } from "../subject/mod.ts";
import { orOmit } from "./document.ts";
import type { SubscriptionFacts } from "./closed_subscriptions.ts";
import type { ConnectionFacts } from "./connection_facts.ts";
import { formatUptime } from "./time_text.ts";

/** How much to show. */
export interface ConnectionDetail {
  /** Who it is. */
  readonly auth: boolean;
  readonly subscriptions: boolean;
  readonly subscriptionsDetail: boolean;
}

/**
 * JSON form of a connection, in the order of the Go server.
 * @param now wall time, milliseconds
 * @param clock tells local time, which most times are shown in
 */
export function connectionInfo(
  facts: ConnectionFacts,
  now: number,
  detail: ConnectionDetail,
  clock: Clock,
): object {
  const { stopped, tls, proxy } = facts;
  const local = (at: number) => formatLocalTime(at, clock);
  const end = stopped ?? now;
  const reachable = facts.port !== 0;
  const listed = facts.subscriptionCount > 0 &&
    (detail.subscriptions || detail.subscriptionsDetail);
  // What vouches for a client is shown of closed ones in any case.
  const told = detail.auth || stopped !== undefined;
  return {
    cid: facts.id,
    kind: "Client",
    type: facts.type,
    ip: reachable ? facts.host : "",
    port: facts.port,
    start: local(facts.started),
    last_activity: facts.hasOnlyConnected
      ? formatTime(facts.lastActivity)
      : local(facts.lastActivity),
    stop: stopped === undefined ? undefined : local(stopped),
    reason: facts.reason,
    rtt: formatRtt(facts.rtt),
    uptime: formatUptime(end - facts.started),
    idle: formatUptime(end - facts.lastActivity),
    pending_bytes: facts.pending,
    in_msgs: facts.messagesIn,
    out_msgs: facts.messagesOut,
    in_bytes: facts.bytesIn,
    out_bytes: facts.bytesOut,
    stalls: orOmit(facts.stalls),
    subscriptions: facts.subscriptionCount,
    name: orOmit(facts.name),
    lang: orOmit(facts.lang),
    version: orOmit(facts.version),
    tls_version: tls?.version,
    tls_cipher_suite: tls?.cipherSuite,
    tls_peer_certs: detail.auth
      ? orOmit(facts.peerCertificates.map(peerCertificate))
      : undefined,
    tls_first: orOmit(facts.tlsFirst),
    authorized_user: detail.auth ? orOmit(facts.user) : undefined,
    account: detail.auth ? accountName(facts) : undefined,
    subscriptions_list: listed && !detail.subscriptionsDetail
      ? subjectsOf(facts)
      : undefined,
    subscriptions_list_detail: listed && detail.subscriptionsDetail
      ? detailsOf(facts)
      : undefined,
    jwt: told ? orOmit(facts.jwt) : undefined,
    issuer_key: told ? orOmit(facts.issuer) : undefined,
    name_tag: detail.auth ? orOmit(facts.nameTag) : undefined,
    tags: told ? orOmit(facts.tags) : undefined,
    mqtt_client: orOmit(facts.mqttClient),
    proxy: proxy === "" ? undefined : { key: proxy },
  };
}

/** One subscription in full, in the order of the Go server. */
export function subscriptionDetail(
  { subject, queue, sid, delivered, max }: SubscriptionFacts,
  cid: number,
  account?: { readonly name: string; readonly tag: string },
): object {
  return {
    account: orOmit(account?.name ?? ""),
    account_tag: orOmit(account?.tag ?? ""),
    subject: subjectToText(subject),
    qgroup: orOmit(subjectToText(queue ?? "")),
    sid: subjectToText(sid),
    msgs: delivered,
    max: orOmit(max),
    cid,
  };
}

/** A round-trip time as Go prints durations, without the noise below 1 us. */
export function formatRtt(milliseconds: number): string {
  const short = milliseconds > 0.001 && milliseconds < 1;
  return formatDuration(
    short ? Math.trunc(milliseconds * 1000) / 1000 : milliseconds,
  );
}

/** The global account goes without saying. */
function accountName({ account }: ConnectionFacts): string | undefined {
  return account === GLOBAL_ACCOUNT ? undefined : orOmit(account);
}

function* subjectsOf(facts: ConnectionFacts): Generator<string> {
  for (const { subject } of facts.subscriptions()) {
    yield subjectToText(subject);
  }
}

/** Those of a closed connection name its account. */
function* detailsOf(facts: ConnectionFacts) {
  const account = facts.stopped === undefined
    ? undefined
    : { name: facts.account || GLOBAL_ACCOUNT, tag: facts.accountTag };
  for (const subscription of facts.subscriptions()) {
    yield subscriptionDetail(subscription, facts.id, account);
  }
}

function peerCertificate({ raw, publicKeyInfo }: PeerCertificate) {
  return {
    subject: orOmit(subjectText(certificateNames(raw).subject)),
    spki_sha256: toHex(sha256(publicKeyInfo)),
    cert_sha256: toHex(sha256(raw)),
  };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
