/** The listener: paths, headers, TLS, failures, embedding. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { StartError, startServer } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { options } from "../../unit/config/options_harness.ts";
import { withServer } from "../../tools/started_server.ts";
import { fetchJson, fetchText, login, monitored, urlOf } from "./support.ts";

capability(
  "monitoring - listens where it is told, and says so",
  { positive: ["monitoring/enable"] },
  () =>
    monitored("", async (server, log) => {
      const { port } = server.monitorAddress ?? { port: 0 };
      const line = `notice Starting http monitor on 127.0.0.1:${port}`;
      assert(log.lines.includes(line));
      assertEquals((await fetchJson(server, "/varz")).server_id, server.id);
    }),
);

capability(
  "monitoring - is off unless asked for, and fails to start on a taken port",
  { edge: ["monitoring/enable", "monitoring/httphandler"] },
  async () => {
    await withServer("", (server) => {
      assertEquals([server.monitorAddress, server.httpHandler], [null, null]);
      return Promise.resolve();
    });
    const taken = denoRuntime().network.listen({ host: "127.0.0.1", port: 0 });
    const { port } = taken.address;
    await assertRejects(
      () => startServer({ port: -1, httpHost: "127.0.0.1", httpPort: port }),
      StartError,
      `Can't start monitoring: can't listen to the monitor port: listen tcp 127.0.0.1:${port}: bind: address already in use`,
    );
    taken.close();
  },
);

capability(
  "monitoring - answers below a base path only",
  { positive: ["monitoring/base-path"], edge: ["monitoring/base-path"] },
  () =>
    monitored("http_base_path: nats//x/", async (server) => {
      assertEquals((await fetchJson(server, "/nats/x/connz")).total, 0);
      const [status, page] = await fetchText(server, "/nats/x");
      assertEquals(status, 200);
      assertStringIncludes(page, 'href="./nats/x/varz"');
      assertEquals((await fetchText(server, "/varz"))[0], 404);
      assertEquals((await fetchText(server, "/"))[0], 404);
    }),
);

capability(
  "monitoring - the root is a page, and what is unknown is not found",
  {
    positive: ["monitoring/root", "monitoring/endpoints"],
    edge: ["monitoring/root", "monitoring/endpoints"],
  },
  () =>
    monitored("", async (server) => {
      const [status, page] = await fetchText(server, "/");
      assertEquals(status, 200);
      for (const [, path = ""] of page.matchAll(/href="\.(\/[a-z/]+)"/g)) {
        const expected = path === "/raftz" ? 404 : 200;
        assertEquals((await fetchText(server, path))[0], expected, path);
      }
      assertEquals(await fetchText(server, "/ipqueuesz"), [200, "{}"]);
      assertEquals(
        await fetchText(server, "/other"),
        [404, "404 page not found\n"],
      );
      assertEquals((await fetchText(server, "//varz"))[0], 307);
    }),
);

capability(
  "monitoring - documents are JSON for everyone, indented by two",
  { positive: ["monitoring/headers"] },
  () =>
    monitored("", async (server) => {
      const response = await fetch(urlOf(server, "/leafz"));
      const { headers } = response;
      assertEquals(headers.get("content-type"), "application/json");
      assertEquals(headers.get("access-control-allow-origin"), "*");
      assertMatch(await response.text(), /^\{\n {2}"server_id": "N[^]*\n\}$/);
    }),
);

capability(
  "monitoring - healthz is compact, errors are text, a callback is none",
  { edge: ["monitoring/headers", "monitoring/bad-params"] },
  () =>
    monitored("", async (server) => {
      assertEquals(
        await fetchText(server, "/healthz?callback=f"),
        [200, '{"status":"ok"}'],
      );
      const response = await fetch(urlOf(server, "/connz?auth=x"));
      assertEquals(
        response.headers.get("content-type")?.slice(0, 10),
        "text/plain",
      );
      assertEquals(
        await response.text(),
        `Error decoding boolean for 'auth': strconv.ParseBool: parsing "x": invalid syntax`,
      );
    }),
);

capability(
  "monitoring - requests are counted by path",
  {
    positive: ["monitoring/http-req-stats"],
    edge: ["monitoring/http-req-stats"],
  },
  () =>
    monitored("", async (server) => {
      for (
        const path of [
          "/",
          "/subscriptionsz",
          "/subsz?subs=x",
          "/connz?auth=x",
          "/stacksz",
          "/other",
        ]
      ) await fetchText(server, path);
      const { http_req_stats } = await fetchJson(server, "/varz");
      // Bad parameters count for some and not for others, as in the Go server.
      assertEquals(http_req_stats, { "/": 1, "/subsz": 2, "/varz": 1 });
    }),
);

capability(
  "monitoring - over TLS, no certificate is asked for",
  { positive: ["monitoring/https"] },
  async () => {
    const root = authority();
    const { cert, key } = root.server();
    const files = { "c.pem": cert, "k.pem": key, "ca.pem": root.ca };
    const config = 'https: "127.0.0.1:-1"\n' +
      'tls { cert_file: "c.pem", key_file: "k.pem", ca_file: "ca.pem", verify: true }';
    await withServer(config, async (server, log) => {
      const client = Deno.createHttpClient({ caCerts: [root.ca] });
      const response = await fetch(urlOf(server, "/varz", "https"), { client });
      const varz = await response.json();
      assertEquals([varz.tls_verify, varz.https_port], [true, -1]);
      assertMatch(varz.tls_cert_not_after, /^20\d\d-\d\d-\d\dT[\d:]+Z$/);
      client.close();
      assert(log.lines.some((line) => line.includes("Starting https monitor")));
    }, { files });
  },
);

capability(
  "monitoring - HTTPS needs a certificate and excludes HTTP",
  { edge: ["monitoring/https"] },
  async () => {
    const start = (config: string) =>
      startServer(options(`listen: "127.0.0.1:-1"\n${config}`));
    await assertRejects(
      () => start("https_port: -1"),
      Error,
      "TLS cert and key required for HTTPS",
    );
    await assertRejects(
      () => start("https_port: -1\nhttp_port: -1"),
      Error,
      "can't specify both HTTP (-1) and HTTPs (-1) ports",
    );
  },
);

capability(
  "monitoring - an embedder brings requests of its own",
  { positive: ["monitoring/httphandler"] },
  () =>
    monitored("", async (server) => {
      const query = new URLSearchParams("limit=7");
      const request = { method: "GET", path: "/connz", query };
      const response = await server.httpHandler?.(request);
      let text = "";
      for await (const piece of response?.body ?? []) text += piece;
      assertEquals(response?.status, 200);
      assertEquals(JSON.parse(text).limit, 7);
    }),
);

capability(
  "monitoring - variables and stacks of the process show no secrets",
  {
    positive: ["monitoring/debug-vars", "monitoring/stacksz"],
    edge: [
      "monitoring/debug-vars",
      "monitoring/stacksz",
      "cli-signals-logging/debug-vars",
    ],
  },
  () =>
    monitored("", async (server) => {
      const [, variables] = await fetchText(server, "/debug/vars");
      const { cmdline, memstats } = JSON.parse(variables);
      assert(Array.isArray(cmdline) && memstats.Sys > 1_000_000);
      assert(!variables.includes("--pass="));
      const response = await fetch(urlOf(server, "/stacksz"));
      assertEquals(response.headers.get("content-type"), "application/json");
      assertMatch(await response.text(), /^event loop \[running\]:\n +at /);
    }),
);

capability(
  "monitoring - slow requests and garbage are sent away",
  { edge: ["monitoring/headers"] },
  () =>
    monitored("", async (server) => {
      const address = server.monitorAddress ?? { host: "", port: 0 };
      const connection = await denoRuntime().network.connect(address);
      await using client = new RawClient(connection);
      await client.send("NONSENSE\r\n\r\n");
      assertMatch(await client.expectEnd(), /^HTTP\/1\.1 400 /);
      assertEquals((await fetchText(server, "/healthz"))[0], 200);
    }),
);

capability(
  "monitoring - shows what the process uses",
  { positive: ["monitoring/cpu-mem"], edge: ["monitoring/cpu-mem"] },
  () =>
    monitored("", async (server) => {
      const first = await fetchJson(server, "/varz");
      assert(first.mem > 10_000_000 && first.cores >= 1);
      const busyUntil = performance.now() + 1_200;
      while (performance.now() < busyUntil) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        const pause = performance.now() + 40;
        while (performance.now() < pause);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert((await fetchJson(server, "/varz")).cpu > 10);
    }),
);

capability(
  "monitoring - long answers are made in slices",
  { edge: ["monitoring/connz-response", "monitoring/subsz"] },
  () =>
    monitored("", async (server) => {
      const clients = [];
      for (let i = 0; i < 200; i++) {
        const client = await login(server);
        const subjects = Array.from({ length: 100 }, (_, j) => `s.${i}.${j}`);
        await client.send(
          subjects.map((subject, j) => `SUB ${subject} ${j}\r\n`).join(""),
        );
        await client.flush();
        clients.push(client);
      }
      // A busy machine may stop any one try; answers in one piece fail all.
      let least = Infinity;
      for (let tries = 0; tries < 5 && least >= 250; tries++) {
        const gap = longestTurn();
        const connz = await fetchJson(server, "/connz?subs=detail&sort=subs");
        const subsz = await fetchJson(server, "/subsz?subs=1&limit=20000");
        least = Math.min(least, gap());
        assertEquals(connz.num_connections, 200);
        const [connection] = connz.connections;
        assertEquals(connection.subscriptions_list_detail.length, 100);
        assert(subsz.total >= 20_000);
      }
      // Reading the answers takes its turns too, in this same process.
      assert(least < 250, `a turn took ${least} ms`);
      for (const client of clients) await client.close();
    }),
);

/** Measures the longest time between two turns; the function returned ends it. */
function longestTurn(): () => number {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}
