/**
 * What `/varz` shows of the options of other listeners: the real server's
 * answer against ours for the same options.
 */

import { assertEquals } from "@std/assert";
import {
  clusterOptions,
  gatewayOptions,
  leafnodeOptions,
  mqttOptions,
  websocketOptions,
} from "../../src/monitor/varz_links.ts";
import { capability, type Claims } from "../tools/capability.ts";
import { startGoServer } from "../tools/oracle.ts";
import { options } from "../unit/config/options_harness.ts";
import { ask } from "./monitor/load.ts";
import { applyDefaults, type Options } from "../../src/config/mod.ts";

const BASE = 'listen: "127.0.0.1:-1"\nhttp: "127.0.0.1:-1"\nserver_name: "n"\n';

/** A block of the configuration, and how we show it. */
interface Case {
  readonly field: string;
  readonly config: string;
  readonly show: (options: Options) => object;
  readonly claims: Claims;
}

const CASES: readonly Case[] = [
  {
    field: "cluster",
    config: `cluster {
      name: "c", listen: "127.0.0.1:-1", pool_size: 5, write_deadline: "7s"
      write_timeout: retry
      authorization { user: u, password: p, timeout: 3 }
      routes: ["nats://u:p@127.0.0.1:1"]
    }`,
    show: clusterOptions,
    claims: { positive: ["monitoring/varz-cluster"] },
  },
  {
    field: "gateway",
    config: `gateway {
      name: "g", listen: "127.0.0.1:-1", reject_unknown: true
      connect_retries: 4, advertise: "127.0.0.1:77"
      gateways [ { name: "h", urls: ["nats://127.0.0.1:1"] } ]
    }`,
    show: gatewayOptions,
    claims: { positive: ["monitoring/varz-gateway"] },
  },
  {
    field: "leaf",
    config: `leafnodes {
      listen: "127.0.0.1:-1"
      authorization { timeout: 2.5 }
      remotes [ {
        url: "nats-leaf://u:p@127.0.0.1:1", deny_imports: "a", deny_exports: ["b"]
      } ]
    }`,
    show: leafnodeOptions,
    claims: { positive: ["monitoring/varz-leaf"] },
  },
  {
    field: "websocket",
    config: `websocket {
      listen: "127.0.0.1:-1", no_tls: true, same_origin: true, compression: true
      allowed_origins: ["http://a.example"], handshake_timeout: "3s"
      authorization { timeout: 4 }
    }`,
    show: websocketOptions,
    claims: { positive: ["monitoring/varz-mqtt-websocket"] },
  },
  {
    field: "mqtt",
    config: `jetstream { store_dir: "{{dir}}" }
    mqtt {
      listen: "127.0.0.1:-1", ack_wait: "11s", max_ack_pending: 9
      authorization { timeout: 4 }
    }`,
    show: mqttOptions,
    claims: { positive: ["monitoring/varz-mqtt-websocket"] },
  },
];

/** Without ports, which the system chose, and fields that are left out. */
function comparable(block: object): string {
  return JSON.stringify(
    block,
    (name, value) => /port$/.test(name) ? "<port>" : value,
    1,
  );
}

for (const { field, config, show, claims } of CASES) {
  capability(`varz shows ${field} as the Go server does`, claims, async () => {
    await using go = await startGoServer({ config: BASE + config });
    const varz = JSON.parse((await ask(go, "/varz")).text);
    const text = BASE + config.replace("{{dir}}", "/tmp/x");
    const own = show(applyDefaults(options(text)));
    assertEquals(comparable(own), comparable(varz[field]));
  });
}
