import { assert } from "@std/assert";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

Deno.test("a PONG that nobody asked for makes no endless round-trip time", async () => {
  await withServer("", async (server) => {
    await using client = await RawClient.connect(server);
    await client.send('PONG\r\nCONNECT {"verbose":false}\r\nPONG\r\n');
    await client.flush();
    for (const { keepalive } of server.state.clients.open()) {
      assert(Number.isFinite(keepalive.rtt), `${keepalive.rtt}`);
    }
  });
});
