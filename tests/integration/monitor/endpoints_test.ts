/** What the endpoints tell of real clients. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { withServer } from "../../tools/started_server.ts";
import {
  fetchJson,
  fetchText,
  login,
  MONITORED,
  monitored,
} from "./support.ts";

const ACCOUNTS = `
accounts {
  A { users [ { user: a, password: a } ], mappings { in: out } }
  B { users [ { user: b, password: b } ] }
}
no_sys_acc: true
`;

/** A connection by TCP: those inside the process have no address. */
async function dial(server: Server): Promise<RawClient> {
  const { hostname, port } = new URL(server.clientUrl);
  const transport = await denoRuntime().network.connect({
    host: hostname,
    port: Number(port),
  });
  const client = new RawClient(transport);
  await client.expect(/^INFO \{.*\} \r\n/);
  return client;
}

/** Waits until the server remembers so many clients that left. */
async function remembered(server: Server, count: number): Promise<void> {
  while (server.state.closedClients.total < count) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

capability(
  "varz - shows identity, limits and counts",
  {
    positive: [
      "monitoring/varz-identity",
      "monitoring/varz-limits",
      "monitoring/varz-runtime",
    ],
  },
  () =>
    monitored(
      'server_name: "n"\nmax_connections: 9\nserver_metadata { b: "2", a: "1" }',
      async (server) => {
        await using client = await login(server);
        await client.send("SUB x 1\r\nPUB x 5\r\nhello\r\n");
        await client.flush();
        const varz = await fetchJson(server, "/varz");
        assertEquals(
          [varz.server_name, varz.version, varz.max_connections],
          ["n", "2.15.2", 9],
        );
        assertEquals(varz.ping_interval, 120_000_000_000);
        assertEquals(
          [varz.in_msgs, varz.in_bytes, varz.out_msgs, varz.out_bytes],
          [1, 5, 1, 5],
        );
        assertEquals([varz.connections, varz.total_connections], [1, 1]);
        assertEquals(JSON.stringify(varz.metadata), '{"a":"1","b":"2"}');
        assertMatch(varz.start, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      },
    ),
);

capability(
  "varz - leaves out what is not, and keeps empty blocks",
  {
    edge: [
      "monitoring/varz-identity",
      "monitoring/varz-limits",
      "monitoring/varz-runtime",
      "monitoring/varz-cluster",
      "monitoring/varz-gateway",
      "monitoring/varz-leaf",
      "monitoring/varz-mqtt-websocket",
      "monitoring/varz-jetstream",
    ],
  },
  () =>
    monitored("no_sys_acc: true", async (server) => {
      const varz = await fetchJson(server, "/varz");
      for (
        const absent of [
          "auth_required",
          "tls_required",
          "tags",
          "metadata",
          "system_account",
          "max_subscriptions",
          "tls_cert_not_after",
        ]
      ) assert(!(absent in varz), absent);
      const { cluster, gateway, leaf, mqtt, websocket, jetstream } = varz;
      assertEquals(
        [cluster, gateway, leaf, mqtt, websocket, jetstream],
        [{}, {}, {}, {}, {}, {}],
      );
    }),
);

capability(
  "connz - shows a client, and more of it when asked to",
  {
    positive: [
      "monitoring/connz-query",
      "monitoring/connz-response",
      "monitoring/conninfo",
      "monitoring/auth-details",
      "monitoring/rtt",
    ],
  },
  () =>
    monitored(ACCOUNTS, async (server) => {
      await using client = await dial(server);
      await client.send(
        'CONNECT {"user":"a","pass":"a","name":"me","lang":"test","version":"1"}\r\n' +
          "SUB foo q 7\r\nUNSUB 7 3\r\nPUB foo 2\r\nhi\r\n",
      );
      await client.flush();
      const path = "/connz?auth=1&subs=detail";
      const connz = await fetchJson(server, path);
      const [info] = connz.connections;
      assertEquals(connz.num_connections, 1);
      assertEquals([info.kind, info.type, info.ip], [
        "Client",
        "nats",
        "127.0.0.1",
      ]);
      assertEquals([info.name, info.authorized_user, info.account], [
        "me",
        "a",
        "A",
      ]);
      assertEquals(info.subscriptions_list_detail, [{
        subject: "foo",
        qgroup: "q",
        sid: "7",
        msgs: 1,
        max: 3,
        cid: info.cid,
      }]);
      assertMatch(info.rtt, /^[\d.]+(µs|ms)$/);
      const listed = await fetchJson(server, "/connz?subs=1");
      assertEquals(listed.connections[0].subscriptions_list, ["foo"]);
      assert(!("authorized_user" in listed.connections[0]));
    }),
);

capability(
  "connz - what does not exist is not found, and secrets are not shown",
  {
    edge: [
      "monitoring/connz-query",
      "monitoring/conninfo",
      "monitoring/auth-details",
    ],
  },
  () =>
    monitored("authorization { token: s3cr3t }", async (server) => {
      await using _client = await login(server, { auth_token: "s3cr3t" });
      const [, text] = await fetchText(server, "/connz?auth=1");
      assert(!text.includes("s3cr3t"));
      const { connections: [info] } = JSON.parse(text);
      assertEquals(info.authorized_user, "[REDACTED]");
      // The global account goes without saying; this client has no address.
      assertEquals([info.account, info.ip, info.port], [undefined, "", 0]);
      const missing = await fetchJson(server, "/connz?acc=none");
      assertEquals([missing.server_id, missing.connections], ["", null]);
      const none = await fetchJson(server, "/connz?cid=77&state=any");
      assertEquals([none.connections, none.limit], [[], 1]);
    }),
);

capability(
  "connz - a client of unknown round-trip time is asked for it",
  { edge: ["monitoring/rtt"] },
  () =>
    monitored("", async (server) => {
      await using silent = await dial(server);
      await silent.send("PING\r\n");
      await silent.expect(/PONG\r\n/);
      const [before] = (await fetchJson(server, "/connz")).connections;
      assertEquals(before.rtt, "0s");
      // People with a terminal are left alone; libraries have a language.
      assertEquals(silent.received, "");
    }),
);

capability(
  "connz - sorts by what is asked, and not by what makes no sense",
  {
    positive: ["monitoring/sort-options"],
    edge: ["monitoring/sort-options"],
  },
  () =>
    monitored("", async (server) => {
      const clients = [];
      for (const count of [1, 3, 2]) {
        const client = await login(server);
        for (let i = 0; i < count; i++) {
          await client.send(
            `SUB s${i} ${i}\r\nPUB x ${count}\r\n${"x".repeat(count)}\r\n`,
          );
        }
        await client.flush();
        clients.push(client);
      }
      const order = async (sort: string) =>
        (await fetchJson(server, `/connz?sort=${sort}`)).connections
          .map(({ subscriptions }: { subscriptions: number }) => subscriptions);
      assertEquals(await order("cid"), [1, 3, 2]);
      assertEquals(await order("subs"), [3, 2, 1]);
      assertEquals(await order("bytes_from"), [3, 2, 1]);
      assertEquals(await order("msgs_to"), [1, 3, 2]);
      assertEquals(await order("last"), [2, 3, 1]);
      assertEquals(await order("idle"), [1, 3, 2]);
      assertEquals(await fetchText(server, "/connz?sort=stop"), [
        400,
        "sort by stop only valid on closed connections",
      ]);
      for (const client of clients) await client.close();
    }),
);

capability(
  "connz - remembers who left and why, with what it had",
  {
    positive: [
      "monitoring/closed-conns",
      "client-protocol/closed-connection-ring",
    ],
  },
  () =>
    monitored(ACCOUNTS, async (server) => {
      const client = await login(server, { user: "b", pass: "b" });
      await client.send("SUB gone 1\r\n");
      await client.flush();
      await client.close();
      await remembered(server, 1);
      const closed = await fetchJson(
        server,
        "/connz?state=closed&subs=1&auth=1",
      );
      const [info] = closed.connections;
      assertEquals(
        [info.reason, info.subscriptions_list, info.account],
        ["Client Closed", ["gone"], "B"],
      );
      assertMatch(info.stop, /Z$/);
    }),
);

capability(
  "connz - forgets the oldest of those who left",
  {
    edge: [
      "monitoring/closed-conns",
      "client-protocol/closed-connection-ring",
    ],
  },
  () =>
    monitored("max_closed_clients: 2", async (server) => {
      for (let i = 0; i < 3; i++) {
        const client = await login(server, { name: `n${i}` });
        await client.close();
        await remembered(server, i + 1);
      }
      const { connections, total } = await fetchJson(
        server,
        "/connz?state=closed",
      );
      assertEquals(total, 2);
      assertEquals(
        connections.map(({ name }: { name: string }) => name),
        ["n1", "n2"],
      );
    }),
);

capability(
  "connz - shows the certificates of clients when asked who they are",
  {
    positive: ["monitoring/conninfo", "tls-ocsp/connection-state-exposure"],
    edge: ["tls-ocsp/connection-state-exposure"],
  },
  async () => {
    const root = authority();
    const { cert, key } = root.server();
    const files = { "c.pem": cert, "k.pem": key, "ca.pem": root.ca };
    const config = MONITORED +
      'tls { cert_file: "c.pem", key_file: "k.pem", ca_file: "ca.pem", verify: true }';
    await withServer(config, async (server) => {
      const own = root.client({ subject: "O=NATS,CN=me" });
      const { hostname, port } = new URL(server.clientUrl);
      const connection = await denoRuntime().network.connect({
        host: hostname,
        port: Number(port),
      });
      await connection.read(new Uint8Array(4096));
      const secured = await denoRuntime().tls.connect(connection, {
        serverName: "localhost",
        ca: root.ca,
        identity: own,
        insecure: false,
        minVersion: "1.2",
      }, 2_000);
      await using client = new RawClient(secured);
      await client.send("CONNECT {}\r\n");
      await client.flush();
      const [info] = (await fetchJson(server, "/connz?auth=1")).connections;
      assertEquals(info.tls_version, "1.3");
      assertMatch(info.tls_cipher_suite, /^TLS_/);
      assertEquals(info.tls_peer_certs.at(0).subject, "CN=me,O=NATS");
      assertMatch(info.tls_peer_certs.at(0).cert_sha256, /^[0-9a-f]{64}$/);
      assertMatch(info.tls_peer_certs.at(0).spki_sha256, /^[0-9a-f]{64}$/);
      await using plain = new RawClient(server.connectInProcess());
      await plain.send("CONNECT {}\r\n");
      await plain.flush();
      const [anyone, inside] =
        (await fetchJson(server, "/connz?sort=cid")).connections;
      assertEquals(anyone.tls_peer_certs, undefined);
      assertEquals([anyone.tls_version, anyone.tls_first], ["1.3", undefined]);
      assertEquals([inside.tls_version, inside.tls_cipher_suite], [
        undefined,
        undefined,
      ]);
    }, { files });
  },
);

capability(
  "subsz, accountz, accstatz - show subscriptions and accounts",
  {
    positive: [
      "monitoring/subsz",
      "monitoring/accountz",
      "monitoring/accstatz",
    ],
  },
  () =>
    monitored(ACCOUNTS, async (server) => {
      await using client = await login(server, { user: "a", pass: "a" });
      await client.send("SUB one 1\r\nSUB two.* 2\r\n");
      await client.flush();
      const subsz = await fetchJson(server, "/subsz?subs=1&test=two.3");
      assertEquals([subsz.num_subscriptions, subsz.total], [2, 1]);
      assertEquals(subsz.subscriptions_list[0].account, "A");
      const { account_detail } = await fetchJson(server, "/accountz?acc=A");
      assertEquals(account_detail.client_connections, 1);
      assertEquals(account_detail.mappings, {
        in: [{ subject: "out", weight: 100 }],
      });
      const { account_statz } = await fetchJson(server, "/accstatz");
      assertEquals(account_statz.length, 1);
      assertEquals(account_statz[0].num_subscriptions, 2);
    }),
);

capability(
  "subsz, accountz, accstatz - refuse what makes no sense",
  { edge: ["monitoring/subsz", "monitoring/accountz", "monitoring/accstatz"] },
  () =>
    monitored(ACCOUNTS, async (server) => {
      assertEquals(await fetchText(server, "/subsz?test=a.*"), [
        400,
        "invalid test subject, must be valid publish subject: a.*",
      ]);
      assertEquals(await fetchText(server, "/accountz?acc=none"), [
        400,
        "Account none does not exist",
      ]);
      assertEquals((await fetchJson(server, "/accstatz")).account_statz, []);
    }),
);

capability(
  "healthz - is well, and says why not",
  { positive: ["monitoring/healthz"], edge: ["monitoring/healthz"] },
  () =>
    monitored("", async (server, log) => {
      assertEquals(await fetchText(server, "/healthz?js-enabled=1"), [
        200,
        '{"status":"ok"}',
      ]);
      const [status, text] = await fetchText(server, "/healthz?stream=s");
      assertEquals(status, 400);
      assertEquals(JSON.parse(text), {
        status: "error",
        error: '"account" must not be empty when checking stream health',
      });
      const [, details] = await fetchText(
        server,
        "/healthz?consumer=c&details=1",
      );
      assertEquals(JSON.parse(details).errors[0].type, "BAD_REQUEST");
      assert(log.lines.includes("warn Healthcheck failed: 1 errors"));
      server.state.ready = false;
      assertEquals((await fetchText(server, "/healthz"))[0], 500);
      server.state.ready = true;
    }),
);

capability(
  "routez, gatewayz, leafz, jsz, raftz, ipqueuesz - are empty without their parts",
  {
    positive: ["monitoring/ipqueuesz"],
    edge: [
      "monitoring/routez",
      "monitoring/gatewayz",
      "monitoring/leafz",
      "monitoring/jsz",
      "monitoring/raftz",
      "monitoring/ipqueuesz",
    ],
  },
  () =>
    monitored("", async (server) => {
      assertEquals((await fetchJson(server, "/routez")).routes, []);
      const gatewayz = await fetchJson(server, "/gatewayz");
      assertEquals(
        [gatewayz.outbound_gateways, gatewayz.inbound_gateways],
        [{}, {}],
      );
      assertEquals((await fetchJson(server, "/leafz")).leafs, []);
      assertEquals((await fetchJson(server, "/jsz")).disabled, true);
      assertEquals(await fetchText(server, "/raftz"), [
        404,
        "No Raft nodes registered",
      ]);
      assertEquals(await fetchJson(server, "/ipqueuesz"), {});
      assertEquals((await fetchText(server, "/ipqueuesz?all=x"))[0], 400);
    }),
);
