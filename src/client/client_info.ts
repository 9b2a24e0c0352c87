/**
 * A client as services of other accounts may see it.
 *
 * @module
 */

import { type ClientInfo, toNanos } from "../account/mod.ts";
import { formatLocalTime } from "../protocol/mod.ts";
import type { ClientSession } from "./session.ts";

const CLIENT_TYPES: Readonly<Record<string, string>> = {
  WEBSOCKET: "websocket",
  MQTT: "mqtt",
  MQTT_WS: "mqtt",
};

/** Account and round-trip time, or everything if it is to be `detailed`. */
export function describeClient(
  session: ClientSession,
  detailed: boolean,
): ClientInfo {
  const { account, keepalive } = session;
  const brief = { acc: account.name, rtt: toNanos(keepalive.rtt) };
  if (!detailed) return brief;
  const { connect, connectionType, context, identity } = session;
  return {
    ...brief,
    start: formatLocalTime(session.started, context.clock),
    host: session.host,
    id: session.id,
    user: userOf(session),
    name: connect.name,
    lang: connect.lang,
    ver: connect.version,
    server: context.info().server_name,
    jwt: connect.jwt,
    issuer_key: identity.jwt?.issuer ?? "",
    name_tag: identity.jwt?.name ?? "",
    tags: identity.jwt?.tags ?? [],
    kind: "Client",
    client_type: CLIENT_TYPES[connectionType] ?? "nats",
  };
}

/** Whom the client says that it is; a token is nobody's business. */
function userOf({ connect, identity }: ClientSession): string {
  if (connect.nkey !== "") return connect.nkey;
  if (connect.user !== "") return connect.user;
  if (connect.jwt !== "") return identity.jwt?.user ?? "";
  return connect.auth_token === "" ? "" : "[REDACTED]";
}
