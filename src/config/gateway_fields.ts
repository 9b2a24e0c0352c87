/**
 * Reading the `gateway` block.
 *
 * @module
 */

import { clusterName, linkAuthorization } from "./cluster_fields.ts";
import {
  boolean,
  duration,
  type Field,
  integer,
  isList,
  isMap,
  listen,
  readBlock,
  schema,
  setter,
  string,
  unplaced,
  writeTimeout,
} from "./field.ts";
import { formatValue } from "./go_text.ts";
import { linkTls } from "./link_fields.ts";
import type {
  GatewayOptions,
  RemoteGatewayOptions,
  ServerUrl,
} from "./options_network.ts";
import type { TlsBlock } from "./options_tls.ts";
import { tlsBlock } from "./tls_fields.ts";
import { serverUrl, serverUrls } from "./url.ts";

const set = setter<GatewayOptions>();

const GATEWAY = schema<GatewayOptions>({
  name: set("name", clusterName("gateway")),
  listen,
  port: set("port", integer),
  "host net": set("host", string),
  authorization: (field, gateway) => {
    const auth = linkAuthorization(field, "Gateway");
    gateway.username = auth.user;
    gateway.password = auth.password;
    gateway.authTimeout = auth.timeout;
  },
  tls: (field, gateway) => {
    linkTls("link")(field, gateway);
    gateway.tlsCheckKnownUrls = gateway.tls?.checkKnownUrls ?? false;
  },
  advertise: set("advertise", string),
  connect_retries: set("connectRetries", integer),
  connect_backoff: set("connectBackoff", boolean),
  gateways: set("gateways", unplaced(remoteGateways)),
  "reject_unknown reject_unknown_cluster": set("rejectUnknown", boolean),
  write_deadline: set("writeDeadline", duration("write_deadline")),
  write_timeout: set("writeTimeout", writeTimeout),
});

/** Reads the `gateway` block into `gateway`. */
export function readGateway(field: Field, gateway: GatewayOptions): void {
  if (!isMap(field.value)) {
    field.fail(`Expected gateway to be a map, got ${field.typeName}`);
  }
  readBlock(field, GATEWAY, gateway);
}

interface RemoteDraft {
  name: string;
  tls: TlsBlock | undefined;
  tlsTimeout: number;
  urls: ServerUrl[];
}

const REMOTE = schema<RemoteDraft>({
  name: (field, remote) => {
    remote.name = string(field);
  },
  tls: (field, remote) => {
    remote.tls = tlsBlock(field, "link");
    remote.tlsTimeout = remote.tls.timeout;
  },
  url: (field, remote) => {
    remote.urls.push(serverUrl(field, "gateway"));
  },
  urls: (field, remote) => {
    remote.urls = serverUrls(field, "gateway") ?? remote.urls;
  },
});

function remoteGateways(field: Field): RemoteGatewayOptions[] {
  if (!isList(field.value)) {
    return field.fail(
      `Expected gateways field to be an array, got ${field.typeName}`,
    );
  }
  const remotes: RemoteDraft[] = [];
  for (const node of field.value) {
    const entry = field.at(node);
    if (!isMap(node.value)) {
      entry.error(
        `Expected gateway entry to be a map/struct, got ${
          formatValue(node.value)
        }`,
      );
      continue;
    }
    const remote: RemoteDraft = {
      name: "",
      tls: undefined,
      tlsTimeout: 0,
      urls: [],
    };
    readBlock(entry, REMOTE, remote);
    remotes.push(remote);
  }
  return remotes;
}
