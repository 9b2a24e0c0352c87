/**
 * Checks of websocket, MQTT and monitoring options before a server starts.
 *
 * @module
 */

import { checkNoAuthUser, checkPins, refuse } from "./checks.ts";
import { quote } from "./go_text.ts";
import type { Options } from "./options.ts";
import type { ExtraListenerOptions } from "./options_network.ts";
import { parseUrl } from "./url.ts";

/** @throws OptionsError */
export function checkMqtt(options: Options): void {
  const { mqtt, serverName, cluster, gateway, leafnodes, jetstream } = options;
  if (mqtt.port === 0) return;
  const linked = cluster.port !== 0 || gateway.port !== 0;
  if (serverName === "" && linked) {
    refuse("mqtt requires server name to be explicitly set");
  }
  checkCredentials(options, mqtt, "mqtt");
  if (mqtt.ackWait < 0) refuse("ack wait must be a positive value");
  if (mqtt.jsApiTimeout < 0) refuse("JS API timeout must be a positive value");
  const alone = !linked && leafnodes.port === 0 &&
    leafnodes.remotes.length === 0;
  if (!jetstream.enabled && alone) {
    refuse(
      "mqtt requires JetStream to be enabled if running in standalone mode",
    );
  }
  checkPins(mqtt.tlsPinnedCerts, "mqtt: ");
}

/** A listener has no credentials of its own where there are users. */
function checkCredentials(
  options: Options,
  listener: ExtraListenerOptions,
  name: string,
): void {
  checkNoAuthUser(options, listener.noAuthUser);
  if (options.users.length === 0 && options.nkeys.length === 0) return;
  const given = listener.username !== ""
    ? "username"
    : listener.token !== ""
    ? "token"
    : undefined;
  if (given === undefined) return;
  refuse(
    `${name} authentication ${given} not compatible with presence of users/nkeys`,
  );
}

/** Headers of the answer to an upgrade that the protocol itself sets. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "connection",
  "upgrade",
  "nats-no-masking",
]);

/** @throws OptionsError */
export function checkWebsocket(options: Options): void {
  const { websocket, trustedOperators, trustedKeys } = options;
  if (websocket.port === 0) return;
  if (websocket.tls === undefined && !websocket.noTls) {
    refuse("websocket requires TLS configuration");
  }
  for (const origin of websocket.allowedOrigins) checkOrigin(origin);
  checkCredentials(options, websocket, "websocket");
  const trusts = trustedOperators.length > 0 || trustedKeys.length > 0;
  if (websocket.jwtCookie !== "" && !trusts) {
    refuse(
      "trusted operators or trusted keys configuration is required for " +
        `JWT authentication via cookie ${quote(websocket.jwtCookie)}`,
    );
  }
  checkPins(websocket.tlsPinnedCerts, "websocket: ");
  for (const name of websocket.headers.keys()) {
    const lower = name.toLowerCase();
    if (RESERVED_HEADERS.has(lower)) {
      refuse(`websocket: invalid header ${quote(name)} not allowed`);
    }
    if (lower.startsWith("sec-websocket-")) {
      refuse(
        `websocket: invalid header ${
          quote(name)
        }, "Sec-WebSocket-" prefix not allowed`,
      );
    }
  }
}

function checkOrigin(origin: string): void {
  const url = parseUrl(origin);
  const absolute = /^([A-Za-z][-+.A-Za-z0-9]*:|\/)/.test(origin);
  if (url === undefined || !absolute) {
    refuse(
      `unable to parse allowed origin: parse ${quote(origin)}: ` +
        (origin === "" ? "empty url" : "invalid URI for request"),
    );
    return;
  }
  if (url.scheme !== "http" && url.scheme !== "https") {
    refuse(
      `unable to parse allowed origin ${quote(origin)}: ` +
        "allowed origins must be absolute URLs with http or https scheme",
    );
  }
  if (url.host === "" && url.port === "") {
    refuse(`unable to parse allowed origin ${quote(origin)}: host is required`);
  }
}

/**
 * Checks the monitoring ports, which Go does when it opens them.
 * @throws OptionsError
 */
export function checkMonitoring({ httpPort, httpsPort, tls }: Options): void {
  if (httpPort !== 0 && httpsPort !== 0) {
    refuse(
      `can't specify both HTTP (${httpPort}) and HTTPs (${httpsPort}) ports`,
    );
  }
  if (httpsPort !== 0 && tls === undefined) {
    refuse("TLS cert and key required for HTTPS");
  }
}
