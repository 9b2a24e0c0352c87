/**
 * Clients with very many subscriptions.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const MANY = 20_000;

const subscribe = (prefix: string) =>
  Array.from({ length: MANY }, (_, i) => `SUB ${prefix}.${i} ${i}\r\n`)
    .join("");

Deno.test("a flood of SUBs takes turns with everything else", async () => {
  await withServer("", async (server) => {
    await using client = await RawClient.connect(server);
    const { subscriptions } = server.state.accounts.global;
    const before = subscriptions.count;
    const seen = new Set<number>();
    const look = setInterval(() => seen.add(subscriptions.count), 0);
    await client.send('CONNECT {"verbose":false}\r\n' + subscribe("a"));
    assertEquals(await client.flush(), "");
    clearInterval(look);
    assertEquals(subscriptions.count, before + MANY);
    assertGreater(seen.size, 3);
  });
});

Deno.test("very many subscriptions end at once and are cleared away bit by bit", async () => {
  await withServer("", async (server) => {
    const { subscriptions } = server.state.accounts.global;
    const before = subscriptions.count;
    await using requestor = await RawClient.connect(server);
    await requestor.send(
      'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n' +
        "SUB reply 1\r\n",
    );
    await requestor.flush();
    await using client = await RawClient.connect(server);
    await client.send('CONNECT {"verbose":false}\r\n' + subscribe("a"));
    await client.flush();
    // A second CONNECT drops them, and the same sids serve again at once.
    await client.send('CONNECT {"verbose":false}\r\nSUB b 1\r\nPING\r\n');
    await client.expect(/PONG\r\n/);
    assertGreater(subscriptions.count, before + 2);
    await requestor.send(`PUB a.${MANY - 1} reply 0\r\n\r\nPUB b 0\r\n\r\n`);
    await requestor.expect(/HMSG reply 1 [^]*503/);
    assertEquals(await client.flush(), "MSG b 1 0\r\n\r\n");
    await client.close();
    while (subscriptions.count > before + 1) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
});
