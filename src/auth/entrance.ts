/**
 * What a kind of listener asks of its clients, in place of what the server
 * asks of all.
 *
 * @module
 */

import type { ConnectionType, Options } from "../config/mod.ts";

/** How clients that come in by one kind of listener prove who they are. */
export type Entrance = Pick<
  Options,
  "tlsMap" | "noAuthUser" | "username" | "password" | "authorization"
>;

/** The options that entrances are made of. */
export type EntranceOptions = Entrance & Pick<Options, "websocket">;

/** Whether connections of a type have credentials of their own. */
export function isOverridden(
  { websocket }: Pick<Options, "websocket">,
  type: ConnectionType,
): boolean {
  if (type !== "WEBSOCKET") return false;
  const { username, token, noAuthUser } = websocket;
  return username !== "" || token !== "" || noAuthUser !== "";
}

/** What is asked of connections of a type. */
export function entranceFor(
  options: EntranceOptions,
  type: ConnectionType,
): Entrance {
  if (type !== "WEBSOCKET") return options;
  // Certificates are the listener's own affair in any case.
  const { tlsMap, token } = options.websocket;
  const overridden = isOverridden(options, type);
  const { noAuthUser, username, password } = overridden
    ? options.websocket
    : options;
  const authorization = overridden ? token : options.authorization;
  return { tlsMap, noAuthUser, username, password, authorization };
}
