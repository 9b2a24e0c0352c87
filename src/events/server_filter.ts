/**
 * Whether a request to all servers means this one.
 *
 * @module
 */

import type { EventServer } from "./event_server.ts";
import type { RequestBody } from "./request_body.ts";

/** An empty filter means everyone; names match in part unless asked exactly. */
export function isAddressed(server: EventServer, body: RequestBody): boolean {
  const info = server.info();
  const exact = body.flag("exact_match");
  const matches = (field: string, own: string) => {
    const wanted = body.text(field);
    if (wanted === "") return true;
    return exact ? own === wanted : own.includes(wanted);
  };
  const domain = body.text("domain");
  const { serverTags } = server.options;
  return matches("server_name", server.name) &&
    matches("host", info.host) &&
    matches("cluster", info.cluster ?? "") &&
    body.list("tags").every((tag) => serverTags.includes(tag.toLowerCase())) &&
    (domain === "" || domain === (info.domain ?? ""));
}
