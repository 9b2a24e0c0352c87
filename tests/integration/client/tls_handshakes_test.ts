/** Handshakes that come to nothing must leave nothing. */

import { assert, assertEquals, assertLess } from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import { denoRuntime, type Transport } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { memoryInUse } from "../../tools/memory.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const { network, tls } = denoRuntime();
const root = authority();
const certificate = root.server();
const FILES = { "cert.pem": certificate.cert, "key.pem": certificate.key };
const ID = "tls-ocsp/handshake-memory";
/** The head of a TLS record that announces a long ClientHello. */
const HALF_HELLO = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3);

/** Reads the INFO and hands over the transport below it. */
async function greeted(server: Server): Promise<Transport> {
  const { hostname, port } = new URL(server.clientUrl);
  const address = { host: hostname, port: Number(port) };
  const transport = await network.connect(address);
  await transport.read(new Uint8Array(2048));
  return transport;
}

/** Waits for the server to end the connection. */
async function ended(transport: Transport): Promise<void> {
  const buffer = new Uint8Array(512);
  try {
    while (await transport.read(buffer) !== null);
  } catch {
    // The same.
  }
  transport.close();
}

/** Ways not to get through a handshake. */
const FAILURES: readonly ((transport: Transport) => Promise<void>)[] = [
  // Never a byte: the server's patience ends.
  ended,
  async (transport) => {
    await transport.write(HALF_HELLO);
    await ended(transport);
  },
  async (transport) => {
    await transport.write(HALF_HELLO);
    transport.close();
  },
  async (transport) => {
    await transport.write(new TextEncoder().encode("CONNECT {}\r\n"));
    await ended(transport);
  },
  // The client does not trust the server.
  async (transport) => {
    const options = { serverName: "localhost", insecure: false } as const;
    await tls.connect(transport, {
      ...options,
      ca: authority("Another CA").ca,
      minVersion: "1.2",
    }, 2000).then(() => assert(false), () => {});
    transport.close();
  },
];

async function fail(server: Server, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, async (_, i) => {
    await FAILURES[i % FAILURES.length]?.(await greeted(server));
  }));
  const deadline = performance.now() + 5000;
  while (server.state.clients.count > 0) {
    assert(performance.now() < deadline, `${server.state.clients.count} left`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

capability(
  "TLS handshakes - a thousand that fail leave no memory behind",
  { positive: [ID], edge: [ID, "tls-ocsp/handshake-timeout"] },
  () =>
    withServer(
      `tls { cert_file: "cert.pem", key_file: "key.pem", timeout: 0.1 }
      max_closed_clients: 1`,
      async (server, log) => {
        await fail(server, 100);
        log.lines.length = 0;
        const before = await memoryInUse();
        for (let round = 0; round < 10; round++) await fail(server, 100);
        assertEquals(log.unexpected, []);
        assertEquals(
          log.lines.filter((line) => line.includes("Slow Consumer")),
          [],
        );
        log.lines.length = 0;
        // An open encrypted connection takes some 20 KiB.
        const perFailure = (await memoryInUse() - before) / 1000;
        assertLess(perFailure, 1500);
        // And a client that does it right is served.
        const transport = await tls.connect(await greeted(server), {
          serverName: "localhost",
          ca: root.ca,
          insecure: false,
          minVersion: "1.2",
        }, 2000);
        await using client = new RawClient(transport);
        await client.send('CONNECT {"verbose":false}\r\n');
        assertEquals(await client.flush(), "");
      },
      { files: FILES, log: new LogRecorder({ debugging: false }) },
    ),
);
