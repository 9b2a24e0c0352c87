/**
 * `/routez`, `/gatewayz` and `/leafz`: connections to other servers.
 *
 * @module
 */

import { formatNanos } from "../protocol/mod.ts";
import type { MonitoredServer } from "./monitored_server.ts";

export function routez({ id, name, clock, options }: MonitoredServer): object {
  const { permissions } = options.cluster;
  return {
    server_id: id,
    server_name: name,
    now: formatNanos(clock.nowNanos()),
    import: permissions?.import,
    export: permissions?.export,
    num_routes: 0,
    routes: [],
  };
}

export function gatewayz({ id, clock }: MonitoredServer): object {
  return {
    server_id: id,
    now: formatNanos(clock.nowNanos()),
    outbound_gateways: {},
    inbound_gateways: {},
  };
}

export function leafz({ id, clock }: MonitoredServer): object {
  return {
    server_id: id,
    now: formatNanos(clock.nowNanos()),
    leafnodes: 0,
    leafs: [],
  };
}
