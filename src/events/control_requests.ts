/**
 * Requests that make the server do something:
 * `$SYS.REQ.SERVER.<id>.{RELOAD,KICK,LDM}`.
 *
 * @module
 */

import type { ClientSession } from "../client/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import type { EventServer, ServerControl } from "./event_server.ts";
import type { RequestDefinition } from "./request.ts";

const NO_FIELDS = { name: "EventFilterOptions", part: "", fields: {} };

const CLIENT_FIELDS = {
  name: "EventFilterOptions",
  part: "",
  fields: { cid: "uint64" },
} as const;

/** By name. */
export function controlRequests(
  control: ServerControl,
): ReadonlyMap<string, RequestDefinition> {
  return new Map<string, RequestDefinition>([
    ["RELOAD", {
      shape: NO_FIELDS,
      typed: false,
      make: () => control.reload(),
    }],
    ["KICK", {
      shape: CLIENT_FIELDS,
      typed: false,
      make: (server, body) => {
        const error = "no such client or leafnode id";
        find(server, body.count("cid"), error).close(CloseReason.Kicked);
      },
    }],
    ["LDM", {
      shape: CLIENT_FIELDS,
      typed: false,
      make: (server, body) => {
        const session = find(server, body.count("cid"), "no such client id");
        const ready = session.connect.protocol >= 1 &&
          session.keepalive.firstPongSent;
        if (!ready) {
          throw new Error(
            "client does not support Lame Duck Mode or is not ready to receive the notification",
          );
        }
        control.announceLameDuck(session);
      },
    }],
  ]);
}

function find(
  { clients }: EventServer,
  id: number,
  error: string,
): ClientSession {
  const session = clients.get(id);
  if (session === undefined) throw new Error(error);
  return session;
}
