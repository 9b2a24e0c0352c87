/**
 * Which users a certificate may stand for.
 *
 * @module
 */

import type { ConnectionType, Options, UserEntry } from "../config/mod.ts";

/** The options that decide where certificates are mapped to users. */
export type MappingOptions = Pick<
  Options,
  "tlsMap" | "dontListen" | "websocket" | "mqtt" | "leafnodes"
>;

/**
 * Whether some listener could take a certificate for this user, so that the
 * user without password is no user with an empty one.
 */
export function isCertificateUser(
  { allowedConnectionTypes: types }: UserEntry,
  options: MappingOptions,
): boolean {
  const allows = (...wanted: ConnectionType[]) =>
    types === undefined || types.size === 0 ||
    wanted.some((type) => types.has(type));
  const { websocket, mqtt, leafnodes } = options;
  // Connections over websocket bring the certificate of the websocket listener.
  const webCertificates = websocket.port !== 0 && websocket.tls !== undefined &&
    websocket.tls.verify;
  if (options.tlsMap && !options.dontListen && allows("STANDARD")) return true;
  if (websocket.tlsMap && websocket.port !== 0 && allows("WEBSOCKET")) {
    return true;
  }
  if (
    mqtt.tlsMap && mqtt.port !== 0 &&
    (allows("MQTT") || (webCertificates && allows("MQTT_WS")))
  ) return true;
  // Leafnodes look for users here only if their block has none.
  const borrows = leafnodes.username === "" && leafnodes.nkey === "" &&
    leafnodes.users.length === 0;
  return leafnodes.tlsMap && leafnodes.port !== 0 && borrows &&
    (allows("LEAFNODE") || (webCertificates && allows("LEAFNODE_WS")));
}
