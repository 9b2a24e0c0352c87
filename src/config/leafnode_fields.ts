/**
 * Reading the `leafnodes` block.
 *
 * @module
 */

import { leafAuthorization } from "./authorization_fields.ts";
import {
  boolean,
  duration,
  type Field,
  integer,
  isMap,
  listen,
  readBlock,
  schema,
  setter,
  string,
  writeTimeout,
} from "./field.ts";
import { leafUsersProblem, minVersionProblem } from "./leafnode_rules.ts";
import { compression, linkTls } from "./link_fields.ts";
import type { LeafnodeOptions } from "./options_network.ts";
import { remoteLeafs } from "./remote_leaf_fields.ts";

const set = setter<LeafnodeOptions>();

const LEAFNODES = schema<LeafnodeOptions>({
  listen,
  port: set("port", integer),
  "host net": set("host", string),
  authorization: (field, leafnodes) => {
    const auth = leafAuthorization(field);
    leafnodes.username = auth.user;
    leafnodes.password = auth.password;
    leafnodes.proxyRequired = auth.proxyRequired;
    leafnodes.authTimeout = auth.timeout;
    leafnodes.account = auth.account;
    leafnodes.users = auth.users ?? [];
    leafnodes.nkey = auth.nkey;
    const problem = leafUsersProblem(leafnodes);
    if (problem !== undefined) field.fail(problem);
  },
  remotes: set("remotes", remoteLeafs),
  "reconnect reconnect_delay reconnect_interval": set(
    "reconnectInterval",
    duration("reconnect"),
  ),
  dial_timeout: set("dialTimeout", duration("dial_timeout")),
  tls: (field, leafnodes) => {
    linkTls("listener")(field, leafnodes);
    leafnodes.tlsHandshakeFirst = leafnodes.tls?.handshakeFirst ?? false;
    leafnodes.tlsHandshakeFirstFallback =
      leafnodes.tls?.handshakeFirstFallback ?? 0;
  },
  "leafnode_advertise advertise": set("advertise", string),
  no_advertise: set("noAdvertise", boolean),
  "min_version minimum_version": set("minVersion", (field) => {
    const version = field.string();
    const problem = minVersionProblem(version);
    return problem === undefined ? version : field.fail(problem);
  }),
  compression: compression("s2_auto"),
  "isolate_leafnode_interest isolate": set("isolateLeafnodeInterest", boolean),
  write_deadline: set("writeDeadline", duration("write_deadline")),
  write_timeout: set("writeTimeout", writeTimeout),
});

/** Reads the `leafnodes` block into `leafnodes`. */
export function readLeafnodes(field: Field, leafnodes: LeafnodeOptions): void {
  if (!isMap(field.value)) {
    field.fail(`Expected map to define a leafnode, got ${field.typeName}`);
  }
  readBlock(field, LEAFNODES, leafnodes);
}
