/**
 * Reading the `cluster` block.
 *
 * @module
 */

import { authorization } from "./authorization_fields.ts";
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
  textOrTexts,
  unplaced,
  writeTimeout,
} from "./field.ts";
import { compression, linkTls } from "./link_fields.ts";
import type { ClusterOptions } from "./options_network.ts";
import {
  permissionsDraft,
  routePermissionsProblem,
} from "./permission_fields.ts";
import { serverUrls } from "./url.ts";

/** Routes are pinged at least this often, milliseconds. */
const MAX_PING_INTERVAL = 30_000;

/** Stands for "no cluster" between leafnodes, so no cluster may have this name. */
export const RESERVED_CLUSTER_NAME = "_";

/** Reads the name of a cluster or a gateway. */
export function clusterName(
  kind: "cluster" | "gateway",
): (field: Field) => string {
  return (field) => {
    const name = field.string();
    if (name.includes(" ")) field.fail(`${kind} name cannot contain spaces`);
    if (name === RESERVED_CLUSTER_NAME) field.fail("cluster name is reserved");
    return name;
  };
}

/** Reads the credentials of a link, which has one user and no token. */
export function linkAuthorization(
  field: Field,
  kind: "Cluster" | "Gateway",
): ReturnType<typeof authorization> {
  const auth = authorization(field);
  const place = `${kind} authorization does not`;
  if (auth.users !== undefined) field.fail(`${place} allow multiple users`);
  if (auth.token !== "") field.fail(`${place} support tokens`);
  if (auth.callout !== undefined) field.fail(`${place} support callouts`);
  return auth;
}

const set = setter<ClusterOptions>();

const CLUSTER = schema<ClusterOptions>({
  name: set("name", clusterName("cluster")),
  listen,
  port: set("port", integer),
  "host net": set("host", string),
  authorization: (field, cluster) => {
    const auth = linkAuthorization(field, "Cluster");
    cluster.username = auth.user;
    cluster.password = auth.password;
    cluster.authTimeout = auth.timeout;
    if (auth.defaultPermissions === undefined) return;
    const { publish, subscribe } = auth.defaultPermissions;
    const problem = routePermissionsProblem(publish, subscribe);
    if (problem !== undefined) field.fail(problem);
    field.scope.report.misuse(
      field.node,
      field.key,
      'setting "permissions" within cluster authorization block is deprecated',
    );
    cluster.permissions ??= { import: publish, export: subscribe };
  },
  routes: (field, cluster) => {
    cluster.routes = serverUrls(field, "route") ?? cluster.routes;
  },
  tls: (field, cluster) => {
    linkTls("link")(field, cluster);
    cluster.tlsCheckKnownUrls = cluster.tls?.checkKnownUrls ?? false;
  },
  "cluster_advertise advertise": set("advertise", string),
  no_advertise: set("noAdvertise", boolean),
  connect_retries: set("connectRetries", integer),
  connect_backoff: set("connectBackoff", boolean),
  permissions: (field, cluster) => {
    const { publish, subscribe, responses } = unplaced(permissionsDraft)(field);
    if (responses !== undefined) {
      field.fail("Cluster permissions do not support dynamic responses");
    }
    const problem = routePermissionsProblem(publish, subscribe);
    if (problem !== undefined) field.fail(problem);
    cluster.permissions = { import: publish, export: subscribe };
  },
  pool_size: set("poolSize", integer),
  accounts: set("accounts", textOrTexts("accounts")),
  compression: compression("s2_fast"),
  ping_interval: (field, cluster) => {
    cluster.pingInterval = duration("ping_interval")(field);
    if (cluster.pingInterval > MAX_PING_INTERVAL) {
      field.scope.report.warning(
        field.node,
        "Cluster 'ping_interval' will reset to 30s which is the max for routes",
      );
    }
  },
  ping_max: set("pingMax", integer),
  write_deadline: set("writeDeadline", duration("write_deadline")),
  write_timeout: set("writeTimeout", writeTimeout),
});

/** Reads the `cluster` block into `cluster`. */
export function readCluster(field: Field, cluster: ClusterOptions): void {
  if (!isMap(field.value)) {
    field.fail(`Expected map to define cluster, got ${field.typeName}`);
  }
  readBlock(field, CLUSTER, cluster);
}
