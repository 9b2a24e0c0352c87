/**
 * The parts of `/varz` that show the options of the other listeners. A part
 * is empty while its listener is off.
 *
 * @module
 */

import { GLOBAL_ACCOUNT } from "../account/mod.ts";
import type {
  Options,
  RemoteLeafOptions,
  ServerUrl,
  TlsBlock,
  WriteTimeoutPolicy,
} from "../config/mod.ts";
import { certificateExpiry } from "./certificate.ts";
import { orOmit } from "./document.ts";
import { nanoseconds } from "./time_text.ts";

export function clusterOptions({ cluster }: Options): object {
  const secured = cluster.tls !== undefined;
  return {
    name: orOmit(cluster.name),
    addr: orOmit(cluster.host),
    cluster_port: orOmit(cluster.port),
    auth_timeout: seconds(cluster.authTimeout),
    urls: orOmit(cluster.routes.map(hostOf)),
    tls_timeout: seconds(cluster.tlsTimeout),
    tls_required: orOmit(secured),
    tls_verify: orOmit(secured),
    pool_size: orOmit(cluster.poolSize),
    ...writing(cluster),
    tls_cert_not_after: certificateExpiry(cluster.tls),
  };
}

export function gatewayOptions({ gateway, cluster }: Options): object {
  const secured = gateway.tls !== undefined;
  return {
    name: orOmit(gateway.name),
    host: orOmit(gateway.host),
    port: orOmit(gateway.port),
    auth_timeout: seconds(gateway.authTimeout),
    tls_timeout: seconds(gateway.tlsTimeout),
    tls_required: orOmit(secured),
    tls_verify: orOmit(secured),
    advertise: orOmit(gateway.advertise),
    connect_retries: orOmit(gateway.connectRetries),
    gateways: orOmit(gateway.gateways.map(({ name, tlsTimeout, urls }) => ({
      name,
      tls_timeout: seconds(tlsTimeout),
      urls: orOmit(urls.map(hostOf)),
    }))),
    reject_unknown: orOmit(gateway.rejectUnknown),
    // The Go server shows those of the cluster here, and so do we.
    ...writing(cluster),
    tls_cert_not_after: certificateExpiry(gateway.tls),
  };
}

export function leafnodeOptions({ leafnodes, cluster }: Options): object {
  const { tls } = leafnodes;
  return {
    host: orOmit(leafnodes.host),
    port: orOmit(leafnodes.port),
    auth_timeout: seconds(leafnodes.authTimeout),
    tls_timeout: seconds(leafnodes.tlsTimeout),
    tls_required: orOmit(tls !== undefined),
    tls_verify: orOmit(tls?.verify ?? false),
    remotes: orOmit(leafnodes.remotes.map(remoteLeaf)),
    tls_ocsp_peer_verify: verifiesByOcsp(tls),
    ...writing(cluster),
    tls_cert_not_after: certificateExpiry(tls),
  };
}

function remoteLeaf(remote: RemoteLeafOptions): object {
  const { account, urls, denyExports, denyImports, tls } = remote;
  const denies = denyExports.length > 0 || denyImports.length > 0;
  return {
    local_account: account || GLOBAL_ACCOUNT,
    tls_timeout: seconds(remote.tlsTimeout),
    urls: orOmit(urls.map(hostOf)),
    deny: denies
      ? { exports: orOmit(denyExports), imports: orOmit(denyImports) }
      : undefined,
    tls_ocsp_peer_verify: verifiesByOcsp(tls),
  };
}

export function mqttOptions({ mqtt }: Options): object {
  return {
    host: orOmit(mqtt.host),
    port: orOmit(mqtt.port),
    no_auth_user: orOmit(mqtt.noAuthUser),
    auth_timeout: seconds(mqtt.authTimeout),
    tls_map: orOmit(mqtt.tlsMap),
    tls_timeout: seconds(mqtt.tlsTimeout),
    tls_pinned_certs: orOmit([...mqtt.tlsPinnedCerts]),
    js_domain: orOmit(mqtt.jsDomain),
    ack_wait: orOmit(nanoseconds(mqtt.ackWait)),
    max_ack_pending: orOmit(mqtt.maxAckPending),
    tls_ocsp_peer_verify: verifiesByOcsp(mqtt.tls),
    tls_cert_not_after: certificateExpiry(mqtt.tls),
  };
}

export function websocketOptions({ websocket }: Options): object {
  return {
    host: orOmit(websocket.host),
    port: orOmit(websocket.port),
    advertise: orOmit(websocket.advertise),
    no_auth_user: orOmit(websocket.noAuthUser),
    jwt_cookie: orOmit(websocket.jwtCookie),
    handshake_timeout: orOmit(nanoseconds(websocket.handshakeTimeout)),
    auth_timeout: seconds(websocket.authTimeout),
    no_tls: orOmit(websocket.noTls),
    tls_map: orOmit(websocket.tlsMap),
    tls_pinned_certs: orOmit([...websocket.tlsPinnedCerts]),
    same_origin: orOmit(websocket.sameOrigin),
    allowed_origins: orOmit(websocket.allowedOrigins),
    compression: orOmit(websocket.compression),
    tls_ocsp_peer_verify: verifiesByOcsp(websocket.tls),
    tls_cert_not_after: certificateExpiry(websocket.tls),
  };
}

/** The policy by name; the usual one goes without saying. */
export function writeTimeout(policy: WriteTimeoutPolicy): string | undefined {
  return policy === "default" ? undefined : policy;
}

function writing({ writeDeadline, writeTimeout: policy }: Options["cluster"]) {
  return {
    write_deadline: orOmit(nanoseconds(writeDeadline)),
    write_timeout: writeTimeout(policy),
  };
}

function verifiesByOcsp(tls: TlsBlock | undefined): boolean | undefined {
  return orOmit(tls?.ocspPeer?.verify ?? false);
}

function seconds(milliseconds: number): number | undefined {
  return orOmit(milliseconds / 1000);
}

/** Host and port of a URL; never the user in it. */
function hostOf({ host, port }: ServerUrl): string {
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === "" ? shown : `${shown}:${port}`;
}
