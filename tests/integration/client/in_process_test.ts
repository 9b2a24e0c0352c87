/** Clients inside the server's own process. */

import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { type Server, startServer } from "../../../src/mod.ts";
import {
  denoRuntime,
  type TlsTransport,
  type Transport,
} from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const runtime = denoRuntime();
const root = authority();
const certificate = root.server();
const FILES = { "cert.pem": certificate.cert, "key.pem": certificate.key };
const TLS = 'tls { cert_file: "cert.pem", key_file: "key.pem", timeout: 1';
const ID = "client-protocol/in-process-connections";
const TLS_ID = "tls-ocsp/in-process-connections";

/** What tests look at of an INFO. */
interface Info {
  readonly tls_required?: boolean;
  readonly tls_available?: boolean;
  readonly client_ip?: string;
}

async function infoOf(client: RawClient): Promise<Info> {
  const [, json = ""] = await client.expect(/^INFO (\{.*\}) \r\n/);
  return JSON.parse(json);
}

/** Sends CONNECT and expects to be let in. */
async function enter(client: RawClient, fields = {}): Promise<void> {
  await client.send(
    `CONNECT ${JSON.stringify({ verbose: false, ...fields })}\r\n`,
  );
  assertEquals(await client.flush(), "");
}

function encrypt(transport: Transport): Promise<TlsTransport> {
  const options = {
    serverName: "localhost",
    ca: root.ca,
    insecure: false,
    minVersion: "1.2",
  } as const;
  return runtime.tls.connect(transport, options, 2000);
}

async function overTcp(server: Server): Promise<RawClient> {
  const { hostname, port } = new URL(server.clientUrl);
  const address = { host: hostname, port: Number(port) };
  return new RawClient(await runtime.network.connect(address));
}

capability(
  "in-process connections - work while nothing listens",
  { positive: [ID] },
  async () => {
    const server = await startServer({ dontListen: true });
    assertEquals(server.address, null);
    assertEquals(server.clientUrl, "");
    await using subscriber = await RawClient.connect(server);
    await using publisher = await RawClient.connect(server);
    await enter(subscriber);
    await enter(publisher);
    await subscriber.send("SUB foo 1\r\n");
    await subscriber.flush();
    await publisher.send("PUB foo 2\r\nhi\r\n");
    await publisher.flush();
    assertEquals(await subscriber.flush(), "MSG foo 1 2\r\nhi\r\n");
    assertEquals(server.state.clients.count, 2);
    await server.shutdown();
    assertEquals(await subscriber.expectEnd(), "");
  },
);

capability(
  "in-process connections - a server that has stopped takes none",
  { edge: [ID] },
  async () => {
    const server = await startServer({ dontListen: true });
    await server.shutdown();
    await using client = new RawClient(server.connectInProcess());
    assertEquals(await client.expectEnd(), "");
  },
);

for (
  const { allowed, inProcess } of [
    { allowed: "IN_PROCESS", inProcess: true },
    { allowed: "STANDARD", inProcess: false },
  ]
) {
  capability(
    `in-process connections - a user for ${allowed} connections`,
    { positive: [ID], edge: [ID, "auth/connection-types"] },
    () =>
      withServer(
        `accounts { A { users: [
          {user: test, password: pwd, allowed_connection_types: ["${allowed}"]}
        ] } }`,
        async (server) => {
          const login = { user: "test", pass: "pwd" };
          const refused = async (client: RawClient) => {
            await client.send(`CONNECT ${JSON.stringify(login)}\r\n`);
            assertEquals(
              (await client.expectEnd()).trim(),
              "-ERR 'Authorization Violation'",
            );
          };
          await using inside = new RawClient(server.connectInProcess());
          await using outside = await overTcp(server);
          await infoOf(inside);
          await infoOf(outside);
          await enter(inProcess ? inside : outside, login);
          await refused(inProcess ? outside : inside);
        },
      ),
  );
}

capability(
  "in-process connections - need no TLS where others do",
  {
    positive: [TLS_ID, ID, "client-protocol/tls-required-tls-available"],
    edge: ["client-protocol/tls-required-tls-available"],
  },
  () =>
    withServer(`${TLS} }`, async (server) => {
      await using plain = new RawClient(server.connectInProcess());
      const info = await infoOf(plain);
      assertFalse(info.tls_required);
      assert(info.tls_available);
      await enter(plain);
      await using outside = await overTcp(server);
      assert((await infoOf(outside)).tls_required);
    }, { files: FILES }),
);

capability(
  "in-process connections - may have TLS if they want it",
  { positive: [TLS_ID] },
  () =>
    withServer(`${TLS} }`, async (server) => {
      const transport = server.connectInProcess();
      const buffer = new Uint8Array(4096);
      const count = await transport.read(buffer);
      assert(
        new TextDecoder().decode(buffer.subarray(0, count ?? 0))
          .endsWith("} \r\n"),
      );
      const encrypted = await encrypt(transport);
      assertEquals(encrypted.tls.version, "1.3");
      await using client = new RawClient(encrypted);
      await enter(client);
      const [session] = server.state.clients.open();
      assertEquals(session?.tls?.version, "1.3");
    }, { files: FILES }),
);

capability(
  "in-process connections - get INFO after 50 ms where TLS comes first",
  { edge: [TLS_ID, "tls-ocsp/handshake-first-with-fallback"] },
  () =>
    withServer(`${TLS}, first: true }`, async (server) => {
      const begin = performance.now();
      await using plain = new RawClient(server.connectInProcess());
      const info = await infoOf(plain);
      assert(performance.now() - begin > 45);
      assertFalse(info.tls_required);
      assert(info.tls_available);
      await enter(plain);
      // Others wait for ever, and are cut off by the handshake's timeout.
      await using outside = await overTcp(server);
      await assertRejects(() => outside.expect(/INFO/, 200));
    }, { files: FILES }),
);

capability(
  "in-process connections - may do TLS first, and are told that it is required",
  { positive: [TLS_ID, "tls-ocsp/handshake-first-true"] },
  () =>
    withServer(`${TLS}, first: true }`, async (server) => {
      await using client = new RawClient(
        await encrypt(server.connectInProcess()),
      );
      assert((await infoOf(client)).tls_required);
      await enter(client);
    }, { files: FILES }),
);
