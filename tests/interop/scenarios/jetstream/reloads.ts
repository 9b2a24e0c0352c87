/**
 * Reloads of what is said about JetStream.
 *
 * @module
 */

import {
  aloneScenario,
  called,
  jetStreamClient,
  monitor,
  reloadLog,
  type Scenario,
} from "../../harness/mod.ts";
import { server } from "../fixtures.ts";

const STORE = 'store_dir: "{{dir}}/js"';
const LIMITED = `jetstream { ${STORE}, max_mem: 1G, max_file: 2G }`;
const DYNAMIC = `jetstream { ${STORE} }`;

/** The same with one more option. */
function limitedAnd(more: string): string {
  return LIMITED.replace(/ }$/, `, ${more} }`);
}

/** Configurations before and after. */
const CHANGES: readonly (readonly [before: string, after: string])[] = [
  [LIMITED, ""],
  ["", LIMITED],
  [LIMITED, `jetstream { ${STORE}, max_mem: 2G, max_file: 2G }`],
  [LIMITED, `jetstream { ${STORE}, max_mem: 2G, max_file: 3G }`],
  [LIMITED, `jetstream { ${STORE}, max_mem: 1M, max_file: 2G }`],
  [LIMITED, `jetstream { ${STORE}, max_mem: 1G, max_file: 1G }`],
  [LIMITED, DYNAMIC],
  [DYNAMIC, LIMITED],
  [DYNAMIC, `jetstream { ${STORE}, max_mem: 1G }`],
  [
    LIMITED,
    'jetstream { store_dir: "{{dir}}/js2", max_mem: 1G, max_file: 2G }',
  ],
  [LIMITED, "jetstream { max_mem: 1G, max_file: 2G }"],
  [LIMITED, limitedAnd("domain: hub")],
  [LIMITED, limitedAnd("strict: false")],
  [LIMITED, limitedAnd("sync_interval: 1s")],
  [LIMITED, limitedAnd("sync_interval: always")],
  [LIMITED, limitedAnd("request_queue_limit: 5")],
  [LIMITED, limitedAnd("info_queue_limit: 5")],
  [LIMITED, limitedAnd("unique_tag: x")],
  [LIMITED, limitedAnd("max_outstanding_catchup: 1M")],
  [LIMITED, limitedAnd("max_buffered_msgs: 5")],
  [LIMITED, limitedAnd("max_buffered_size: 5M")],
  [LIMITED, limitedAnd("max_concurrent_io: 5")],
  [LIMITED, limitedAnd("extension_hint: no_extend")],
  [
    LIMITED,
    limitedAnd("limits { max_ack_pending: 5, max_ha_assets: 3 }"),
  ],
  [LIMITED, limitedAnd("meta_compact: 5")],
  [LIMITED, limitedAnd("meta_compact_size: 5M")],
  [LIMITED, limitedAnd("meta_compact_sync: true")],
  [LIMITED, limitedAnd("limits { duplicate_window: 5s }")],
];

const ROWS = ["reload/jetstream"];

export const JETSTREAM_RELOADS: readonly Scenario[] = CHANGES.map(
  ([before, after], index) =>
    aloneScenario(
      server(`server_name: js, http: 127.0.0.1:-1\n${before}`),
      `reload of JetStream - ${index}: ${after || "none"}`
        .replaceAll("{{dir}}", ""),
      { positive: ROWS, edge: ROWS },
      reloadLog(server(`server_name: js, http: 127.0.0.1:-1\n${after}`).config),
      jetStreamClient("a"),
      after === "" ? [] : called("a", "$JS.API.INFO"),
      monitor("/varz", (body) => limitsOf(body)),
      reloadLog(
        server(`server_name: js, http: 127.0.0.1:-1\n${before}`).config,
      ),
    ),
);

/** The part of `/varz` that says how much there is, unless it is dynamic. */
function limitsOf(body: unknown): unknown {
  const { jetstream } = body as {
    jetstream: { config?: { max_memory: number; max_storage: number } };
  };
  const { max_memory: memory = 0, max_storage: storage = 0 } =
    jetstream.config ?? {};
  const round = (size: number) => size % (1024 * 1024) === 0 ? size : "dynamic";
  return [round(memory), round(storage)];
}
