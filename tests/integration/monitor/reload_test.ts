/** What a reload changes for monitoring. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { applyDefaults } from "../../../src/config/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { Server } from "../../../src/server/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { options } from "../../unit/config/options_harness.ts";
import { urlOf } from "./support.ts";

capability(
  "monitoring - a reload replaces certificate and options that are shown",
  {
    positive: ["monitoring/https", "reload/monitoring-tls"],
    edge: [
      "monitoring/varz-limits",
      "monitoring/https",
      "reload/monitoring-tls",
    ],
  },
  async () => {
    const load = (authorityName: string, maxPayload: number) => {
      const { cert, key } = authority(authorityName).server();
      return applyDefaults(options(
        `listen: "127.0.0.1:-1"\nhttps: "127.0.0.1:-1"\n` +
          `max_payload: ${maxPayload}\n` +
          'tls { cert_file: "c.pem", key_file: "k.pem" }',
        { files: { "c.pem": cert, "k.pem": key } },
      ));
    };
    const server = new Server(
      load("Monitor CA 1", 1000),
      denoRuntime(),
      new LogRecorder(),
      { loadOptions: () => load("Monitor CA 2", 2000) },
    );
    await server.start();
    try {
      const first = await varz(server, "Monitor CA 1");
      assertEquals(first?.max_payload, 1000);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await server.reload();
      assertEquals(await varz(server, "Monitor CA 1"), null);
      const second = await varz(server, "Monitor CA 2");
      assertEquals(second?.max_payload, 2000);
      assertEquals(second?.start, first?.start);
      assertNotEquals(second?.config_load_time, first?.config_load_time);
      assert(typeof second?.tls_cert_not_after === "string");
    } finally {
      await server.shutdown();
    }
  },
);

/** Null when the server's certificate is not the authority's. */
async function varz(
  server: Server,
  authorityName: string,
): Promise<Record<string, unknown> | null> {
  using client = Deno.createHttpClient({
    caCerts: [authority(authorityName).ca],
  });
  const url = urlOf(server, "/varz", "https");
  const response = await fetch(url, { client }).catch(() => null);
  return await response?.json() ?? null;
}
