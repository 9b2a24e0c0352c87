/** Ten thousand clients at once. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { startServer } from "../../src/mod.ts";
import { denoRuntime, type Transport } from "../../src/runtime/mod.ts";
import { capability } from "../tools/capability.ts";
import { RawClient } from "../tools/raw_client.ts";

const COUNT = 10_000;
/** Over sockets; each takes two descriptors of this process. */
const SOCKETS = 400;
const BATCH = 200;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One of many clients: has no more than it must. */
class SmallClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async send(text: string): Promise<void> {
    let rest: Uint8Array = encoder.encode(text);
    while (rest.length > 0) {
      rest = rest.subarray(await this.#transport.write(rest));
    }
  }

  /** Reads until what came ends with `end`. */
  async readTo(end: string): Promise<string> {
    const buffer = new Uint8Array(1024);
    let text = "";
    while (!text.endsWith(end)) {
      const count = await this.#transport.read(buffer);
      assert(count !== null, `the connection ended after ${text}`);
      text += decoder.decode(buffer.subarray(0, count));
    }
    return text;
  }

  close(): void {
    this.#transport.close();
  }
}

capability(
  "ten thousand connections - all are served, one more is not, and all are gone in the end",
  {
    positive: ["client-protocol/max-connections", "client-protocol/ordering"],
    edge: ["client-protocol/max-connections"],
  },
  async () => {
    const { network } = denoRuntime();
    const server = await startServer({
      port: -1,
      maxConnections: COUNT + 1,
      disableShortFirstPing: true,
    });
    const { hostname, port } = new URL(server.clientUrl);
    const address = { host: hostname, port: Number(port) };
    const clients: SmallClient[] = [];
    const all = async (action: (client: SmallClient) => Promise<void>) => {
      for (let at = 0; at < clients.length; at += BATCH) {
        await Promise.all(clients.slice(at, at + BATCH).map(action));
      }
    };
    for (let i = 0; i < COUNT; i++) {
      const transport = i < SOCKETS
        ? await network.connect(address)
        : server.connectInProcess();
      clients.push(new SmallClient(transport));
    }
    await all(async (client) => {
      await client.send(
        'CONNECT {"verbose":false}\r\nSUB all 1\r\nSUB some q 2\r\nPING\r\n',
      );
      assertMatch(await client.readTo("PONG\r\n"), /^INFO \{.*\} \r\nPONG/);
    });
    assertEquals(server.state.clients.count, COUNT);

    const publisher = await RawClient.connect(server);
    await publisher.send('CONNECT {"verbose":false}\r\n');
    await publisher.send("PUB all 5\r\nfirst\r\nPUB all 6\r\nsecond\r\n");
    assertEquals(await publisher.flush(30_000), "");
    const expected = "MSG all 1 5\r\nfirst\r\nMSG all 1 6\r\nsecond\r\n";
    await all(async (client) => {
      assertEquals(await client.readTo("second\r\n"), expected);
    });
    // A group of ten thousand: each message goes to one of them.
    const before = server.state.counters.messagesOut;
    await publisher.send("PUB some 2\r\nhi\r\n".repeat(100));
    await publisher.flush();
    assertEquals(server.state.counters.messagesOut - before, 100);

    await using excess = new RawClient(server.connectInProcess());
    assertMatch(
      await excess.expectEnd(),
      /-ERR 'maximum connections exceeded'\r\n$/,
    );
    for (const client of clients) client.close();
    const deadline = performance.now() + 30_000;
    while (server.state.clients.count > 1) {
      assert(performance.now() < deadline, `${server.state.clients.count}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await publisher.send("PUB all 0\r\n\r\n");
    assertEquals(await publisher.flush(), "");
    await publisher.close();
    await server.shutdown();
  },
);
