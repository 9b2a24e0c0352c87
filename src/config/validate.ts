/**
 * Checks of complete options before a server starts or reloads, in Go's order
 * and words. The first contradiction is the one reported.
 *
 * @module
 */

import { isConnectionType } from "./authorization_fields.ts";
import { checkNoAuthUser, checkPins, refuse } from "./checks.ts";
import { RESERVED_CLUSTER_NAME } from "./cluster_fields.ts";
import { normalCompression } from "./compression_rules.ts";
import { formatDuration } from "./duration.ts";
import { quote, quoteAll } from "./go_text.ts";
import { isPublicKey } from "./nkeys.ts";
import type { Options } from "./options.ts";
import type { Permissions } from "./options_accounts.ts";
import { firstProblem, routePermissionsProblem } from "./permission_fields.ts";
import { checkJetStream } from "./validate_jetstream.ts";
import { checkLeafnodes } from "./validate_leafnodes.ts";
import { checkMqtt, checkWebsocket } from "./validate_listeners.ts";
import { checkOperators, operatorKeys } from "./validate_operators.ts";

/**
 * Checks options to which defaults have been applied.
 * @returns the options in normal form: names of compression modes, the cluster
 *   named after its gateway, trusted keys of operators
 * @throws OptionsError
 */
export function validateOptions(options: Options): Options {
  checkServer(options);
  checkOperators(options);
  checkLeafnodes(options);
  checkAuthorization(options);
  checkProxies(options);
  checkGateway(options);
  checkCluster(options);
  const normal = normalForm(options);
  checkMqtt(normal);
  checkJetStream(normal);
  checkWebsocket(normal);
  return normal;
}

function checkServer(options: Options): void {
  const { lameDuckDuration, lameDuckGracePeriod, maxPayload, maxPending } =
    options;
  if (lameDuckDuration > 0 && lameDuckGracePeriod >= lameDuckDuration) {
    refuse(
      `lame duck grace period (${
        formatDuration(lameDuckGracePeriod)
      }) should be strictly ` +
        `lower than lame duck duration (${formatDuration(lameDuckDuration)})`,
    );
  }
  if (maxPayload > maxPending) {
    refuse(
      `max_payload (${maxPayload}) cannot be higher than max_pending (${maxPending})`,
    );
  }
  if (options.serverName.includes(" ")) {
    refuse("server name cannot contain spaces");
  }
}

function checkAuthorization(options: Options): void {
  checkPins(options.tlsPinnedCerts);
  const users = [
    ...options.users.map((user) => ({
      ...user,
      label: `user ${quote(user.username)}`,
    })),
    ...options.nkeys.map((user) => ({
      ...user,
      label: `nkey ${quote(user.nkey)}`,
    })),
  ];
  for (const { label, permissions, allowedConnectionTypes } of users) {
    for (const type of allowedConnectionTypes ?? []) {
      if (!isConnectionType(type.toUpperCase())) {
        refuse(`unknown connection type ${quote(type)}`);
      }
    }
    const problem = permissions === undefined
      ? undefined
      : permissionsProblem(permissions);
    if (problem !== undefined) {
      refuse(`invalid permissions for ${label}: ${problem}`);
    }
  }
  checkNoAuthUser(options, options.noAuthUser);
}

/** What is wrong with the subjects of permissions, or undefined. */
function permissionsProblem(
  { publish, subscribe }: Permissions,
): string | undefined {
  return firstProblem([
    ["publish allow", publish.allow ?? []],
    ["publish deny", publish.deny],
  ], false) ?? firstProblem([
    ["subscribe allow", subscribe.allow ?? []],
    ["subscribe deny", subscribe.deny],
  ], true);
}

function checkProxies({ proxies }: Options): void {
  for (const { key } of proxies) {
    if (!isPublicKey(key)) refuse(`proxy trusted key ${quote(key)} is invalid`);
  }
}

function checkGateway({ gateway }: Options): void {
  const { name, port, gateways } = gateway;
  if (name === "" && port === 0) return;
  if (name === "") refuse("gateway has no name");
  if (name.includes(" ")) refuse("gateway name cannot contain spaces");
  if (port === 0) {
    refuse(
      `gateway ${
        quote(name)
      } has no port specified (select -1 for random port)`,
    );
  }
  for (const [index, remote] of gateways.entries()) {
    if (remote.name === "") refuse(`gateway in the list ${index} has no name`);
    if (remote.urls.length === 0) {
      refuse(`gateway ${quote(remote.name)} has no URL`);
    }
  }
  checkPins(gateway.tlsPinnedCerts, `gateway ${quote(name)}: `);
}

function checkCluster(
  { cluster, gateway, leafnodes, serverName }: Options,
): void {
  if (cluster.name.includes(" ")) refuse("cluster name cannot contain spaces");
  const { permissions } = cluster;
  refuse(routePermissionsProblem(permissions?.import, permissions?.export));
  normalCompression(cluster.compression, "s2_fast");
  checkPins(cluster.tlsPinnedCerts, "cluster: ");
  if (
    gateway.name !== "" && cluster.name !== "" && gateway.name !== cluster.name
  ) {
    refuse("cluster name conflicts between cluster and gateway definitions");
  }
  const unnamed = leafnodes.remotes.length > 0 && cluster.port === 0
    ? serverName
    : "";
  if ((cluster.name || gateway.name || unnamed) === RESERVED_CLUSTER_NAME) {
    refuse("cluster name is reserved");
  }
  const { accounts, poolSize } = cluster;
  if (accounts.length > 0 && poolSize < 0) {
    refuse("pool_size cannot be negative if pinned accounts are specified");
  }
  const twice = accounts.find((name, index) => accounts.indexOf(name) < index);
  if (twice !== undefined) {
    refuse(
      `found duplicate account name ${quote(twice)} in pinned accounts list ` +
        quoteAll(accounts),
    );
  }
}

function normalForm(options: Options): Options {
  const { cluster, gateway, leafnodes, jetstream } = options;
  return {
    ...options,
    trustedKeys: [...options.trustedKeys, ...operatorKeys(options)],
    cluster: {
      ...cluster,
      name: cluster.name || gateway.name,
      compression: normalCompression(cluster.compression, "s2_fast"),
    },
    leafnodes: {
      ...leafnodes,
      compression: normalCompression(leafnodes.compression, "s2_auto"),
      remotes: leafnodes.remotes.map((remote) => ({
        ...remote,
        account: remote.account || "$G",
        compression: normalCompression(remote.compression, "s2_auto"),
      })),
    },
    jetstream: {
      ...jetstream,
      extensionHint: jetstream.extensionHint.toLowerCase(),
    },
  };
}
